import { errorStatistics, tailOf } from '../results.ts';
import { cpuName } from './conditions.ts';
import type { PathSample } from './measure-path.ts';
import {
  boundsOf,
  errorsBeyond,
  isMeasured,
  type Measured,
  type PathFigure,
  type Transit,
} from './path-results.ts';

/** The aims, in ms beyond the bare client's median; `withinBound` is a share of the generations. */
const AIMS = {
  warmTtft: { medianMs: 1, p99Ms: 5 },
  coldTtft: { medianMs: 3, leastStarts: 10 },
  tpotMs: 0.05,
  withinBound: 0.99,
};

/** Says in sentences which aims were reached, with each share of CPU. Nothing depends on it. */
export const pathVerdict = (samples: readonly PathSample[], transit: Transit): string[] => {
  const measured = samples.filter(isMeasured);
  const idle = measured.filter(({ condition }) => condition.load === 'idle');
  const byCpu = [...Map.groupBy(idle, ({ condition }) => condition.memoryMb)].toSorted(
    ([a], [b]) => (b ?? Number.POSITIVE_INFINITY) - (a ?? Number.POSITIVE_INFINITY),
  );
  return [
    `Aims, beyond the bare client's median and without busy CPUs: TTFT at most ${AIMS.warmTtft.medianMs} ms at the median and ${AIMS.warmTtft.p99Ms} ms at p99 in warm environments, ${AIMS.coldTtft.medianMs} ms at the median of ${AIMS.coldTtft.leastStarts} cold starts; time per token within ${AIMS.tpotMs} ms at the median.`,
    ...byCpu.flatMap(([memoryMb, here]) => [
      ...warmVerdict(cpuName(memoryMb), withStart(here, 'warm'), transit),
      ...coldVerdict(cpuName(memoryMb), withStart(here, 'cold'), transit),
      ...tpotVerdict(cpuName(memoryMb), here, transit),
    ]),
    boundVerdict(measured, transit),
  ];
};

const withStart = (samples: readonly Measured[], start: string): Measured[] =>
  samples.filter(({ condition }) => condition.start === start);

export const judged = (isHeld: boolean): string => `  ${isHeld ? 'held' : 'NOT held'}`;

const statisticsOf = (samples: readonly Measured[], figure: PathFigure, transit: Transit) => {
  const statistics = errorStatistics(errorsBeyond(samples, figure, transit));
  const { median, n, p99 } = statistics;
  const tail = tailOf(statistics);
  if (median === null || tail === null) return undefined;
  return { n, median, tail, words: p99 === null ? 'at worst' : 'at p99' };
};

const warmVerdict = (cpu: string, samples: readonly Measured[], transit: Transit): string[] => {
  const ttft = statisticsOf(samples, 'ttft', transit);
  if (!ttft) return [];
  const { n, median, tail, words } = ttft;
  const isHeld = median <= AIMS.warmTtft.medianMs && tail <= AIMS.warmTtft.p99Ms;
  return [
    `${judged(isHeld)}: TTFT, warm, ${cpu}: ${median.toFixed(2)} ms at the median, ${tail.toFixed(2)} ms ${words} (n = ${n}).`,
  ];
};

const coldVerdict = (cpu: string, samples: readonly Measured[], transit: Transit): string[] => {
  const ttft = statisticsOf(samples, 'ttft', transit);
  if (!ttft) return [];
  const { n, median, tail, words } = ttft;
  const figures = `${median.toFixed(2)} ms at the median, ${tail.toFixed(2)} ms ${words} (n = ${n})`;
  const isEnough = n >= AIMS.coldTtft.leastStarts;
  const verdict = isEnough ? judged(median <= AIMS.coldTtft.medianMs) : '  too few cold starts';
  return [`${verdict}: TTFT, cold, ${cpu}: ${figures}.`];
};

const tpotVerdict = (cpu: string, samples: readonly Measured[], transit: Transit): string[] => {
  const tpot = statisticsOf(samples, 'tpot', transit);
  if (!tpot) return [];
  const { n, median, tail, words } = tpot;
  const within = errorsBeyond(samples, 'tpot', transit).filter((error) => error <= AIMS.tpotMs).length;
  return [
    `${judged(median <= AIMS.tpotMs)}: time per token, ${cpu}: ${median.toFixed(3)} ms at the median, ${tail.toFixed(3)} ms ${words}; ${within} of ${n} within ${AIMS.tpotMs} ms.`,
  ];
};

const boundVerdict = (samples: readonly Measured[], transit: Transit): string => {
  const { n, within, missing, flagged } = boundsOf(samples, transit);
  if (n === 0) return 'The functions gave no bound of their errors (uncertainty_ms).';
  const share = within / n;
  return `${judged(share >= AIMS.withinBound)}: in ${within} of ${n} generations (${(100 * share).toFixed(1)} of 100; the aim is ${100 * AIMS.withinBound}, busy CPUs included) the errors of first token, last token and end are within uncertainty_ms; ${missing} had no bound, and ${flagged} called a figure uncertain.`;
};
