import type { CatalogueRow } from './catalogue-row.ts';

/**
 * What a model server is. `openai`: api.openai.com and its regional hosts; `everytoken`: our own local model;
 * `other`: anything that neither its host, its list of models nor the configuration tells.
 */
export const SERVER_KINDS = [
  'openai',
  'groq',
  'openrouter',
  'together',
  'vllm',
  'llama.cpp',
  'ollama',
  'everytoken',
  'other',
] as const;

export type ServerKind = (typeof SERVER_KINDS)[number];

/**
 * A model server as a process knows it: its address, the body fields it has refused so far, by model, and what it is
 * where that is configured or was learnt. One lives as long as the process, so a refusal is paid for once.
 */
export type Server = {
  readonly baseUrl: string;
  readonly refused: Map<string, Set<string>>;
  /** What the operator says of its models, least specific first. */
  readonly rows: readonly CatalogueRow[];
  kind: ServerKind | undefined;
};

export const makeServer = (
  baseUrl: string,
  { kind, rows = [] }: { kind?: ServerKind | undefined; rows?: readonly CatalogueRow[] } = {},
): Server => ({ baseUrl, refused: new Map(), rows, kind });

const LOCAL_MODEL = 'everytoken-ngram';

export const kindOf = ({ baseUrl, kind }: Pick<Server, 'baseUrl' | 'kind'>, model: string): ServerKind => {
  const byHost = kindOfHost(baseUrl);
  if (byHost !== undefined) return byHost;
  if (kind !== undefined) return kind;
  return model === LOCAL_MODEL ? 'everytoken' : 'other';
};

const HOSTS: Record<string, ServerKind> = {
  'api.openai.com': 'openai',
  'api.groq.com': 'groq',
  'openrouter.ai': 'openrouter',
  'api.together.xyz': 'together',
};

const kindOfHost = (baseUrl: string): ServerKind | undefined => {
  if (isOpenAI(baseUrl)) return 'openai';
  const host = URL.parse(baseUrl)?.hostname ?? '';
  return Object.hasOwn(HOSTS, host) ? HOSTS[host] : undefined;
};

/** Whether an address is OpenAI's own; false for what is no address at all. */
export const isOpenAI = (baseUrl: string): boolean => {
  const host = URL.parse(baseUrl)?.hostname;
  return host === 'api.openai.com' || (host?.endsWith('.api.openai.com') ?? false);
};

/** Servers that send the usage so far with every chunk when asked by `stream_options.continuous_usage_stats`. */
export const hasContinuousUsage = (kind: ServerKind): boolean => kind === 'vllm' || kind === 'everytoken';

const NAMES: Partial<Record<ServerKind, string>> = {
  openai: 'api.openai.com',
  groq: 'api.groq.com',
  openrouter: 'openrouter.ai',
  together: 'api.together.xyz',
  vllm: 'vLLM',
  ollama: 'Ollama',
};

/** What a warning calls a server of this kind. */
export const serverName = (kind: ServerKind): string => NAMES[kind] ?? 'this server';

/** Where a model of a run is asked for: the server, its configured name (null: the default one), the model's name there. */
type Route = { provider: string | null; server: Server; model: string };

export type RouteOf = (model: string) => Route;

/**
 * Finds the server of a model: `provider/model` is that provider's, where one of that name is configured; any other
 * name goes to the default server as it is, slashes included.
 */
export const makeRouteOf =
  (standard: Server, providers: ReadonlyMap<string, Server>): RouteOf =>
  (model) => {
    const slash = model.indexOf('/');
    const provider = model.slice(0, Math.max(0, slash));
    const server = providers.get(provider);
    const name = model.slice(slash + 1);
    return server === undefined || name === ''
      ? { provider: null, server: standard, model }
      : { provider, server, model: name };
  };

/** A model's name as one would write it in a run. */
export const modelId = (provider: string | null, model: string): string =>
  provider === null ? model : `${provider}/${model}`;
