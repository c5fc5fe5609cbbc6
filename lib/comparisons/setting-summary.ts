import { passRateOf } from '../checks/check.ts';
import { rounded } from '../json/value.ts';
import type { GenerationFigures, UncertainTime } from '../runs/run.ts';
import { spreadOf } from '../timing/spread.ts';
import type { MeasuredBlock } from './measured-block.ts';
import { quantileInterval } from './quantile-interval.ts';
import type { Objectives } from './request.ts';
import type { ComparedSetting, ComparedSpread } from './view.ts';

type Context = { objectives: Objectives | null; hasChecks: boolean; wallTimeMs: number | null };

/**
 * Sums up one setting over all blocks. `sampling`, `same_as` and `diversity` stay null here, since they need the outputs.
 */
export const settingSummary = (
  { label, model, requested }: Pick<ComparedSetting, 'label' | 'model' | 'requested'>,
  setting: number,
  blocks: MeasuredBlock[],
  { objectives, hasChecks, wallTimeMs }: Context,
): ComparedSetting => {
  const all = blocks.flatMap(({ cells }) => cells[setting] ?? []);
  const warm = all.filter(({ coldStart }) => coldStart !== true);
  const cold = all.filter(({ coldStart }) => coldStart === true);
  const met = objectives && all.filter((figures) => meets(figures, objectives)).length;
  return {
    label,
    model,
    requested,
    sampling: null,
    same_as: null,
    n: all.length,
    failed: blocks.filter(({ failed }) => failed[setting]).length,
    errors: errorsOf(blocks, setting),
    ttft_ms: comparedSpread(known(certain(warm, 'ttft_ms'), ({ ttftMs }) => ttftMs)),
    tpot_ms: comparedSpread(known(certain(warm, 'tpot_ms'), ({ tpotMs }) => tpotMs)),
    e2e_ms: comparedSpread(known(certain(warm, 'e2e_ms'), ({ e2eMs }) => e2eMs)),
    tokens_per_second: comparedSpread(known(certain(warm, 'e2e_ms'), tokensPerSecond)),
    uncertain: {
      ttft_ms: warm.length - certain(warm, 'ttft_ms').length,
      tpot_ms: warm.length - certain(warm, 'tpot_ms').length,
      e2e_ms: warm.length - certain(warm, 'e2e_ms').length,
    },
    cold: {
      n: cold.length,
      ttft_ms: spreadOf(known(cold, ({ ttftMs }) => ttftMs)),
      e2e_ms: spreadOf(known(cold, ({ e2eMs }) => e2eMs)),
    },
    completion_tokens: spreadOf(known(all, ({ completionTokens }) => completionTokens)),
    cost_usd: costOf(all),
    objectives_met: met,
    goodput_per_s: met === null || !wallTimeMs ? null : rounded(met / (wallTimeMs / 1000)),
    pass_rate: hasChecks
      ? passRateOf(known(all, ({ passed }) => passed).map((passed) => [{ passed }]))
      : null,
    diversity: null,
  };
};

/** The time from the first request to the last end over all settings, in ms; null if no generation has these times. */
export const wallTimeMs = (blocks: MeasuredBlock[]): number | null => {
  const all = blocks.flatMap(({ cells }) => cells.flatMap((figures) => figures ?? []));
  const spans = all.flatMap(({ startedAt, e2eMs }) =>
    startedAt === null || e2eMs === null ? [] : [{ start: startedAt, end: startedAt + e2eMs }],
  );
  if (spans.length === 0) return null;
  return Math.max(...spans.map(({ end }) => end)) - Math.min(...spans.map(({ start }) => start));
};

/** The failed generations by error code, the most frequent first. */
const errorsOf = (blocks: MeasuredBlock[], setting: number): Record<string, number> => {
  const counts = new Map<string, number>();
  for (const { errorCodes } of blocks) {
    const code = errorCodes[setting] ?? null;
    if (code !== null) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a));
};

const comparedSpread = (values: number[]): ComparedSpread => {
  const sorted = Float64Array.from(values).sort();
  return {
    ...spreadOf(values),
    p50_interval: quantileInterval(sorted, 0.5),
    p90_interval: quantileInterval(sorted, 0.9),
  };
};

const certain = (all: GenerationFigures[], time: UncertainTime): GenerationFigures[] =>
  all.filter(({ uncertain }) => !uncertain.includes(time));

const known = <T>(all: GenerationFigures[], figure: (figures: GenerationFigures) => T | null): T[] =>
  all.map(figure).filter((value) => value !== null);

const tokensPerSecond = ({ completionTokens, e2eMs }: GenerationFigures): number | null =>
  completionTokens === null || !e2eMs ? null : rounded((1000 * completionTokens) / e2eMs);

const costOf = (all: GenerationFigures[]): ComparedSetting['cost_usd'] => {
  const costs = known(all, ({ costUsd }) => costUsd);
  const total = costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0);
  return {
    total: total === null ? null : rounded(total),
    mean: total === null ? null : rounded(total / costs.length),
    unpriced: all.length - costs.length,
  };
};

/** Whether a generation meets all objectives. An unknown figure does not meet its objective. */
const meets = ({ ttftMs, e2eMs, tpotMs }: GenerationFigures, objectives: Objectives): boolean =>
  within(ttftMs, objectives.max_ttft_ms) &&
  within(e2eMs, objectives.max_e2e_ms) &&
  within(tpotMs, objectives.max_tpot_ms);

const within = (value: number | null, limit: number | undefined): boolean =>
  limit === undefined || (value !== null && value <= limit);
