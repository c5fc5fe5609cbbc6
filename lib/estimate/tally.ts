import type { RunRequest } from '../runs/request.ts';
import type { EarlierOf } from './earlier-outputs.ts';
import { addUp, type EstimatePricing, estimateGeneration, type Taken } from './generation.ts';
import { mapRange, type Range, sumOf } from './ranges.ts';

/** Sums over the generations of one model; `e2eMs` too is a sum. */
export type ModelTally = Taken & { model: string; generations: number };

/** A tally's checkpoint, as plain JSON. */
export type TallyState = ModelTally[];

/** Models told apart, so that a checkpoint stays small; those beyond are summed up as one of this name. */
const MAX_MODELS = 50;
const OTHERS = 'other models';

/**
 * Makes a sum of what requests would take, by model, from a checkpoint or from nothing. Memory does not grow with the
 * number of requests.
 *
 * @example
 * const tally = makeTally({ budget, priceOf, earlierOf });
 * for (const request of requests) tally.add(request);
 * const { costUsd } = tally.total();
 */
export const makeTally = (
  { earlierOf, ...pricing }: EstimatePricing & { earlierOf: EarlierOf },
  from: TallyState = [],
) => {
  const byModel = new Map(from.map((own) => [own.model, own]));
  const nameOf = (model: string) => (byModel.has(model) || byModel.size < MAX_MODELS ? model : OTHERS);
  return {
    /** Adds all generations of a request; returns the time that they take one after another. */
    add: (request: RunRequest): Range => {
      const times = request.settings.map(({ model: named }, at) => {
        const one = estimateGeneration(request, at, earlierOf(named), pricing);
        const { samples } = request;
        const model = nameOf(named);
        const before = byModel.get(model);
        const e2eMs = mapRange(one.e2eMs, (ms) => ms * samples);
        const all = { ...addUp([one], samples), e2eMs, model, generations: samples };
        byModel.set(model, before ? plus(before, all) : all);
        return e2eMs;
      });
      return sumOf(times);
    },
    /** The sum over all models; its `e2eMs` is that of all generations, one after another. */
    total: (): Taken => {
      const all = [...byModel.values()];
      return { ...addUp(all), e2eMs: sumOf(all.map(({ e2eMs }) => e2eMs)) };
    },
    models: (): ModelTally[] => [...byModel.values()],
    state: (): TallyState => [...byModel.values()],
  };
};

const plus = (a: ModelTally, b: ModelTally): ModelTally => ({
  model: a.model,
  generations: a.generations + b.generations,
  promptTokens: sumOf([a.promptTokens, b.promptTokens]),
  completionTokens: sumOf([a.completionTokens, b.completionTokens]),
  costUsd: a.costUsd && b.costUsd && sumOf([a.costUsd, b.costUsd]),
  e2eMs: sumOf([a.e2eMs, b.e2eMs]),
});

/** Makes the sum of a part that of a whole which is `times` as large. */
export const scaled = <T extends Taken>(taken: T, times: number): T => ({
  ...taken,
  promptTokens: mapRange(taken.promptTokens, (value) => value * times),
  completionTokens: mapRange(taken.completionTokens, (value) => value * times),
  costUsd: taken.costUsd && mapRange(taken.costUsd, (value) => value * times),
  e2eMs: mapRange(taken.e2eMs, (value) => value * times),
});

/** As the Batch API takes it: at half the price. https://platform.openai.com/docs/guides/batch */
export const halfPriced = <T extends Taken>(taken: T): T => ({
  ...taken,
  costUsd: taken.costUsd && mapRange(taken.costUsd, (usd) => usd / 2),
});
