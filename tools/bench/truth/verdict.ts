import { FIGURE_NAMES, FIGURES, type Figure, wrongByDefinition } from './definitions.ts';
import type { Row } from './reported.ts';
import { errorStatistics, errorsIn, type Line, type Sample, tailOf } from './results.ts';

/** The limits that everytoken claims for its errors, in ms, at this rate (tokens a second) and number of streams. */
const LIMIT = { medianMs: 1, p99Ms: 5, streams: 8, rate: 100 };

/** Says in sentences whether two claims held: the limits of everytoken's errors, and that no other client is better. */
export const verdictOf = (samples: readonly Sample[], lines: readonly Line[], rate: number): string[] => [
  ...limitsVerdict(samples, rate),
  ...comparisonVerdict(lines),
];

const limitsVerdict = (samples: readonly Sample[], rate: number): string[] => {
  const here = samples.filter(({ streams }) => streams === LIMIT.streams);
  if (rate !== LIMIT.rate || here.length === 0) {
    return [
      `The limits are for ${LIMIT.rate} tokens a second with ${LIMIT.streams} streams, which this run did not have.`,
    ];
  }
  return [
    `With ${LIMIT.streams} streams at ${LIMIT.rate} tokens a second everytoken's error is to be at most ${LIMIT.medianMs} ms at the median and ${LIMIT.p99Ms} ms at p99, over all scenarios:`,
    limitVerdict(here, 'everytoken', 'ttft', 'TTFT'),
    limitVerdict(
      here,
      'everytoken, call',
      'ttft',
      'TTFT held against the call, the SDK preparing the request',
    ),
    limitVerdict(here, 'everytoken', 'gaps', 'each gap'),
    limitVerdict(here, 'responses', 'ttft', 'TTFT by the Responses API'),
    limitVerdict(here, 'responses', 'gaps', 'each gap by the Responses API'),
  ];
};

const limitVerdict = (samples: readonly Sample[], row: Row, figure: Figure, words: string): string => {
  const own = samples.filter((sample) => sample.row === row);
  const errors = own.flatMap((sample) => errorsIn(sample.errors, figure));
  const beyond = [...Map.groupBy(own, ({ scenario }) => scenario)]
    .filter(([, there]) => !isWithin(there.flatMap((sample) => errorsIn(sample.errors, figure))))
    .map(([scenario]) => scenario);
  const { n, median, worst, ...rest } = errorStatistics(errors);
  const figures = `${median?.toFixed(2)} ms at the median, ${tailOf({ n, median, worst, ...rest })?.toFixed(2)} ms at p99, ${worst?.toFixed(2)} ms at worst (n = ${n})`;
  const alone = beyond.length === 0 ? 'so in each scenario alone' : `not in ${beyond.join(', ')} alone`;
  return `  ${isWithin(errors) ? 'held' : 'NOT held'}: ${words}, ${figures}; ${alone}.`;
};

const isWithin = (errors: readonly number[]): boolean => {
  const statistics = errorStatistics(errors);
  const tail = tailOf(statistics);
  if (statistics.median === null || tail === null) return false;
  return statistics.median <= LIMIT.medianMs && tail <= LIMIT.p99Ms;
};

const comparisonVerdict = (lines: readonly Line[]): string[] => {
  const compared = lines
    .filter(({ row }) => row === 'everytoken')
    .flatMap((own) =>
      FIGURES.flatMap((figure) =>
        (['median', 'tail'] as const).flatMap((which) => {
          const comparison = compareWithBest(own, lines, figure, which);
          return comparison ? [{ ...comparison, own, figure, which, ownMs: comparison.own }] : [];
        }),
      ),
    );
  if (compared.length === 0)
    return ['One round has no spread, so nothing is said against the best of the others.'];
  const worse = compared.filter(({ isWorse }) => isWorse);
  return [
    `Against the best of the others (each scenario, number of streams and figure, median and p99; those wrong by definition left out) everytoken was no worse beyond the rounds' spread (or the time a write of the server takes) in ${compared.length - worse.length} of ${compared.length} comparisons${worse.length === 0 ? '.' : ', and worse in:'}`,
    ...worse.map(
      ({ own, figure, which, ownMs, best, bestRow, spread }) =>
        `  ${own.scenario}, ${own.streams} at once, ${FIGURE_NAMES[figure]} at ${which === 'median' ? 'the median' : 'p99'}: ${ownMs.toFixed(3)} ms against ${best.toFixed(3)} ms (${bestRow}), spread ${spread.toFixed(3)} ms`,
    ),
  ];
};

type Statistic = 'median' | 'tail';

/**
 * Errors of two rows in ms, each the mean over its rounds. `spread` is the larger of their ranges over the rounds, or
 * the time of the server's writes if that is longer, since no comparison can be finer than the truth.
 */
type Comparison = { own: number; best: number; bestRow: Row; spread: number; isWorse: boolean };

/**
 * Compares everytoken with the best other client that is not wrong by definition in this scenario. Worse means larger
 * by more than the spread. Undefined if there is no such client, or only one round, which has no spread.
 */
export const compareWithBest = (
  own: Line,
  lines: readonly Line[],
  figure: Figure,
  which: Statistic,
): Comparison | undefined => {
  const others = lines
    .filter((line) => line.scenario === own.scenario && line.streams === own.streams)
    .filter(({ row }) => !row.startsWith('everytoken') && row !== 'responses')
    .filter(({ row, scenario }) => wrongByDefinition(row, scenario)[figure] === undefined)
    .flatMap((line) => overRounds(line, figure, which) ?? []);
  const mine = overRounds(own, figure, which);
  const best = others.toSorted((a, b) => a.mean - b.mean)[0];
  if (!mine || !best) return undefined;
  const spread = Math.max(mine.range, best.range, own.writeMs);
  return {
    own: mine.mean,
    best: best.mean,
    bestRow: best.row,
    spread,
    isWorse: mine.mean - best.mean > spread,
  };
};

const overRounds = (
  { row, rounds }: Line,
  figure: Figure,
  which: Statistic,
): { row: Row; mean: number; range: number } | undefined => {
  const values = rounds.flatMap((round) => {
    const statistics = round[figure];
    return (which === 'median' ? statistics.median : tailOf(statistics)) ?? [];
  });
  if (values.length < 2) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { row, mean, range: Math.max(...values) - Math.min(...values) };
};
