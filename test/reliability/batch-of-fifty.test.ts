import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeOpenAIEmbedder } from '../../lib/adapters/openai/embedder.ts';
import { makePineconeIndex } from '../../lib/adapters/pinecone/vector-index.ts';
import { embedBatch } from '../../lib/embed/embed-batch.ts';
import { makeStartRun } from '../../lib/lifecycle/start.ts';
import { ownVectors } from '../../lib/vectors/own-vectors.ts';
import type { Embedder } from '../../lib/vectors/ports.ts';
import { seededRandom } from '../../local/model/random.ts';
import { type OpenaiServer, startOpenai } from '../../local/openai/server.ts';
import { type PineconeServer, startPinecone } from '../../local/pinecone/server.ts';
import { type Exchange, type Meter, startMeter } from '../../tools/scale/measure/meter.ts';
import { makeGenerateOne } from '../factories/generation.ts';
import { makeMemoryEmbedder } from '../memory/embedder.ts';
import { makeWorld } from '../memory/world.ts';

const RUNS = 50;
const DIMENSIONS = 1536;
/** The most bytes of a chunk, of which each run has one. */
const CHUNK = 2_000;

let openai: OpenaiServer;
let pinecone: PineconeServer;
const meters: Meter[] = [];

beforeAll(async () => {
  openai = await startOpenai({ pace: 0, languageModel: false });
  pinecone = await startPinecone({ file: ':memory:' });
});
afterAll(async () => {
  for (const part of [...meters, openai, pinecone]) await part?.close();
});

/** Counts the requests to a service, by their path, with the number of texts or vectors in each. */
const metered = async (upstream: string, counts: Record<string, number[]>): Promise<string> => {
  const note = ({ path, body }: Exchange) => {
    const { pathname, searchParams } = new URL(path, 'http://any');
    const { input = [], vectors = [] } = body.length > 0 ? JSON.parse(body.toString()) : {};
    const count = input.length + vectors.length + searchParams.getAll('ids').length;
    const name = pathname.replace(/^\/(?:v1|data\/[^/]+)\//, '');
    if (!name.startsWith('/indexes')) counts[name] = [...(counts[name] ?? []), count];
  };
  const meter = await startMeter(new URL(upstream).origin, { note });
  meters.push(meter);
  return meter.url;
};

/** Embeds fifty runs, each with an output of so many bytes, in one batch. Returns the requests to both services. */
const requestsOf = async (bytes: number, embedderAt: (url: string) => Embedder) => {
  const counts: Record<string, number[]> = {};
  const embedder = embedderAt(`${await metered(openai.url, counts)}/v1`);
  const index = makePineconeIndex({
    ...{ apiKey: pinecone.apiKey, controllerHost: await metered(pinecone.url, counts) },
    ...{ indexName: 'autogen-text', dimension: DIMENSIONS },
  });
  const world = makeWorld({
    generateOne: makeGenerateOne(({ messages }) =>
      `${messages[0]?.content}: `.padEnd(bytes, 'a vector index '),
    ),
  });
  const metadata = Object.fromEntries(Array.from({ length: 16 }, (_, at) => [`key-${at}`, 'v'.repeat(64)]));
  for (let at = 0; at < RUNS; at += 1) {
    const started = await makeStartRun(world.deps)({ prompt: `Run ${at}`, metadata }, { caller: 'docs' });
    if (started.kind === 'started') await started.done;
  }
  const deps = { ...world.deps, embedder, vectors: ownVectors(index, 'here') };
  expect(await embedBatch(world.generatedEvents(), deps)).toEqual(new Map());
  expect([...world.runs.runs.values()].map(({ status }) => status)).toEqual(Array(RUNS).fill('completed'));
  return counts;
};

test('fifty runs take one embeddings request and one upsert of the official SDKs', async () => {
  const counts = await requestsOf(300, (baseUrl) =>
    makeOpenAIEmbedder({ apiKey: openai.apiKey, baseUrl, model: 'everytoken-use', dimensions: DIMENSIONS }),
  );
  expect(counts).toEqual({
    embeddings: [RUNS],
    'vectors/fetch': [RUNS],
    'vectors/upsert': [RUNS],
  });
});

test('fifty of the largest chunks, with vectors of long numbers and metadata, fit into both requests', async () => {
  const random = seededRandom(1);
  const memory = makeMemoryEmbedder();
  const counts = await requestsOf(CHUNK, () => ({
    ...{ model: 'random', dimensions: DIMENSIONS },
    embed: async (texts) => ({
      ...(await memory.embed(texts)),
      vectors: texts.map(() => Float32Array.from({ length: DIMENSIONS }, () => (random() - 0.5) / 1_000)),
    }),
  }));
  expect(memory.requests.map(({ length }) => length)).toEqual([RUNS]);
  expect(counts['vectors/upsert']).toEqual([RUNS]);
});
