import { setTimeout as delay } from 'node:timers/promises';
import { makeOpenAIModel } from '../../../../lib/adapters/openai/model.ts';
import { systemClock, systemReadings } from '../../../../lib/adapters/system.ts';
import { type GenerationTask, generateOne } from '../../../../lib/generate/generate-one.ts';
import { UNKNOWN_PRICES } from '../../../../lib/pricing/prices.ts';
import type { Generation } from '../../../../lib/runs/generation.ts';
import { encodeOutput } from '../../../../lib/runs/output-object.ts';
import { makeServer } from '../../../../lib/sampling/server.ts';
import { reportedRequest, type Setting } from '../../../../lib/sampling/setting.ts';
import type { Shape } from '../answers.ts';
import { askedBy, type MakeReader, PROMPT } from '../reader.ts';
import type { Addresses } from '../server-process.ts';

/** The part of a run's listener that hears of a generation's stream. */
type Listener = Pick<GenerationTask, 'onChunk' | 'onCall' | 'onFinish'>;

/** Generates one output and makes its record, as generateAndSave of lib/lifecycle/outputs.ts does before it saves that. */
export type Generate = (shape: Shape, listener?: Listener) => Promise<Generation>;

/** Makes the generation of runs against the model server. @throws {Error} when a generation fails */
export const makeGenerate = ({ models }: Addresses): Generate => {
  const model = makeOpenAIModel({
    apiKey: 'bench',
    baseURL: models,
    clock: systemClock,
    readings: systemReadings,
  });
  const deps = {
    ...{ model, clock: systemClock, prices: UNKNOWN_PRICES, random: Math.random, coldStart: false },
    sleep: (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }),
  };
  // vLLM is asked for the usage so far.
  const servers = {
    chat: makeServer(models, { kind: 'other' }),
    usage: makeServer(models, { kind: 'vllm' }),
    responses: makeServer(models, { kind: 'other', api: 'responses' }),
  };
  return async (shape, listener = {}) => {
    const setting: Setting = { label: 'default', model: shape, maxTokens: 1024, ...settingOf(shape) };
    const server = shape === 'usage' || shape === 'responses' ? servers[shape] : servers.chat;
    const { generation, trace } = await generateOne(
      {
        ...{ setting, index: 0, sample: 0, ...listener },
        messages: [{ role: 'user', content: PROMPT }],
        signal: new AbortController().signal,
      },
      { ...deps, server },
    );
    if (generation.error) throw new Error(`the generation failed: ${generation.error.message}`);
    encodeOutput({ run_id: 'run_bench', generation, trace }, reportedRequest(setting));
    return generation;
  };
};

const settingOf = (shape: Shape): Partial<Setting> => {
  const { logprobs, top_logprobs: topLogprobs, tools } = askedBy(shape);
  return {
    ...(logprobs && { logprobs }),
    ...(topLogprobs && { topLogprobs }),
    ...(tools && { tools }),
  };
};

export const charsOf = ({ text, tool_calls: [call] = [] }: Generation): number =>
  (text ?? '').length + (call?.type === 'function' ? call.function.arguments.length : 0);

export const makeReader: MakeReader = (addresses) => {
  const generate = makeGenerate(addresses);
  return async (shape) => charsOf(await generate(shape));
};
