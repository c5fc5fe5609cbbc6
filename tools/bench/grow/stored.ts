import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { outputKey, vectorId } from '../../../lib/runs/keys.ts';
import type { Run } from '../../../lib/runs/run.ts';
import { vectorMetadata } from '../../../lib/vectors/metadata.ts';
import { ownMetadata } from '../../../lib/vectors/own-vectors.ts';
import { namespaceOf } from '../../../lib/vectors/ports.ts';
import type { LocalAws } from '../../../local/aws/start-aws.ts';
import { parseIndexDefinition } from '../../../local/pinecone/index-definition.ts';
import { measured } from '../../../local/pinecone/similarity.ts';
import { openVectorStore } from '../../../local/pinecone/vector-store.ts';
import { localAwsClients } from '../../local-aws-clients.ts';
import { drawRuns, type Spread, seedRuns } from '../../scale/grow/seed-runs.ts';
import { sumUsage } from '../../scale/grow/sum-usage.ts';
import { drawnOutput } from '../export/drawn-runs.ts';
import { DIMENSIONS, drawnVector, drawnWords } from '../files/drawn-content.ts';

export const CALLER = 'local';
const DEPLOYMENT = 'bench';
const EMBEDDING_MODEL = 'text-embedding-3-small';
const INDEX = 'autogen-text';
const PREFIX = 'bench:';
/** The namespace of the seeded vectors. */
export const NAMESPACE = namespaceOf(PREFIX, EMBEDDING_MODEL, CALLER);

/** Variables with which a stack on a seeded folder finds the seeded vectors. */
export const VARIABLES = {
  ...{ DEPLOYMENT_ID: DEPLOYMENT, PINECONE_NAMESPACE: PREFIX, PINECONE_INDEX: INDEX },
  EMBEDDING_MODEL,
};

const WORDS = 77;
const VECTORS_A_WRITE = 500;
const OBJECTS_AT_ONCE = 8;

/** The vector of a run's output. One in a hundred has the word that the measured search looks up. */
const vectorOf = ({ id, createdAt, model }: Run, at: number) => {
  const text = `${drawnWords(id, WORDS).join('').slice(1)}${at % 100 === 0 ? ' HNSW' : ''}`;
  const metadata = vectorMetadata({
    runId: id,
    model,
    metadata: {},
    createdAt: Date.parse(createdAt),
    chunk: { index: 0, text },
    generation: {
      ...{ index: 0, label: 'default', model, timing: null, cost_usd: 0.0000394 },
      usage: { prompt_tokens: 9, completion_tokens: WORDS, reasoning_tokens: 0, cached_tokens: 0 },
    },
  });
  return {
    id: vectorId(id, 0, 0),
    metadata: ownMetadata(metadata, DEPLOYMENT),
    ...measured(drawnVector(id)),
  };
};

/** Writes a vector for each run into a data folder of which no stack runs. */
export const storeVectors = (dataDir: string, spread: Spread): void => {
  mkdirSync(join(dataDir, 'pinecone'), { recursive: true });
  const store = openVectorStore(join(dataDir, 'pinecone', 'vectors.sqlite'));
  try {
    const spec = { serverless: { cloud: 'aws', region: 'us-east-1' } };
    store.create(parseIndexDefinition({ name: INDEX, dimension: DIMENSIONS, metric: 'cosine', spec }));
    const index = store.get(INDEX);
    const waiting: ReturnType<typeof vectorOf>[] = [];
    for (const [at, run] of [...drawRuns(spread)].entries()) {
      waiting.push(vectorOf(run, at));
      if (waiting.length === VECTORS_A_WRITE) index.upsert(NAMESPACE, waiting.splice(0));
    }
    if (waiting.length > 0) index.upsert(NAMESPACE, waiting);
  } finally {
    store.close();
  }
};

/** Stores the runs in a running stack, sums their usage, and stores the outputs of the newest `outputs` runs. */
export const storeRuns = async (
  aws: Pick<LocalAws, 'dynamodb' | 's3' | 'sqs' | 'table' | 'buckets' | 'credentials'>,
  spread: Spread,
  outputs: number,
): Promise<void> => {
  const { dynamodb, s3, destroy } = localAwsClients(aws, aws);
  try {
    const table = { client: dynamodb, table: aws.table ?? '' };
    await seedRuns(table, spread);
    await sumUsage(table, spread.caller, spread.from);
    const newest = [...drawRuns(spread)].slice(-outputs);
    const put = async ({ id, generations: [figures] }: Run) => {
      const Key = outputKey(id, 0, figures?.lease ?? '');
      await s3.send(new PutObjectCommand({ Bucket: aws.buckets.ContentBucket, Key, Body: drawnOutput(id) }));
    };
    const worker = async () => {
      for (let run = newest.pop(); run; run = newest.pop()) await put(run);
    };
    await Promise.all(Array.from({ length: OBJECTS_AT_ONCE }, worker));
  } finally {
    destroy();
  }
};
