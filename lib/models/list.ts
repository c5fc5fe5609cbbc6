import { DeadlineError, EverytokenError } from '../errors.ts';
import type { Prices } from '../pricing/prices.ts';
import type { Price } from '../runs/generation.ts';
import { lifeOf, samplingOf } from '../sampling/catalogue.ts';
import type { ModelLife, ModelSampling } from '../sampling/catalogue-row.ts';
import { kindOfList, type ListedModel, type ModelList } from '../sampling/identify-server.ts';
import { retiredModels } from '../sampling/openai-models.ts';
import { kindOf, modelId, type Server, type ServerKind } from '../sampling/server.ts';

/** A model of a configured server, with what is known of it; null is unknown, or none. */
export type ModelView = {
  /** As one writes it in a run. */
  id: string;
  provider: string;
  /** Null for a model that generates no text, or none any more. */
  sampling: ModelSampling | null;
  shutdown_date: string | null;
  retired: boolean;
  replacement: string | null;
  price: Required<Price> | null;
};

export type ProviderView = {
  name: string;
  status: 'ok' | 'error';
  server: ServerKind;
  models: number | null;
  error: { code: string; message: string } | null;
};

export type ModelsView = { data: ModelView[]; providers: ProviderView[] };

/** A configured server to ask; `name` is null for the default one. */
export type ModelSource = { name: string | null; server: Server; list: ModelList; prices: Prices };

const LIMIT_MS = 5_000;
const KEPT_MS = 60_000;

type Answer = { models: ListedModel[]; kind: ServerKind | undefined; error: ProviderView['error'] };

/**
 * The catalogue of the configured servers: what each lists, joined with what is known of it, then OpenAI's retired
 * models by name. Each server is asked for at most five seconds and once a minute; one that does not answer stands
 * in `providers` with its error.
 */
export const makeListModels = (
  sources: readonly ModelSource[],
  { now }: { now: () => number },
  limitMs: number = LIMIT_MS,
): (() => Promise<ModelsView>) => {
  const held = new Map<ModelSource, { answer: Promise<Answer>; at: number }>();
  const ask = (source: ModelSource): Promise<Answer> => {
    const kept = held.get(source);
    if (kept && now() - kept.at < KEPT_MS) return kept.answer;
    const answer = answerOf(source, limitMs);
    held.set(source, { answer, at: now() });
    return answer;
  };
  return async () => {
    const views = await Promise.all(sources.map(async (source) => viewOf(source, await ask(source), now())));
    return {
      data: views.flatMap(({ data }) => data),
      providers: views.map(({ provider }) => provider),
    };
  };
};

const answerOf = async ({ list, server }: ModelSource, limitMs: number): Promise<Answer> => {
  const late = AbortSignal.timeout(limitMs);
  try {
    const models = await list(late);
    return { models, kind: server.kind ?? kindOfList(models), error: null };
  } catch (error) {
    return { models: [], kind: server.kind, error: late.aborted ? tooLate(limitMs) : told(error) };
  }
};

const tooLate = (limitMs: number) =>
  told(new DeadlineError(`no answer within ${limitMs / 1000} s`, { code: 'timeout' }));

const told = (error: unknown): { code: string; message: string } =>
  error instanceof EverytokenError
    ? { code: error.code, message: error.message }
    : { code: 'internal', message: 'it could not be asked for an unknown reason' };

const viewOf = (
  configured: ModelSource,
  { models, kind, error }: Answer,
  at: number,
): { data: ModelView[]; provider: ProviderView } => {
  const { name } = configured;
  const server: Server = { ...configured.server, kind };
  const source = { ...configured, server };
  const listed = new Set(models.map(({ id }) => id));
  const gone = retiredOf(configured).filter((id) => !listed.has(id));
  return {
    data: [
      ...models.map((model) => modelView(source, model, at)),
      ...gone.map((id) => modelView(configured, { id, ownedBy: null, shutdownDate: null }, at)),
    ],
    provider: {
      name: name ?? 'default',
      status: error === null ? 'ok' : 'error',
      // Of no model in particular, so that no model's name decides.
      server: kindOf(server, ''),
      models: error === null ? models.length : null,
      error,
    },
  };
};

/** OpenAI's retired names, where a run is refused that asks for one: at OpenAI, and at the default server. */
const retiredOf = ({ name, server }: ModelSource): string[] =>
  name === null || kindOf(server, '') === 'openai'
    ? retiredModels().filter((id) => lifeOf(server, id).retired_on !== null)
    : [];

const modelView = ({ name, server, prices }: ModelSource, model: ListedModel, at: number): ModelView => {
  const life: ModelLife = lifeOf(server, model.id);
  return {
    id: modelId(name, model.id),
    provider: name ?? 'default',
    sampling: isEmbedder(model.id) || life.retired_on !== null ? null : samplingOf(server, model.id),
    shutdown_date: life.shutdown_date ?? model.shutdownDate,
    retired: life.retired_on !== null,
    replacement: life.replacement,
    price: priceOf(prices, model.id, at),
  };
};

const isEmbedder = (id: string): boolean => id.startsWith('text-embedding-') || id === 'everytoken-use';

/** The price of a prompt of usual size; large ones may have another. */
const priceOf = (prices: Prices, id: string, at: number): ModelView['price'] => {
  const found = prices.priceOf(id, 0, at);
  if (found === undefined) return null;
  const { input, cached, output, price } = found;
  return { source: price.source, as_of: price.as_of, input, cached, output };
};
