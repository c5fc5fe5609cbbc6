import { PutObjectCommand } from '@aws-sdk/client-s3';
import { localAwsClients } from '../../local-aws-clients.ts';
import { startMeter } from '../../scale/measure/meter.ts';
import { type MeteredStack, startMeteredStack } from '../../scale/measure/metered-stack.ts';
import { between } from '../../scale/measure/meters.ts';
import type { Counts } from '../../scale/measured.ts';
import { startChild } from '../child.ts';
import type { Jobs } from './peer-process.ts';
import { PEERS, type Peer, type Services } from './peers/services.ts';
import { promptFile } from './prompts.ts';

export const CONTENDERS = ['everytoken', ...PEERS] as const;
export type Contender = (typeof CONTENDERS)[number];

/** Starts a program that does its jobs without everytoken. */
export const startPeer = (peer: Peer, services: Services) =>
  startChild<Jobs, { pid: number }>(
    new URL('./peer-process.ts', import.meta.url),
    JSON.stringify({ peer, ...services }),
  );

/** The model server that all contenders ask. */
export type ModelServer = { url: string; pid: number; model: string };
export const EMBEDDING_MODEL = 'text-embedding-3-small';

/** Variables with which everytoken uses the model server, and no other. */
export const variablesOf = ({ url, model }: Pick<ModelServer, 'url' | 'model'>) => ({
  ...{ OPENAI_BASE_URL: url, OPENAI_API_KEY: 'bench', DEFAULT_MODEL: model },
  ...{ EMBEDDING_BASE_URL: url, EMBEDDING_API_KEY: 'bench', EMBEDDING_MODEL },
});

/**
 * Counts the requests that a run sends to each service, and the units it takes, by meters in front of them: averages of
 * `runs` runs of each contender. Runs of everytoken are lines of one prompt file, and the rest of the file's work is
 * shared among them, as are the batches of embed. One request runs at a time.
 */
export const countCalls = async (
  dataDir: string,
  { url, model }: ModelServer,
  runs: number,
): Promise<Record<Contender, Counts>> => {
  let stack: MeteredStack | undefined;
  const models = await startMeter(new URL(url).origin, {
    note: ({ path }) => {
      const route = path.split('/').at(-1) ?? '';
      stack?.tally.add(`openai.${route}`, 1);
    },
  });
  const openai = `${models.url}/v1`;
  try {
    stack = await startMeteredStack(dataDir, { environment: variablesOf({ url: openai, model }) });
    const { aws, tally, drain, metered } = stack;
    const put = async (first: number, lines: number) => {
      const { s3, destroy } = localAwsClients(aws, aws);
      const file = { Key: `prompts/@local/${first}.jsonl`, Body: promptFile(first, lines) };
      await s3.send(new PutObjectCommand({ Bucket: aws.buckets.ContentBucket, ...file }));
      destroy();
      await drain({ together: true });
    };
    const services: Services = {
      ...{ openai, model, embeddingModel: EMBEDDING_MODEL, pinecone: metered.pinecone },
      ...{ dynamodb: metered.dynamodb, s3: metered.s3, table: aws.table ?? '' },
      ...{ bucket: Object.values(aws.buckets)[0] ?? '', credentials: aws.credentials },
    };
    const counted = async (jobs: (first: number, runs: number) => Promise<unknown>, first: number) => {
      await jobs(first, 1); // starts processes, and reads what they keep
      const before = tally.read();
      await jobs(first + 1, runs);
      return between(before, tally.read(), runs);
    };
    const counts: Partial<Record<Contender, Counts>> = { everytoken: await counted(put, 0) };
    for (const [at, peer] of PEERS.entries()) {
      const child = startPeer(peer, services);
      const ask = (first: number, runs: number) => child.ask({ first, runs, atOnce: 1 });
      counts[peer] = await counted(ask, (at + 1) * 1_000_000);
      await child.end();
    }
    return counts as Record<Contender, Counts>;
  } finally {
    await stack?.close();
    await models.close();
  }
};
