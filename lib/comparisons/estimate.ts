import type { Budget } from '../budget/budget.ts';
import type { PriceOf } from '../budget/charges.ts';
import { type BudgetView, readBudget } from '../budget/daily.ts';
import { rounded } from '../json/value.ts';
import type { LimitsOf } from '../limits/caller-limits.ts';
import type { ReadListDeps } from '../runs/list/read.ts';
import { parseRunRequest, type RequestDefaults } from '../runs/request.ts';
import { trueModel } from '../sampling/server.ts';
import { EARLIER_RUNS, type EarlierOutputs, readEarlierOutputs } from './earlier-outputs.ts';
import { addUp, BYTES_A_TOKEN, estimateGeneration, type Taken, UNKNOWN } from './estimate-generation.ts';
import { wallTimeOf } from './estimate-time.ts';
import { makePlan } from './plan.ts';
import { mapRange, type Range, sumOf } from './ranges.ts';
import { parseComparison } from './request.ts';

type TakenView = {
  prompt_tokens: Range;
  completion_tokens: Range;
  tokens: Range;
  /** Null when a price is unknown. */
  cost_usd: Range | null;
};

/** The expected tokens, cost and time of a comparison. Warm-ups are in its tokens and its cost, but neither in its settings nor in its time. */
export type ComparisonEstimate = TakenView & {
  object: 'comparison.estimate';
  blocks: number;
  generations: number;
  warm_ups: number;
  /** The models whose price is unknown. */
  unpriced: string[];
  /** As the comparison tells it in the end: from the first dispatch to the last end of what is measured. */
  wall_time_ms: Range;
  blocks_at_once: number;
  settings: (TakenView & {
    label: string;
    model: string;
    generations: number;
    /** Of one generation. */
    e2e_ms: Range;
    /** The caller's earlier outputs of the model that the figures rest on. */
    earlier_outputs: number;
  })[];
  budget: BudgetVerdict | null;
  based_on: string[];
};

/** Whether the rest of the caller's day covers it: `yes` at its highest, `maybe` at its lowest alone, or `no`. */
type BudgetVerdict = {
  fits: 'yes' | 'maybe' | 'no';
  tokens_left: number | null;
  cost_usd_left: number | null;
  resets_at: string;
};

export type EstimateDeps = ReadListDeps &
  Parameters<typeof readBudget>[1] & {
    budget: Pick<Budget, 'boundsOf'>;
    priceOf: PriceOf;
    limitsOf: LimitsOf;
    /** Jobs that the deployment generates at once; null when it is not known. */
    workers: number | null;
    defaults: RequestDefaults;
    bucket: string;
  };

/** Blocks at once where nothing limits them: the lines that a file begins with. */
const FIRST_BLOCKS = 10;

/**
 * Estimates what a comparison would take, without generating or storing anything.
 * @throws {InvalidInputError} as `createComparison` does.
 */
export const estimateComparison = async (
  body: unknown,
  caller: string,
  deps: EstimateDeps,
): Promise<ComparisonEstimate> => {
  const { clock, defaults, bucket } = deps;
  const request = await parseComparison(body, defaults);
  const { prompts, samples, settings, shared } = request;
  const createdAt = new Date(clock.now()).toISOString();
  const { lines } = makePlan(request, { id: 'cmp_estimate', createdAt, bucket });
  const [earlier, budget, limits] = await Promise.all([
    readEarlierOutputs(caller, deps),
    readBudget(caller, deps),
    deps.limitsOf(caller),
  ]);
  const earlierOf = (model: string) =>
    earlier.get(defaults.routeOf ? trueModel(defaults.routeOf, model) : model);
  const taken = (own: unknown, at: number): Taken => {
    const run = parseRunRequest(own, defaults);
    return estimateGeneration(run, at, earlierOf(run.settings[at]?.model ?? ''), deps);
  };
  const ofSettings = settings.map((setting) =>
    addUp(
      prompts.map((prompt) => taken({ ...prompt, ...shared, settings: [setting] }, 0)),
      samples,
    ),
  );
  const all = addUp([...ofSettings, ...lines.warm_ups.map(({ body: own }) => taken(own, 0))]);

  const blocks = prompts.length * samples;
  const blocksAtOnce = Math.min(blocks, limits.jobs ?? deps.workers ?? FIRST_BLOCKS);
  const wallTime = wallTimeOf(
    ofSettings.map(({ e2eMs }) => e2eMs),
    { blocks, blocksAtOnce },
  );
  const models = [...new Set(settings.map(({ model }) => model))];
  const unpriced = models.filter((model) =>
    settings.some((own, at) => own.model === model && ofSettings[at]?.costUsd === null),
  );
  return {
    object: 'comparison.estimate',
    blocks,
    generations: blocks * settings.length,
    warm_ups: lines.warm_ups.length,
    ...viewOf(all),
    unpriced,
    wall_time_ms: whole(wallTime),
    blocks_at_once: blocksAtOnce,
    settings: settings.map(({ label, model }, at) => {
      const own = ofSettings[at] ?? addUp([]);
      return {
        label,
        model,
        generations: blocks,
        ...viewOf(own),
        e2e_ms: whole(own.e2eMs),
        earlier_outputs: earlierOf(model)?.outputs ?? 0,
      };
    }),
    budget: budget && verdictOf(budget, all),
    based_on: [
      ...models.map((model) => basisOf(model, earlierOf(model))),
      `Prompt tokens: from one for ${BYTES_A_TOKEN.low} bytes of the prompt, typically one for ${BYTES_A_TOKEN.typical}, to one for each byte that is sent.`,
      'High values of tokens and cost are what a budget reserves: outputs as long as max_tokens. Repeated attempts and embeddings come on top.',
      ...unpriced.map((model) => `The price of ${model} is not known, so the cost is not either.`),
      `Time: ${blocksAtOnce} of ${blocks} blocks at once, with 8 generations of each; other work in the queue makes it longer.`,
    ],
  };
};

const viewOf = ({ promptTokens, completionTokens, costUsd }: Taken): TakenView => ({
  prompt_tokens: whole(promptTokens),
  completion_tokens: whole(completionTokens),
  tokens: whole(sumOf([promptTokens, completionTokens])),
  cost_usd: costUsd && mapRange(costUsd, rounded),
});

const whole = (range: Range): Range => mapRange(range, Math.round);

const basisOf = (model: string, earlier: EarlierOutputs | undefined): string => {
  const { tokens, ttftMs, tokensPerSecond } = UNKNOWN;
  return earlier
    ? `${model}: the length and speed of ${earlier.outputs} of its outputs, in your last ${EARLIER_RUNS} runs.`
    : `${model}: no output in your last ${EARLIER_RUNS} runs; assumed are ${tokens} tokens to max_tokens, the first after ${ttftMs.low} to ${ttftMs.high} ms, then ${tokensPerSecond.low} to ${tokensPerSecond.high} tokens a second.`;
};

const verdictOf = ({ tokens, cost_usd, resets_at }: BudgetView, all: Taken): BudgetVerdict => {
  const needed = sumOf([all.promptTokens, all.completionTokens]);
  const covers = (bound: 'low' | 'high'): boolean =>
    (tokens === null || needed[bound] <= tokens.left) &&
    // Without a price nothing is generated on a budget of a cost.
    (cost_usd === null || (all.costUsd !== null && all.costUsd[bound] <= cost_usd.left));
  return {
    fits: covers('high') ? 'yes' : covers('low') ? 'maybe' : 'no',
    tokens_left: tokens?.left ?? null,
    cost_usd_left: cost_usd?.left ?? null,
    resets_at,
  };
};
