import { computed, signal } from '@preact/signals';
import { ApiError, createClient, type Everytoken } from '../client/index.ts';
import { store, stored } from './stored.ts';

const KEY = 'everytoken.key';

/** The API stands beside the page: at the same stage, behind the same proxy. Ends in a slash. */
export const baseUrl = new URL('.', document.baseURI).href;

/** The API key, kept until this tab is closed and never longer; empty where the API asks for none. */
export const apiKey = signal(stored('sessionStorage', KEY) ?? '');

/** Rises when one key replaces another: what was read by the former one is not for the reader of the latter. */
export const reader = signal(0);

/** Whether the API asked for a key, or refused this one. */
export const isKeyWanted = signal<'missing' | 'refused' | undefined>(undefined);

export const useKey = (key: string): void => {
  store('sessionStorage', KEY, key === '' ? null : key);
  isKeyWanted.value = undefined;
  const before = apiKey.peek();
  if (before !== '' && before !== key) reader.value += 1;
  apiKey.value = key;
};

/** The browser's fetch. It notes a refused key wherever that happens, so that one dialog asks for it. */
const fetchNotingKeys: typeof fetch = async (...request) => {
  const response = await fetch(...request);
  if (response.url.startsWith(baseUrl)) noteStatus(response.status);
  return response;
};

const noteStatus = (status: number): void => {
  if (status === 401) isKeyWanted.value = 'missing';
};

const clientBy = (send: typeof fetch): Everytoken =>
  createClient({ baseUrl, apiKey: apiKey.value === '' ? undefined : apiKey.value, fetch: send });

const client = computed(() => clientBy(fetchNotingKeys));

/** The client of the API, with the present key. Components that call it are drawn again for another key. */
export const everytoken = (): Everytoken => client.value;

/** The same, whose requests go through what `wrap` makes of the usual fetch: an upload tells its progress so. */
export const everytokenBy = (wrap: (usual: typeof fetch) => typeof fetch): Everytoken =>
  clientBy(wrap(fetchNotingKeys));

/** Whether the key is unknown or disabled. An operator's key is refused texts, and a caller's key the operator's routes. */
export const isRefusedKey = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 403 && error.code === 'forbidden';
