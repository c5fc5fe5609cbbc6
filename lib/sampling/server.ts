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

export const LOCAL_MODEL = 'everytoken-ngram';

export const makeServer = (
  baseUrl: string,
  { kind, rows = [] }: { kind?: ServerKind | undefined; rows?: readonly CatalogueRow[] } = {},
): Server => ({ baseUrl, refused: new Map(), rows, kind });

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

/** Servers that send the usage so far with every chunk when asked by `stream_options.continuous_usage_stats`. */
export const hasContinuousUsage = (kind: ServerKind): boolean => kind === 'vllm' || kind === 'everytoken';

/** Whether an address is OpenAI's own; false for what is no address at all. */
export const isOpenAI = (baseUrl: string): boolean => {
  const host = URL.parse(baseUrl)?.hostname;
  return host === 'api.openai.com' || (host?.endsWith('.api.openai.com') ?? false);
};

/** Remembers that this server refuses a field for this model. */
export const rememberRefusal = ({ refused }: Server, model: string, field: string): void => {
  const fields = refused.get(model) ?? new Set<string>();
  refused.set(model, fields.add(field));
};
