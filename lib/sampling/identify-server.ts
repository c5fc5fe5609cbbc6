import { own } from '../json/value.ts';
import { kindOf, type Server, type ServerKind } from './server.ts';

/** A model in a server's list. `ownedBy` is often the name of the server software; `shutdownDate` is ISO 8601. */
export type ListedModel = { id: string; ownedBy: string | null; shutdownDate: string | null };

/**
 * The port of a server's own list of models. Rejects when `signal` aborts.
 *
 * @throws {UpstreamError} when the server gives no list
 * @throws {ConfigurationError} when the configuration keeps the server from giving one, such as a wrong key
 */
export type ModelList = (signal: AbortSignal) => Promise<ListedModel[]>;

/** Values of `owned_by` that server software writes into every model it lists. */
const OWNERS: Record<string, ServerKind> = {
  vllm: 'vllm',
  llamacpp: 'llama.cpp',
  library: 'ollama',
  everytoken: 'everytoken',
};

/** The kind of server behind a list of models; undefined unless all models with an owner name the same known one. */
export const kindOfList = (models: readonly ListedModel[]): ServerKind | undefined => {
  const owners = new Set(models.flatMap(({ ownedBy }) => (ownedBy === null ? [] : [ownedBy])));
  const [owner, ...others] = owners;
  return owner !== undefined && others.length === 0 ? own(OWNERS, owner) : undefined;
};

const TIMEOUT_MS = 2_000;

const RETRY_AFTER_MS = 60_000;

/**
 * Identifies a server by its list of models when neither host nor configuration gives its kind, and sets `server.kind`.
 * One request per process; a failed one is retried after a minute. Concurrent callers share one request. Never
 * rejects: a server that cannot be identified stays unknown.
 */
export const makeIdentify = (server: Server, list: ModelList, now: () => number) => {
  let lookup: { answer: Promise<void>; until: number } | undefined;
  const ask = async (): Promise<void> => {
    try {
      server.kind = kindOfList(await list(AbortSignal.timeout(TIMEOUT_MS)));
    } catch {
      if (lookup) lookup.until = now() + RETRY_AFTER_MS;
    }
  };
  return async (model: string): Promise<void> => {
    if (kindOf(server, model) !== 'other' || server.kind === 'other') return;
    if (lookup === undefined || now() >= lookup.until) {
      lookup = { answer: Promise.resolve(), until: Number.POSITIVE_INFINITY };
      lookup.answer = ask();
    }
    await lookup.answer;
  };
};
