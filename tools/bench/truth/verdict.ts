import { compareWithBest } from './compare-with-best.ts';
import { FIGURES, type Figure } from './definitions.ts';
import { errorStatistics, tailOf } from './error-statistics.ts';
import type { Row } from './reported.ts';
import { errorsIn, type Line, type Sample } from './results.ts';

/** What everytoken claims of its errors, in ms, at this rate and number of streams. */
const LIMIT = { medianMs: 1, p99Ms: 5, streams: 8, rate: 100 };

/** In plain words, which of the two claims held: the limits of everytoken's errors, and that nobody else is better. */
export const verdictOf = (samples: readonly Sample[], lines: readonly Line[], rate: number): string[] => [
  ...limitsVerdict(samples, rate),
  ...comparisonVerdict(lines),
];

const WORDS: Record<Figure, string> = { ttft: 'TTFT', tpot: 'time per token', gaps: 'gaps' };

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
  ];
};

const limitVerdict = (samples: readonly Sample[], row: Row, figure: Figure, words: string): string => {
  const own = samples.filter((sample) => sample.row === row);
  const errors = own.flatMap((sample) => errorsIn(sample.errors, figure));
  const beyond = [...Map.groupBy(own, ({ scenario }) => scenario)]
    .filter(([, there]) => !isWithin(there.flatMap((sample) => errorsIn(sample.errors, figure))))
    .map(([scenario]) => scenario);
  const { n, median, worst, ...rest } = errorStatistics(errors);
  const told = `${median?.toFixed(2)} ms at the median, ${tailOf({ n, median, worst, ...rest })?.toFixed(2)} ms at p99, ${worst?.toFixed(2)} ms at worst (n = ${n})`;
  const alone = beyond.length === 0 ? 'so in each scenario alone' : `not in ${beyond.join(', ')} alone`;
  return `  ${isWithin(errors) ? 'held' : 'NOT held'}: ${words}, ${told}; ${alone}.`;
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
        `  ${own.scenario}, ${own.streams} at once, ${WORDS[figure]} at ${which === 'median' ? 'the median' : 'p99'}: ${ownMs.toFixed(3)} ms against ${best.toFixed(3)} ms (${bestRow}), spread ${spread.toFixed(3)} ms`,
    ),
  ];
};
