import { kindOf, type Server, type ServerKind } from './server.ts';

/** A model as its server lists it; `ownedBy` is often the server's own name, `shutdownDate` ISO 8601. */
export type ListedModel = { id: string; ownedBy: string | null; shutdownDate: string | null };

/**
 * The port of a server's own list of models. Throws `UpstreamError` or `ConfigurationError` when there is none to be
 * had; aborting `signal` rejects.
 */
export type ModelList = (signal: AbortSignal) => Promise<ListedModel[]>;

/** What servers write into `owned_by` of every model they list. */
const OWNERS: Record<string, ServerKind> = {
  vllm: 'vllm',
  llamacpp: 'llama.cpp',
  library: 'ollama',
  everytoken: 'everytoken',
};

/** The kind of server that gives such a list, where all models that name an owner agree on it. */
export const kindOfList = (models: readonly ListedModel[]): ServerKind | undefined => {
  const owners = new Set(models.flatMap(({ ownedBy }) => (ownedBy === null ? [] : [ownedBy])));
  const [owner, ...others] = owners;
  return owner !== undefined && others.length === 0 && Object.hasOwn(OWNERS, owner)
    ? OWNERS[owner]
    : undefined;
};

const LIMIT_MS = 2_000;

const AGAIN_MS = 60_000;

/**
 * Asks a server of which neither host nor configuration tells what it is for its models, and notes what they tell.
 * Once in a process, and again a minute after a failure; who comes meanwhile waits for the same answer. Never rejects:
 * a server that does not say stays unknown.
 */
export const makeIdentify = (server: Server, list: ModelList, now: () => number) => {
  let asked: { answer: Promise<void>; until: number } | undefined;
  const ask = async (): Promise<void> => {
    try {
      server.kind = kindOfList(await list(AbortSignal.timeout(LIMIT_MS)));
    } catch {
      if (asked) asked.until = now() + AGAIN_MS;
    }
  };
  return async (model: string): Promise<void> => {
    if (kindOf(server, model) !== 'other' || server.kind === 'other') return;
    if (asked === undefined || now() >= asked.until) {
      asked = { answer: Promise.resolve(), until: Number.POSITIVE_INFINITY };
      asked.answer = ask();
    }
    await asked.answer;
  };
};
