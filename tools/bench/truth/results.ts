import { percentile } from '../../../lib/timing/spread.ts';
import { FIGURES, type Figure } from './definitions.ts';
import type { Row } from './reported.ts';
import type { StreamErrors } from './stream-errors.ts';
import type { Scenario } from './stream-plan.ts';

/** `p99` is null below 100 samples; use `worst` in its place. All but `n` are null without samples. */
export type ErrorStatistics = { n: number; median: number | null; p99: number | null; worst: number | null };

const P99_FROM = 100;

/** Statistics of absolute errors, which may be in any order. Percentiles are defined as in docs/metrics.md. */
export const errorStatistics = (errors: readonly number[]): ErrorStatistics => {
  const sorted = Float64Array.from(errors).sort();
  return {
    n: sorted.length,
    median: percentile(sorted, 50),
    p99: sorted.length < P99_FROM ? null : percentile(sorted, 99),
    worst: sorted.at(-1) ?? null,
  };
};

/** p99, or the worst error where there are too few for a p99. */
export const tailOf = ({ p99, worst }: ErrorStatistics): number | null => p99 ?? worst;

/** The result of one turn of a client, for one of its rows. */
export type Sample = {
  row: Row;
  scenario: Scenario;
  streams: number;
  round: number;
  errors: StreamErrors[];
  cpuMicrosPerToken: number;
  /** How long the client's process was runnable without a CPU; null where the system does not report it. */
  waitedMs: number | null;
  /** How long each of the server's writes took. */
  writesMs: number[];
};

/** One line of a table: one row in one scenario, with all rounds pooled and each round by itself. */
export type Line = {
  row: Row;
  scenario: Scenario;
  streams: number;
  pooled: Record<Figure, ErrorStatistics>;
  rounds: Record<Figure, ErrorStatistics>[];
  late: ErrorStatistics;
  cpuMicrosPerToken: number;
  /** The longest wait for a CPU in one turn. */
  waitedMs: number | null;
  /** Median time of a server write in ms, which is the uncertainty of the truth itself. */
  writeMs: number;
  differingTexts: number;
};

/** One line for each row, scenario and number of streams, in the order of their first sample. */
export const linesOf = (samples: readonly Sample[]): Line[] =>
  [...Map.groupBy(samples, ({ row, scenario, streams }) => `${scenario} ${streams} ${row}`).values()].flatMap(
    (group) => {
      const [first] = group;
      if (!first) return [];
      const errors = group.flatMap((sample) => sample.errors);
      return [
        {
          row: first.row,
          scenario: first.scenario,
          streams: first.streams,
          pooled: figuresOf(errors),
          rounds: group.toSorted((a, b) => a.round - b.round).map((sample) => figuresOf(sample.errors)),
          late: errorStatistics(errors.flatMap(({ late }) => late)),
          cpuMicrosPerToken: group.reduce((sum, sample) => sum + sample.cpuMicrosPerToken, 0) / group.length,
          waitedMs: longest(group.flatMap(({ waitedMs }) => waitedMs ?? [])),
          writeMs: errorStatistics(group.flatMap(({ writesMs }) => writesMs)).median ?? 0,
          differingTexts: errors.filter(({ textDiffers }) => textDiffers).length,
        },
      ];
    },
  );

/** All errors of one figure. */
export const errorsIn = (errors: readonly StreamErrors[], figure: Figure): number[] =>
  errors.flatMap((one) => one[figure] ?? []);

const figuresOf = (errors: readonly StreamErrors[]): Record<Figure, ErrorStatistics> => {
  const [ttft, tpot, gaps] = FIGURES.map((figure) => errorStatistics(errorsIn(errors, figure)));
  const none = errorStatistics([]);
  return { ttft: ttft ?? none, tpot: tpot ?? none, gaps: gaps ?? none };
};

const longest = (waits: readonly number[]): number | null => (waits.length === 0 ? null : Math.max(...waits));
