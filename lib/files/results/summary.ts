import { usdOf } from '../../budget/amount.ts';
import { rounded } from '../../json/value.ts';
import type { Generation } from '../../runs/generation.ts';
import type { PromptFile } from '../prompt-file.ts';
import type { AssembledLine } from './line-results.ts';
import { makeSpreadSketch, type SpreadState } from './spread-sketch.ts';

/** A sum that is unknown as soon as one of its values is unknown, or when it has no values. */
type Sum = { n: number; unknown: number; total: number };

const LATENCIES = ['ttft_ms', 'tpot_ms', 'e2e_ms'] as const;
type Latency = (typeof LATENCIES)[number];

/** The checkpoint of a file's totals, as plain JSON. Its size does not grow with the file. */
export type TotalsState = {
  counts: Record<
    'lines' | 'refused' | 'skipped' | 'reused' | 'completed' | 'failed' | 'valid' | 'generations',
    number
  >;
  promptTokens: Sum;
  completionTokens: Sum;
  cost: Sum;
  reusedCost: Sum;
  bound: { tokens: number; cost: Sum };
  checked: number;
  passed: number;
  /** Outputs that max_tokens cut; absent where earlier ones were not looked at. */
  cut?: number;
  latency: Partial<Record<Latency, SpreadState>>;
  firstError: { line: number; code: string; message: string } | null;
};

const none = (): Sum => ({ n: 0, unknown: 0, total: 0 });
const add = (sum: Sum, value: number | null): void => {
  sum.n += 1;
  if (value === null) sum.unknown += 1;
  else sum.total += value;
};
const totalOf = ({ n, unknown, total }: Sum): number | null =>
  n === 0 || unknown > 0 ? null : rounded(total);

/** Rounded to billionths of a USD, since costs are sums of floating-point numbers. */
const differenceOf = (cost: number | null, reused: number | null): number | null =>
  cost === null || reused === null ? null : usdOf(Math.round((cost - reused) * 1e9));

const initial = (): TotalsState => ({
  counts: {
    lines: 0,
    refused: 0,
    skipped: 0,
    reused: 0,
    completed: 0,
    failed: 0,
    valid: 0,
    generations: 0,
  },
  promptTokens: none(),
  completionTokens: none(),
  cost: none(),
  reusedCost: none(),
  bound: { tokens: 0, cost: none() },
  checked: 0,
  passed: 0,
  cut: 0,
  latency: {},
  firstError: null,
});

/** Makes the totals of a file, to which its result lines are added one by one, from a checkpoint or from 0. */
export const makeTotals = (from: TotalsState = initial()) => {
  const state = structuredClone(from);
  const latencies = LATENCIES.map((name) => [name, makeSpreadSketch(state.latency[name])] as const);

  const addGeneration = ({ usage, cost_usd, timing, checks, finish_reason }: Generation): void => {
    if (state.cut !== undefined && finish_reason === 'length') state.cut += 1;
    add(state.promptTokens, usage.prompt_tokens);
    add(state.completionTokens, usage.completion_tokens);
    add(state.cost, cost_usd);
    for (const [name, sketch] of latencies) {
      const value = timing?.[name];
      if (typeof value === 'number') sketch.add(value);
    }
    if (checks.length === 0) return;
    state.checked += 1;
    if (checks.every(({ passed }) => passed)) state.passed += 1;
  };

  return {
    add: ({ result, kind, embeddings }: AssembledLine): void => {
      const { counts, bound } = state;
      counts.lines += 1;
      if (result.error) {
        const { code, message } = result.error;
        state.firstError ??= { line: result.line, code, message };
      }
      counts[result.status] += 1;
      if (kind === 'refused' || kind === 'skipped' || kind === 'reused') counts[kind] += 1;
      const generations = result.run?.generations ?? [];
      counts.generations += generations.length;
      const completed = generations.filter(({ status }) => status === 'completed');
      for (const generation of completed) {
        addGeneration(generation);
        if (kind === 'reused') add(state.reusedCost, generation.cost_usd);
      }
      if (embeddings) {
        const { tokens, cost_usd, e2e_ms } = embeddings.figures;
        add(state.promptTokens, tokens);
        add(state.completionTokens, 0);
        add(state.cost, cost_usd);
        if (kind === 'reused') add(state.reusedCost, cost_usd);
        for (const [name, sketch] of latencies) if (name === 'e2e_ms') sketch.add(e2e_ms);
      }
      if (!result.estimate) return;
      bound.tokens += result.estimate.tokens;
      add(bound.cost, result.estimate.cost_usd);
    },
    hasErrors: (): boolean => state.counts.failed > 0,
    state: (): TotalsState => ({
      ...structuredClone(state),
      latency: Object.fromEntries(latencies.map(([name, sketch]) => [name, sketch.state()])),
    }),
    summary: (file: PromptFile) => summaryOf(file, state, (name) => spreadOf(latencies, name)),
  };
};

