import { EQUAL_DIVERSITY } from '../diversity/student-t.ts';
import { diversityUnder, type PromptCosines } from './permuted-diversity.ts';
import { seededRandom } from './seeded-random.ts';

/** Permutations of a comparison's labels, besides the one that was observed. */
const PERMUTATIONS = 1_999;

/** Differences are clear up to this probability: below 5% with room for the seed's own chance. */
export const CLEAR_UP_TO = 0.045;

/** Two results this close are equal but for rounding. */
const ROUNDING = 1e-9;

/**
 * The values to test. `figures[figure][block][setting]` is a number, or anything else where there is none. `pairs` are
 * the compared settings. `permutations` is for simulations, which need fewer.
 */
export type Tested = {
  figures: (readonly (readonly unknown[])[])[];
  diversity: PromptCosines[];
  blocks: number;
  settings: number;
  pairs: readonly (readonly [number, number])[];
  seed: string;
  permutations?: number;
};

/**
 * Of each figure and pair: `statistic` (positive: a is higher) and `p`, how often equal settings would show as large a
 * statistic in any figure and pair. The last row is that of diversity. `critical` is the largest statistic that is not
 * clear.
 */
export type LabelTest = { statistic: number[][]; p: number[][]; critical: number };

/**
 * One permutation test for all figures and pairs of a comparison. If settings are equal, it does not matter which
 * generation of a block has which label. So the labels of each block are permuted at random, whole cells at a time:
 * all figures and the text of a generation stay together, and so do a missing generation's gaps. The p of a figure and
 * pair is the share of the permutations, with the observed one among them, whose largest statistic of all figures and
 * pairs is at least as large (Westfall and Young's max-T). That is exact, whatever distribution the figures have: among
 * equal settings at most 4.5% of comparisons have any p of 4.5% or less.
 *
 * The statistic of a figure is the sum of its blocks' scores (`scoresOf`) over the root of the sum of their squares, so
 * that all figures and pairs have the same spread. That of diversity is the difference over its root mean square in all
 * permutations.
 */
export const labelTest = (tested: Tested): LabelTest => {
  const { figures, diversity, blocks, settings, pairs, seed, permutations = PERMUTATIONS } = tested;
  const scores = scoresOf(figures, blocks, settings);
  const rows = figures.length * pairs.length;
  const observed = new Float64Array(rows);
  const largest = new Float64Array(permutations);
  const inDiversity = new Float64Array((permutations + 1) * pairs.length);
  const orderOf = makeOrders(seed, blocks, settings);
  for (let at = 0; at <= permutations; at += 1) {
    const order = orderOf(at > 0);
    const statistics = statisticsOf(scores, order, { figures: figures.length, blocks, settings, pairs });
    if (at === 0) observed.set(statistics);
    else largest[at - 1] = largestOf(statistics);
    inDiversity.set(diversityUnder(diversity, order, settings, pairs), at * pairs.length);
  }
  const spread = Math.sqrt(inDiversity.reduce((sum, value) => sum + value * value, 0) / inDiversity.length);
  const scale = spread > EQUAL_DIVERSITY ? 1 / spread : 0;
  for (let at = 0; at < permutations; at += 1) {
    const own = inDiversity.subarray((at + 1) * pairs.length, (at + 2) * pairs.length);
    largest[at] = Math.max(largest[at] ?? 0, scale * largestOf(own));
  }
  const statistic = [
    ...figures.map((_, figure) => pairs.map((_, pair) => observed[figure * pairs.length + pair] ?? 0)),
    pairs.map((_, pair) => scale * (inDiversity[pair] ?? 0)),
  ];
  largest.sort();
  return {
    statistic,
    p: statistic.map((row) => row.map((own) => (1 + countFrom(largest, Math.abs(own))) / (permutations + 1))),
    critical:
      largest[permutations - Math.floor(CLEAR_UP_TO * (permutations + 1))] ?? Number.POSITIVE_INFINITY,
  };
};

