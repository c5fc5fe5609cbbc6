import { join, resolve } from 'node:path';
import { seededRandom } from '../../local/model/random.ts';
import { startOpenaiProcess } from '../../local/openai/start-process.ts';
import { startPinecone } from '../../local/pinecone/server.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';

export type Services = {
  /** Environment variables that point the stack at the proxies. */
  variables: Record<string, string>;
  /** The address of the local Pinecone itself, without the proxy. */
  pinecone: string;
  proxies: { openai: FaultProxy; pinecone: FaultProxy };
  setFaults(active: boolean): void;
  close(): Promise<void>;
};

const FAULT_RATE = 0.1;
// Shared with other local stacks: the cache is keyed by content and holds no user data.
const MODEL_CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/everytoken/model');

/**
 * Starts the model and vector servers, which survive the stack's kills, each behind a proxy that fails a tenth of the
 * requests.
 */
export const startServices = async (folder: string, seed: number): Promise<Services> => {
  const openai = await startOpenaiProcess({ pace: 0, cacheDir: MODEL_CACHE });
  const pinecone = await startPinecone({ file: join(folder, 'vectors.sqlite') });
  const proxyOf = (upstream: string, stream: number) =>
    startFaultProxy({ upstream, rate: FAULT_RATE, random: seededRandom(seed, stream) });
  const proxies = {
    openai: await proxyOf(new URL(openai.url).origin, 1),
    pinecone: await proxyOf(pinecone.url, 2),
  };
  return {
    variables: {
      OPENAI_BASE_URL: `${proxies.openai.url}/v1`,
      DEFAULT_MODEL: 'everytoken-ngram',
      EMBEDDING_MODEL: 'everytoken-use',
      PINECONE_CONTROLLER_HOST: proxies.pinecone.url,
    },
    pinecone: pinecone.url,
    proxies,
    setFaults: (active) => {
      for (const proxy of Object.values(proxies)) proxy.setActive(active);
    },
    close: async () => {
      for (const server of [proxies.openai, proxies.pinecone, openai, pinecone]) await server.close();
    },
  };
};
