import { DeadlineError, EverytokenError } from '../errors.ts';
import type { Prices } from '../pricing/prices.ts';
import type { Price } from '../runs/generation.ts';
import { isEmbedder, lifeOf, samplingOf } from '../sampling/catalogue.ts';
import type { ModelLife, ModelSampling } from '../sampling/catalogue-row.ts';
import { kindOfList, type ListedModel, type ModelList } from '../sampling/identify-server.ts';
import { retiredModels } from '../sampling/openai-models.ts';
import { kindOf, modelId, type Server, type ServerKind } from '../sampling/server.ts';

/** A model of a configured server and its known properties; null is unknown or none. */
export type ModelView = {
  /** The name to use as `model` in a run. */
  id: string;
  provider: string;
  /** Null for a model that generates no text, or is retired. */
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

/** A configured model server; `name` is null for the default one. */
export type ModelSource = { name: string | null; server: Server; list: ModelList; prices: Prices };

const TIMEOUT_MS = 5_000;
const CACHE_MS = 60_000;

type Answer = { models: ListedModel[]; kind: ServerKind | undefined; error: ProviderView['error'] };

/**
 * Lists the models of the configured servers, each joined with its known properties, followed by OpenAI's retired
 * models. Each server's list is cached for a minute and has a timeout of five seconds; a server that fails is reported
 * in `providers` with its error.
 *
 * @example
 * const listModels = makeListModels(sources, { now: Date.now });
 * const { data, providers } = await listModels();
 */
export const makeListModels = (
  sources: readonly ModelSource[],
  { now }: { now: () => number },
  timeoutMs: number = TIMEOUT_MS,
): (() => Promise<ModelsView>) => {
  const cache = new Map<ModelSource, { answer: Promise<Answer>; at: number }>();
  const ask = (source: ModelSource): Promise<Answer> => {
    const cached = cache.get(source);
    if (cached && now() - cached.at < CACHE_MS) return cached.answer;
    const answer = answerOf(source, timeoutMs);
    cache.set(source, { answer, at: now() });
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

const answerOf = async ({ list, server }: ModelSource, timeoutMs: number): Promise<Answer> => {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const models = await list(timeout);
    return { models, kind: server.kind ?? kindOfList(models), error: null };
  } catch (error) {
    return {
      models: [],
      kind: server.kind,
      error: timeout.aborted ? timeoutView(timeoutMs) : errorView(error),
    };
  }
};

const timeoutView = (timeoutMs: number) =>
  errorView(new DeadlineError(`no answer within ${timeoutMs / 1000} s`, { code: 'timeout' }));

const errorView = (error: unknown): { code: string; message: string } =>
  error instanceof EverytokenError
    ? { code: error.code, message: error.message }
    : { code: 'internal', message: 'the server could not be reached for an unknown reason' };

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
      // The empty name: the kind must not depend on any model's name.
      server: kindOf(server, ''),
      models: error === null ? models.length : null,
      error,
    },
  };
};

/** Retired OpenAI models that this server refuses: OpenAI's own server, and the default one. */
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

/** The price for prompts of usual size; some models charge more for large prompts. */
const priceOf = (prices: Prices, id: string, at: number): ModelView['price'] => {
  const found = prices.priceOf(id, 0, at);
  if (found === undefined) return null;
  const { input, cached, output, price } = found;
  return { source: price.source, as_of: price.as_of, input, cached, output };
};
