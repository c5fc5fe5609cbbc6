import type { CatalogueRow, ModelLife, ModelSampling } from './catalogue-row.ts';
import { openAIModel, retiredModel, shutdownDate } from './openai-models.ts';
import { kindOf, type Server, type ServerKind } from './server.ts';

const UNKNOWN: ModelSampling = {
  temperature: 'unknown',
  top_p: 'unknown',
  top_k: 'unknown',
  logprobs: 'unknown',
  include_usage: 'unknown',
  reasoning_effort: 'unknown',
  token_limit: 'max_tokens',
  extra: {},
};

/**
 * What is known of the servers themselves. OpenRouter takes top_k and passes it on, but not every model behind it
 * applies it, and the answer does not say: unknown.
 */
const BY_KIND: Record<ServerKind, Partial<ModelSampling>> = {
  openai: { top_k: 'refused', include_usage: 'applied', token_limit: 'max_completion_tokens' },
  groq: { top_k: 'refused' },
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
  },
  other: {},
};

/** How this server takes fields for this model: the server's kind, then the model, then what the operator says. */
export const samplingOf = (server: Server, model: string): ModelSampling => {
  const kind = kindOf(server, model);
  let sampling: ModelSampling = {
    ...UNKNOWN,
    ...BY_KIND[kind],
    ...(kind === 'openai' ? ofOpenAI(model) : {}),
  };
  for (const { says } of rowsFor(server, model)) {
    const { shutdown_date: _, retired_on: __, replacement: ___, extra, ...own } = says;
    sampling = { ...sampling, ...own, extra: { ...sampling.extra, ...extra } };
  }
  return sampling;
};

const ofOpenAI = (model: string): Partial<ModelSampling> => {
  const found = openAIModel(model);
  if (!found) return {};
  return {
    temperature: found.sampling,
    top_p: found.sampling,
    reasoning_effort: found.takesEffort ?? 'unknown',
  };
};

/**
 * A model's days. OpenAI's names are also known on servers that nothing is known of, which may be a proxy before
 * OpenAI; on a server that is known to be another's they are just names.
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
  for (const { says } of rowsFor(server, model)) {
    const { shutdown_date = life.shutdown_date, retired_on = life.retired_on } = says;
    const { replacement = life.replacement } = says;
    life = { shutdown_date, retired_on, replacement };
  }
  return life;
};

/** A server that answers 400 to what it does not know applies every field that it takes. */
export const refusesUnknownFields = (kind: ServerKind): boolean => kind === 'openai' || kind === 'everytoken';

const rowsFor = ({ rows }: Server, model: string): CatalogueRow[] =>
  rows.filter(({ pattern }) =>
    pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : pattern === model,
  );

/** Rows in the order in which they count: wildcards by their length, whole names last. */
export const orderRows = (rows: readonly CatalogueRow[]): CatalogueRow[] =>
  rows.toSorted((a, b) => weight(a) - weight(b));

const weight = ({ pattern }: CatalogueRow): number =>
  pattern.endsWith('*') ? pattern.length : Number.MAX_SAFE_INTEGER;
