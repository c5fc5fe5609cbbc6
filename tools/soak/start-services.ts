import { join, resolve } from 'node:path';
import { seededRandom } from '../../local/model/random.ts';
import { startOpenaiProcess } from '../../local/openai/start-process.ts';
import { startPinecone } from '../../local/pinecone/server.ts';
import { type FaultProxy, type MadeAnswer, startFaultProxy } from './fault-proxy.ts';
import { drawModelAnswer, type ModelAnswer, POISON } from './fuzz/draw-model-answer.ts';

/** The local Pinecone itself, without a proxy, and its key. */
export type PineconeAccess = { url: string; apiKey: string };

export type Services = {
  /** Environment variables that point the stack at the proxies. */
  variables: Record<string, string>;
  pinecone: PineconeAccess;
  proxies: { openai: FaultProxy; pinecone: FaultProxy };
  setFaults(active: boolean): void;
  /** Turns odd answers of the model server on or off; they start off. */
  setOddAnswers(active: boolean): void;
  /** The odd answers so far, by their completions' ids. */
  oddAnswers: ReadonlyMap<string, ModelAnswer>;
  close(): Promise<void>;
};

const FAULT_RATE = 0.1;
// Shared with other local stacks: the cache is keyed by content and holds no user data.
const MODEL_CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/everytoken/model');

/**
 * Starts the model and vector servers, which survive the stack's kills, each behind a proxy that fails a tenth of the
 * requests.
 */
export const startServices = async (
  folder: string,
  { seed, oddAnswerRate }: { seed: number; oddAnswerRate: number },
): Promise<Services> => {
  const openai = await startOpenaiProcess({ pace: 0, cacheDir: MODEL_CACHE });
  const pinecone = await startPinecone({ file: join(folder, 'vectors.sqlite') });
  const odd = makeOddAnswers(seed, oddAnswerRate);
  const proxyOf = (upstream: string, stream: number) => ({
    ...{ upstream, rate: FAULT_RATE, random: seededRandom(seed, stream) },
  });
  const model = { ...proxyOf(new URL(openai.url).origin, 1), answerInstead: odd.answer };
  const proxies = {
    openai: await startFaultProxy(model),
    pinecone: await startFaultProxy(proxyOf(pinecone.url, 2)),
  };
  return {
    variables: {
      OPENAI_BASE_URL: `${proxies.openai.url}/v1`,
      OPENAI_API_KEY: openai.apiKey,
      DEFAULT_MODEL: 'everytoken-ngram',
      EMBEDDING_MODEL: 'everytoken-use',
      PINECONE_CONTROLLER_HOST: proxies.pinecone.url,
      PINECONE_API_KEY: pinecone.apiKey,
    },
    pinecone,
    proxies,
    setFaults: (active) => {
      for (const proxy of Object.values(proxies)) proxy.setActive(active);
    },
    setOddAnswers: odd.setActive,
    oddAnswers: odd.given,
    close: async () => {
      for (const server of [proxies.openai, proxies.pinecone, openai, pinecone]) await server.close();
    },
  };
};

/**
 * Answers a share of the requests for a chat completion oddly, in place of the model server, and refuses to embed a text
 * that an odd answer has poisoned.
 */
const makeOddAnswers = (seed: number, rate: number) => {
  const random = seededRandom(seed, 4);
  const given = new Map<string, ModelAnswer>();
  let isActive = false;
  return {
    given,
    setActive: (active: boolean) => {
      isActive = active;
    },
    answer: ({ url, body }: { url: string; body: Buffer }): MadeAnswer | undefined => {
      if (url.endsWith('/embeddings') && body.includes(POISON)) return REFUSED_EMBEDDING;
      if (!isActive || !url.endsWith('/chat/completions') || random() >= rate) return undefined;
      const made = drawModelAnswer(seed, given.size);
      given.set(made.id, made);
      return made;
    },
  };
};

const REFUSED_EMBEDDING: MadeAnswer = {
  status: 400,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(
    JSON.stringify({ error: { message: 'the input is refused', type: 'invalid_request_error', code: null } }),
  ),
};