/**
 * The scores of a figure: for each block and two settings the relative difference (a - b) / (a + b), which ranks as the
 * ratio does, cut at the median of all absolute ones so that outliers count no more than half of the others. 0 where a
 * value is missing. The score of figure f, block i and settings a, b is at ((i x settings + a) x settings + b) x
 * figures + f.
 */
const scoresOf = (figures: Tested['figures'], blocks: number, settings: number): Float64Array => {
  const scores = new Float64Array(blocks * settings * settings * figures.length);
  for (const [figure, rows] of figures.entries()) {
    const place = (block: number, a: number, b: number) =>
      ((block * settings + a) * settings + b) * figures.length + figure;
    const sizes: number[] = [];
    for (const [block, row] of rows.entries()) {
      for (let a = 0; a < settings; a += 1) {
        for (let b = a + 1; b < settings; b += 1) {
          const score = relativeDifference(row[a], row[b]);
          if (score === 0) continue;
          sizes.push(Math.abs(score));
          scores[place(block, a, b)] = score;
          scores[place(block, b, a)] = -score;
        }
      }
    }
    const most = Float64Array.from(sizes).sort()[Math.floor(sizes.length / 2)] ?? 1;
    for (let at = figure; at < scores.length; at += figures.length) {
      scores[at] = Math.max(-most, Math.min(most, scores[at] ?? 0));
    }
  }
  return scores;
};

const relativeDifference = (a: unknown, b: unknown): number =>
  typeof a !== 'number' || typeof b !== 'number' || a === b ? 0 : (a - b) / (Math.abs(a) + Math.abs(b));

/** Makes a function for orders: `order[block x settings + label]` is the setting that gets the label. */
const makeOrders = (seed: string, blocks: number, settings: number) => {
  const random = seededRandom(`${seed} labels`);
  const order = new Uint8Array(blocks * settings);
  return (isPermuted: boolean): Uint8Array => {
    const draws = isPermuted ? random.words(order.length) : undefined;
    for (let start = 0; start < order.length; start += settings) {
      for (let label = 0; label < settings; label += 1) {
        // Fisher and Yates, from the inside out.
        const other = draws ? (draws[start + label] ?? 0) % (label + 1) : label;
        order[start + label] = order[start + other] ?? 0;
        order[start + other] = label;
      }
    }
    return order;
  };
};

type Shape = { figures: number; blocks: number; settings: number; pairs: Tested['pairs'] };

/** The statistic of each figure and pair, at figure x pairs + pair, under an order of the labels. */
const statisticsOf = (
  scores: Float64Array,
  order: Uint8Array,
  { figures, blocks, settings, pairs }: Shape,
): Float64Array => {
  const statistics = new Float64Array(figures * pairs.length);
  const sums = new Float64Array(figures);
  const squares = new Float64Array(figures);
  for (const [pair, [a, b]] of pairs.entries()) {
    sums.fill(0);
    squares.fill(0);
    for (let block = 0; block < blocks; block += 1) {
      const start = block * settings;
      const place = ((start + (order[start + a] ?? 0)) * settings + (order[start + b] ?? 0)) * figures;
      for (let figure = 0; figure < figures; figure += 1) {
        const score = scores[place + figure] ?? 0;
        sums[figure] = (sums[figure] ?? 0) + score;
        squares[figure] = (squares[figure] ?? 0) + score * score;
      }
    }
    for (let figure = 0; figure < figures; figure += 1) {
      const square = squares[figure] ?? 0;
      statistics[figure * pairs.length + pair] = square > 0 ? (sums[figure] ?? 0) / Math.sqrt(square) : 0;
    }
  }
  return statistics;
};

const largestOf = (values: Float64Array): number => {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
};

/** How many of the ascending values are at least `least`. */
const countFrom = (sorted: Float64Array, least: number): number => {
  const first = sorted.findIndex((value) => value >= least - ROUNDING);
  return first < 0 ? 0 : sorted.length - first;
};
