import { own } from '../json/value.ts';
import type { CatalogueRow, ModelApi } from './catalogue-row.ts';

/**
 * Kinds of model servers. `openai`: api.openai.com and its regional hosts; `everytoken`: our own local model;
 * `other`: a server that neither host, list of models nor configuration identifies.
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
 * A model server as one process knows it. It lives as long as the process, so that a field which the server refuses
 * costs one failed request only.
 */
export type Server = {
  readonly baseUrl: string;
  /** Body fields that the server has refused so far, by model. */
  readonly refused: Map<string, Set<string>>;
  /** The operator's overrides for its models, least specific first. */
  readonly rows: readonly CatalogueRow[];
  /** The API of its models, where the operator has set one for all of them. */
  readonly api?: ModelApi | undefined;
  /** As configured or identified; undefined until then. */
  kind: ServerKind | undefined;
};

export const makeServer = (
  baseUrl: string,
  {
    kind,
    rows = [],
    api,
  }: {
    kind?: ServerKind | undefined;
    rows?: readonly CatalogueRow[];
    api?: ModelApi | undefined;
  } = {},
): Server => ({ baseUrl, refused: new Map(), rows, api, kind });

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
  return own(HOSTS, host);
};

/** Whether a URL is OpenAI's own; false for an invalid URL. */
export const isOpenAI = (baseUrl: string): boolean => {
  const host = URL.parse(baseUrl)?.hostname;
  return host === 'api.openai.com' || (host?.endsWith('.api.openai.com') ?? false);
};

/** Whether a server supports `stream_options.continuous_usage_stats`: the usage so far in every chunk. */
export const hasContinuousUsage = (kind: ServerKind): boolean => kind === 'vllm' || kind === 'everytoken';

const NAMES: Partial<Record<ServerKind, string>> = {
  openai: 'api.openai.com',
  groq: 'api.groq.com',
  openrouter: 'openrouter.ai',
  together: 'api.together.xyz',
  vllm: 'vLLM',
  ollama: 'Ollama',
};

/** The name of a server in warnings. */
export const serverName = (kind: ServerKind): string => NAMES[kind] ?? 'this server';

/** A model's destination: its server, the provider's configured name (null: the default), its name there. */
type Route = { provider: string | null; server: Server; model: string };

export type RouteOf = (model: string) => Route;

/** Names that requests may give, and the models that they stand for, both as a run writes them. */
export type ModelAliases = ReadonlyMap<string, string>;

/**
 * Routes models to servers. `provider/model` goes to that provider if it is configured; any other name goes to the
 * default server unchanged, slashes included. An alias goes where its model goes; it never stands for another alias.
 *
 * @example
 * const routeOf = makeRouteOf(standard, new Map([['groq', groq]]));
 * routeOf('groq/llama-3') // { provider: 'groq', server: groq, model: 'llama-3' }
 * routeOf('meta/llama-3') // { provider: null, server: standard, model: 'meta/llama-3' }
 */
export const makeRouteOf =
  (standard: Server, providers: ReadonlyMap<string, Server>, aliases: ModelAliases = new Map()): RouteOf =>
  (named) => {
    const model = aliases.get(named) ?? named;
    const slash = model.indexOf('/');
    const provider = model.slice(0, Math.max(0, slash));
    const server = providers.get(provider);
    const name = model.slice(slash + 1);
    return server === undefined || name === ''
      ? { provider: null, server: standard, model }
      : { provider, server, model: name };
  };

/**
 * The model that a name stands for, as runs count and are found by it: `provider/model` for a configured provider, else the
 * name at the default server. Two names that lead to one model of one server give one.
 */
export const trueModel = (routeOf: RouteOf, named: string): string => {
  const { provider, model } = routeOf(named);
  return modelId(provider, model);
};

/** A model's name as a run writes it: the inverse of `RouteOf`, but for aliases. */
export const modelId = (provider: string | null, model: string): string =>
  provider === null ? model : `${provider}/${model}`;