export type Totals = ReturnType<typeof makeTotals>;

/** The totals of a file whose results could not be assembled, by the counts in its item: those of its full blocks. */
export const totalsSoFar = ({ lines, refused, counts }: PromptFile): Totals => {
  const sum = (total: number, unknown = 0): Sum => ({ n: counts.generations, unknown, total });
  const { cut: _, ...from } = initial();
  return makeTotals({
    ...from,
    counts: {
      ...from.counts,
      lines,
      refused,
      skipped: counts.skipped,
      reused: counts.reused,
      completed: counts.completed,
      failed: lines - counts.completed,
      generations: counts.generations,
    },
    promptTokens: sum(counts.promptTokens),
    completionTokens: sum(counts.completionTokens),
    cost: sum(usdOf(counts.costNano), counts.unpriced),
    reusedCost: sum(usdOf(counts.reusedCostNano)),
  });
};

const spreadOf = (latencies: (readonly [Latency, ReturnType<typeof makeSpreadSketch>])[], name: Latency) =>
  latencies.find(([own]) => own === name)?.[1].spread();

const summaryOf = (
  file: PromptFile,
  { counts, bound, firstError, ...sums }: TotalsState,
  latencyOf: (name: Latency) => ReturnType<typeof spreadOf>,
) => {
  const { refused, skipped, reused, valid, ...others } = counts;
  const accepted = counts.lines - refused;
  return {
    file_id: file.id,
    key: file.key,
    status: file.status,
    error: file.error,
    ...(firstError && { first_error: firstError }),
    ...(file.stopped && { stopped: file.stopped }),
    counts: {
      ...others,
      accepted,
      refused,
      reused,
      ...(file.dryRun ? { valid } : { generated: accepted - reused - skipped }),
      ...(file.stopped && { not_begun: skipped }),
    },
    usage: {
      prompt_tokens: totalOf(sums.promptTokens),
      completion_tokens: totalOf(sums.completionTokens),
    },
    cost_usd: totalOf(sums.cost),
    reused_cost_usd: reused === 0 ? 0 : totalOf(sums.reusedCost),
    paid_usd: differenceOf(totalOf(sums.cost), reused === 0 ? 0 : totalOf(sums.reusedCost)),
    ...(file.dryRun && {
      estimate: { tokens: bound.tokens, cost_usd: totalOf(bound.cost) },
    }),
    ...(sums.cut !== undefined && { cut_at_max_tokens: sums.cut }),
    ...(sums.checked > 0 && { checks: { n: sums.checked, passed: sums.passed } }),
    mean_ttft_ms: latencyOf('ttft_ms')?.mean ?? null,
    mean_tpot_ms: latencyOf('tpot_ms')?.mean ?? null,
    mean_e2e_ms: latencyOf('e2e_ms')?.mean ?? null,
    latency: Object.fromEntries(LATENCIES.map((name) => [name, latencyOf(name)])),
  };
};
