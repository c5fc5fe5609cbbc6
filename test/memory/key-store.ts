import type { ApiKey, KeyStore } from '../../lib/keys/api-key.ts';
import { copyOf } from './copy.ts';

const order = ({ caller, createdAt, sha256 }: ApiKey): string => `${caller}#${createdAt}#${sha256}`;

/** Items of API keys in a map; a read returns a copy. */
export const makeMemoryKeyStore = (): KeyStore => {
  const keys = new Map<string, ApiKey>();
  return {
    create: async (key) => {
      if (keys.has(key.sha256)) return false;
      keys.set(key.sha256, { ...key });
      return true;
    },
    get: async (sha256) => copyOf(keys.get(sha256)),
    disable: async (sha256) => {
      const key = keys.get(sha256);
      if (key) key.disabled = true;
      return copyOf(key);
    },
    list: async (caller) =>
      copyOf([...keys.values()])
        .filter((key) => caller === undefined || key.caller === caller)
        .sort((a, b) => (order(a) < order(b) ? -1 : 1)),
  };
};
