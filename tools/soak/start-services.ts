import { join, resolve } from 'node:path';
import { seededRandom } from '../../local/model/random.ts';
import { startOpenaiProcess } from '../../local/openai/start-process.ts';
import { startPinecone } from '../../local/pinecone/server.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';

export type Services = {
  /** What the stack is to be told, so that it comes through the proxies. */
  variables: Record<string, string>;
  /** The local Pinecone itself, past its proxy. */
  pinecone: string;
  proxies: { openai: FaultProxy; pinecone: FaultProxy };
  setFaults(active: boolean): void;
  close(): Promise<void>;
};

const FAULT_RATE = 0.1;
// The stack's own place: by content, so nothing of a user's can be in it.
const MODEL_CACHE = resolve(import.meta.dirname, '../../node_modules/.cache/everytoken/model');

/** The model and vector servers that outlive the stack's deaths, each behind a proxy that lets a tenth fail. */
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
