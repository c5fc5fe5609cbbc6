import { diversityDifference } from '../../../lib/comparisons/diversity.ts';
import { quantileInterval } from '../../../lib/comparisons/quantile-interval.ts';
import { rateDifferenceInterval } from '../../../lib/comparisons/rate-interval.ts';
import type { Interval } from '../../../lib/comparisons/view.ts';
import { embeddingDiversityOf } from '../../../lib/diversity/embedding.ts';
import { type Draws, makeDraws } from './draws.ts';

/** How often an interval held the true value, of `of` values of one kind. */
export type Coverage = { interval: string; values: string; n: number; held: number };

type Source = { values: string; draw(draws: Draws): number; quantiles: { [quantile: number]: number } };

const LOG_2 = Math.log(2);
/** The 90th percentile of the standard normal distribution. */
const Z_90 = 1.2815515655446004;

/** Differences and times with known quantiles. */
const SOURCES: Source[] = [
  { values: 'normal', draw: (draws) => draws.normal(), quantiles: { 0.5: 0, 0.9: Z_90 } },
  {
    values: 'exponential',
    draw: (draws) => -Math.log(draws.uniform()),
    quantiles: { 0.5: LOG_2, 0.9: Math.log(10) },
  },
  {
    values: 'log-normal, 2% ten times as long',
    draw: (draws) => Math.exp(0.3 * draws.normal()) * (draws.chance(0.02) ? 10 : 1),
    quantiles: { 0.5: quantileOfTimes(0.5), 0.9: quantileOfTimes(0.9) },
  },
  {
    values: 'differences of such times',
    draw: (draws) => {
      const time = () => Math.exp(0.3 * draws.normal()) * (draws.chance(0.02) ? 10 : 1);
      return time() - time();
    },
    quantiles: { 0.5: 0 },
  },
  {
    values: 'whole numbers, half of them 0',
    draw: (draws) => Math.floor(-Math.log(draws.uniform()) / LOG_2),
    // P(0) = 1/2, so 0 and 1 are medians alike; below 3 are 7 of 8, below 4 are 15 of 16.
    quantiles: { 0.5: 0, 0.9: 3 },
  },
];

/** The quantile of log-normal times of which 2% are ten times as long, by halving. */
function quantileOfTimes(quantile: number): number {
  let [low, high] = [0.01, 100];
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    const below =
      0.98 * normalBelow(Math.log(middle) / 0.3) + 0.02 * normalBelow(Math.log(middle / 10) / 0.3);
    if (below < quantile) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The standard normal distribution function, to 1e-7. https://personal.math.ubc.ca/~cbm/aands/page_932.htm, 26.2.17 */
function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const [a, b, c, d, e] = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const tail =
    (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * t * (a + t * (b + t * (c + t * (d + t * e))));
  return z < 0 ? tail : 1 - tail;
}

const holds = (interval: Interval | null, value: number): boolean =>
  interval !== null && interval[0] - 1e-9 <= value && interval[1] + 1e-9 >= value;

/** Draws values `times` times and counts how often the interval of a quantile held the true one. */
const ofQuantile = (quantile: number, sizes: number[], seed: string, times: number): Coverage[] =>
  SOURCES.flatMap(({ values, draw, quantiles }) => {
    const truth = quantiles[quantile];
    if (truth === undefined) return [];
    return sizes.map((n) => {
      const draws = makeDraws(`${seed} ${quantile} ${values} ${n}`);
      let held = 0;
      for (let at = 0; at < times; at += 1) {
        const sorted = Float64Array.from({ length: n }, () => draw(draws)).sort();
        if (holds(quantileInterval(sorted, quantile), truth)) held += 1;
      }
      return { interval: quantile === 0.5 ? 'median' : 'p90', values, n, held: held / times };
    });
  });

const RATES = Array.from({ length: 41 }, (_, at) => at / 40);

/** The coverage of the interval of two pass rates, summed over all results: the least and the mean over all rates. */
const ofRates = (n: number): Coverage[] => {
  const all = RATES.flatMap((onlyA) =>
    RATES.filter((onlyB) => onlyA + onlyB <= 1 + 1e-9).map((onlyB) => exactCoverage(n, onlyA, onlyB)),
  );
  const interval = 'difference of pass rates';
  return [
    { interval, values: 'all rates, least', n, held: Math.min(...all) },
    { interval, values: 'all rates, mean', n, held: all.reduce((sum, own) => sum + own, 0) / all.length },
  ];
};

const exactCoverage = (n: number, onlyA: number, onlyB: number): number => {
  let held = 0;
  for (let a = 0; a <= n; a += 1) {
    for (let b = 0; a + b <= n; b += 1) {
      if (!holds(rateDifferenceInterval(a, b, n), onlyA - onlyB)) continue;
      held +=
        choose(n, a) *
        choose(n - a, b) *
        onlyA ** a *
        onlyB ** b *
        Math.max(0, 1 - onlyA - onlyB) ** (n - a - b);
    }
  }
  return held;
};

const choose = (n: number, k: number): number =>
  Array.from({ length: k }, (_, at) => (n - at) / (at + 1)).reduce((product, own) => product * own, 1);

const DIMENSIONS = 8;

/** The coverage of the difference in diversity over three prompts. The truth is the mean of all the estimates. */
const ofDiversity = (samples: number, farTexts: number, seed: string, times: number): Coverage => {
  const draws = makeDraws(`${seed} diversity ${samples} ${farTexts}`);
  const centres = Array.from({ length: 3 }, () => Array.from({ length: DIMENSIONS }, () => draws.normal()));
  const setting = (spread: number) =>
    centres.map((centre) =>
      embeddingDiversityOf(
        Array.from({ length: samples }, () => {
          const distance = spread * (draws.chance(farTexts) ? 3 : 1);
          return Float32Array.from(centre, (value) => value + distance * draws.normal());
        }),
      ),
    );
  const found = Array.from({ length: times }, () => diversityDifference(setting(0.7), setting(0.5)));
  const truth = found.reduce((sum, own) => sum + (own?.difference ?? 0), 0) / times;
  const held = found.filter((own) => holds(own?.interval ?? null, truth)).length / times;
  const values = farTexts === 0 ? 'texts around a centre' : `${100 * farTexts}% of the texts far out`;
  return { interval: 'difference in diversity', values: `3 prompts, ${values}`, n: samples, held };
};

/** The coverage of every kind of interval in an answer. */
export const coverages = (seed: string, times: number): Coverage[] => [
  ...ofQuantile(0.5, [6, 8, 20, 60], seed, times),
  ...ofQuantile(0.9, [29, 60, 250], seed, times),
  ...[6, 8, 20, 60].flatMap(ofRates),
  ...[4, 10].flatMap((samples) =>
    [0, 0.03].map((farTexts) => ofDiversity(samples, farTexts, seed, Math.ceil(times / 5))),
  ),
];
