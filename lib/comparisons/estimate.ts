import type { Budget } from '../budget/budget.ts';
import type { PriceOf } from '../budget/charges.ts';
import { readBudget } from '../budget/daily.ts';
import { readEarlierOutputs } from '../estimate/earlier-outputs.ts';
import { addUp, estimateGeneration, type Taken } from '../estimate/generation.ts';
import type { Range } from '../estimate/ranges.ts';
import {
  type BudgetVerdict,
  basisOf,
  budgetVerdict,
  type TakenView,
  viewTaken,
  whole,
} from '../estimate/view.ts';
import { wallTimeOf } from '../estimate/wall-time.ts';
import type { LimitsOf } from '../limits/caller-limits.ts';
import type { ReadListDeps } from '../runs/list/read.ts';
import { parseRunRequest, type RequestDefaults } from '../runs/request.ts';
import { makePlan } from './plan.ts';
import { parseComparison } from './request.ts';

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
  const [earlierOf, budget, limits] = await Promise.all([
    readEarlierOutputs(caller, deps),
    readBudget(caller, deps),
    deps.limitsOf(caller),
  ]);
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
    ...viewTaken(all),
    unpriced,
    wall_time_ms: whole(wallTime),
    blocks_at_once: blocksAtOnce,
    settings: settings.map(({ label, model }, at) => {
      const own = ofSettings[at] ?? addUp([]);
      return {
        label,
        model,
        generations: blocks,
        ...viewTaken(own),
        e2e_ms: whole(own.e2eMs),
        earlier_outputs: earlierOf(model)?.outputs ?? 0,
      };
    }),
    budget: budget && budgetVerdict(budget, all),
    based_on: [
      ...basisOf(models, unpriced, earlierOf),
      `Time: ${blocksAtOnce} of ${blocks} blocks at once, with 8 generations of each; other work in the queue makes it longer.`,
    ],
  };
};
