import type { CatalogueRow, ModelLife, ModelSampling } from './catalogue-row.ts';
import { documentedFields } from './extra-fields.ts';
import { openAIApi, openAIModel, retiredModel, shutdownDate } from './openai-models.ts';
import { overheadOf } from './prompt-overhead.ts';
import { kindOf, type Server, type ServerKind } from './server.ts';

const UNKNOWN: Omit<ModelSampling, 'prompt_overhead'> = {
  api: 'chat_completions',
  temperature: 'unknown',
  top_p: 'unknown',
  top_k: 'unknown',
  logprobs: 'unknown',
  include_usage: 'unknown',
  reasoning_effort: 'unknown',
  tools: 'unknown',
  token_limit: 'max_tokens',
  extra: {},
};

/**
 * Defaults by kind of server. `top_k` on OpenRouter stays unknown: OpenRouter forwards it, but not every model behind
 * it applies it, and the answer does not tell.
 */
const BY_KIND: Record<ServerKind, Partial<ModelSampling>> = {
  openai: { top_k: 'refused', include_usage: 'applied', token_limit: 'max_completion_tokens' },
  // https://console.groq.com/docs/openai: logprobs and top_logprobs are answered with a 400.
  groq: { top_k: 'refused', logprobs: 'refused' },
  openrouter: {},
  together: { top_k: 'applied' },
  vllm: { top_k: 'applied' },
  'llama.cpp': { top_k: 'applied' },
  ollama: { top_k: 'dropped' },
  everytoken: {
    temperature: 'always',
    top_p: 'always',
    top_k: 'applied',
    logprobs: 'applied',
    include_usage: 'applied',
    reasoning_effort: 'only_none',
    tools: 'always',
  },
  other: {},
};

/**
 * How this server treats request fields for this model. Later sources win: the server's kind, the known OpenAI models,
 * the API that is set for all models of the server, the operator's overrides.
 *
 * @example
 * samplingOf(makeServer('https://api.openai.com/v1'), 'gpt-4o').top_k // 'refused'
 */
export const samplingOf = (server: Server, model: string): ModelSampling => {
  const kind = kindOf(server, model);
  let sampling: ModelSampling = {
    ...UNKNOWN,
    ...BY_KIND[kind],
    extra: documentedFields(kind),
    prompt_overhead: overheadOf(kind).request,
    ...(kind === 'openai' ? ofOpenAI(model) : {}),
    ...(server.api && { api: server.api }),
  };
  for (const { overrides } of rowsFor(server, model)) {
    const { shutdown_date: _, retired_on: __, replacement: ___, extra, ...own } = overrides;
    sampling = { ...sampling, ...own, extra: { ...sampling.extra, ...extra } };
  }
  return sampling;
};

const ofOpenAI = (model: string): Partial<ModelSampling> => {
  const found = openAIModel(model);
  const api = openAIApi(model);
  if (!found) return { api };
  return {
    api,
    temperature: found.sampling,
    top_p: found.sampling,
    reasoning_effort: found.takesEffort ?? 'unknown',
    tools: found.tools ?? 'unknown',
  };
};

/**
 * The end of a model's life on this server. OpenAI's dates also apply on servers of unknown kind, which may be proxies
 * of OpenAI; on any other known server a model of the same name is a different model.
 */
export const lifeOf = (server: Server, model: string): ModelLife => {
  const kind = kindOf(server, model);
  const mayBeOpenAI = kind === 'openai' || kind === 'other' || kind === 'everytoken';
  const retired = mayBeOpenAI ? retiredModel(model) : undefined;
  let life: ModelLife = {
    shutdown_date: retired?.since ?? (mayBeOpenAI ? (shutdownDate(model) ?? null) : null),
    retired_on: retired?.since ?? null,
    replacement: retired?.replacement ?? null,
  };
  for (const { overrides } of rowsFor(server, model)) {
    const { shutdown_date = life.shutdown_date, retired_on = life.retired_on } = overrides;
    const { replacement = life.replacement } = overrides;
    life = { shutdown_date, retired_on, replacement };
  }
  return life;
};

/** Whether a model makes vectors and no text. */
export const isEmbedder = (model: string): boolean =>
  model.startsWith('text-embedding-') || model === 'everytoken-use';

/** Whether a server answers 400 to unknown fields. Such a server applies every field that it accepts. */
export const refusesUnknownFields = (kind: ServerKind): boolean => kind === 'openai' || kind === 'everytoken';

const rowsFor = ({ rows }: Server, model: string): CatalogueRow[] =>
  rows.filter(({ pattern }) =>
    pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : pattern === model,
  );

/** Sorts rows from least to most specific: wildcards by length, exact names last. Later rows win. */
export const orderRows = (rows: readonly CatalogueRow[]): CatalogueRow[] =>
  rows.toSorted((a, b) => weight(a) - weight(b));

const weight = ({ pattern }: CatalogueRow): number =>
  pattern.endsWith('*') ? pattern.length : Number.MAX_SAFE_INTEGER;
