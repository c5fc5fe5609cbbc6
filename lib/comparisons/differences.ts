import type { EmbeddingDiversity } from '../diversity/figures.ts';
import { EQUAL_DIVERSITY } from '../diversity/student-t.ts';
import { rounded } from '../json/value.ts';
import { percentile } from '../timing/spread.ts';
import { type ComparedValues, comparedValues, type Value } from './compared-values.ts';
import { diversityDifference } from './diversity.ts';
import { CLEAR_UP_TO, type LabelTest, labelTest } from './label-test.ts';
import type { MeasuredBlock } from './measured-block.ts';
import { promptCosines } from './permuted-diversity.ts';
import { quantileInterval } from './quantile-interval.ts';
import { rateDifferenceInterval } from './rate-interval.ts';
import { ABSENCES, type Difference, type Interval } from './view.ts';

/** With more settings than this, each one is compared only with the first. */
export const MAX_PAIRED_SETTINGS = 6;

/** Below this many pairs even the widest interval of a median holds too seldom, and nothing is told. */
export const MIN_PAIRS = 6;

/**
 * The compared data. `settings` are the settings to compare, by their place in the blocks and in `labels`.
 * `diversities[setting][prompt]` is each prompt's embedding diversity, `vectors[block][setting]` each output's vector;
 * both are empty if there are none. `isOver`: nothing can be added, so the differences are tested.
 */
export type Compared = {
  labels: string[];
  settings: number[];
  blocks: MeasuredBlock[];
  diversities: EmbeddingDiversity[][];
  vectors: (Float32Array | undefined)[][];
  seed: string;
  isOver: boolean;
  hasChecks?: boolean;
  permutations?: number;
};

/**
 * A difference with its statistic in the test of all of them, of which those above `critical` are clear. `isEqual`: the
 * two have the same value in each of enough pairs.
 */
type Tested = { difference: Difference; statistic: number; isEqual: boolean };
export type Findings = { tested: Tested[]; critical: number | null };

/**
 * Compares settings in pairs, block by block. Which differences are clear is decided by one test for all of them, once
 * the comparison is over. A clear difference also has the sign of the test's statistic, and an interval without 0. A
 * figure that no generation could have is not listed; one that no pair has is, without a difference.
 */
export const compareSettings = (compared: Compared): Findings => {
  const { labels, settings, blocks, diversities, isOver } = compared;
  const pairs = settingPairs(settings.length);
  const values = comparedValues(blocks, settings, compared.hasChecks);
  const test = isOver && pairs.length > 0 ? testOf(compared, values, pairs) : null;
  const tested = pairs.flatMap(([a, b], pair) => {
    const [ofA = 0, ofB = 0] = [settings[a], settings[b]];
    const found = [
      ...values.map((of) => pairedDifference(of, a, b)),
      differenceInDiversity(diversities[ofA] ?? [], diversities[ofB] ?? []),
    ];
    return found.flatMap((own, figure): Tested[] => {
      if (!own) return [];
      const statistic = test?.statistic[figure]?.[pair] ?? 0;
      const { isSame, ...counted } = own;
      const p = own.difference === null ? null : (test?.p[figure]?.[pair] ?? null);
      const names = { a: labels[ofA] ?? '', b: labels[ofB] ?? '' };
      const isFew = (own.figure === 'embedding_diversity' ? blocks.length : own.n) < MIN_PAIRS;
      const judged = judge(names, own, { p, statistic, isFew });
      return [
        {
          difference: { ...names, ...counted, ...roundedOf(own), p, ...judged },
          statistic,
          isEqual: isSame && !isFew && p !== null,
        },
      ];
    });
  });
  return { tested, critical: test?.critical ?? null };
};

/** The pairs of settings to compare: all, or each with the first if there are more than `MAX_PAIRED_SETTINGS`. */
export const settingPairs = (settings: number): [number, number][] =>
  Array.from({ length: settings }, (_, at) => at).flatMap((a, _, all): [number, number][] =>
    a > 0 && settings > MAX_PAIRED_SETTINGS ? [] : all.slice(a + 1).map((b) => [a, b]),
  );

const testOf = (
  { settings, blocks, vectors, seed, permutations }: Compared,
  values: ComparedValues[],
  pairs: [number, number][],
): LabelTest => {
  const ofSettings = vectors.map((row) => settings.map((setting) => row[setting]));
  const promptOf = blocks.map(({ prompt }) => prompt);
  return labelTest({
    figures: values.map(({ rows }) => rows),
    diversity: vectors.length === 0 ? [] : promptCosines(ofSettings, promptOf, settings.length),
    blocks: blocks.length,
    settings: settings.length,
    pairs,
    seed,
    ...(permutations !== undefined && { permutations }),
  });
};

/** `isSame`: the values of every pair are the same. */
type Unjudged = Omit<Difference, 'a' | 'b' | 'p' | 'clear' | 'finding'> & { isSame: boolean };

const pairedDifference = ({ figure, rows }: ComparedValues, a: number, b: number): Unjudged => {
  const left_out_by = { failed: 0, cold: 0, uncertain: 0, unknown: 0 };
  const differences: number[] = [];
  for (const row of rows) {
    const [ofA = 'unknown', ofB = 'unknown']: Value[] = [row[a] ?? 'unknown', row[b] ?? 'unknown'];
    if (typeof ofA === 'number' && typeof ofB === 'number') differences.push(ofA - ofB);
    else left_out_by[ABSENCES.find((own) => own === ofA || own === ofB) ?? 'unknown'] += 1;
  }
  const n = differences.length;
  const sorted = Float64Array.from(differences).sort();
  const isSame = differences.every((own) => own === 0);
  const counts = { figure, n, left_out: rows.length - n, left_out_by, isSame };
  if (figure === 'pass_rate' && n > 0) return { ...counts, ...differenceOfRates(differences) };
  return { ...counts, difference: percentile(sorted, 50), interval: quantileInterval(sorted, 0.5) };
};

const differenceOfRates = (differences: number[]): { difference: number; interval: Interval | null } => {
  const n = differences.length;
  const [onlyA, onlyB] = [1, -1].map((own) => differences.filter((value) => value === own).length);
  return {
    difference: ((onlyA ?? 0) - (onlyB ?? 0)) / n,
    interval: n < MIN_PAIRS ? null : rateDifferenceInterval(onlyA ?? 0, onlyB ?? 0, n),
  };
};

const differenceInDiversity = (ofA: EmbeddingDiversity[], ofB: EmbeddingDiversity[]): Unjudged | null => {
  const both = ofA.map(
    (one, prompt) => one.embedding_diversity !== null && (ofB[prompt]?.embedding_diversity ?? null) !== null,
  );
  const shared = (of: EmbeddingDiversity[]) => of.filter((_, prompt) => both[prompt]);
  const found = diversityDifference(shared(ofA), shared(ofB));
  const n = both.filter(Boolean).length;
  const left_out = both.length - n;
  const left_out_by = { failed: 0, cold: 0, uncertain: 0, unknown: left_out };
  const isSame = ofA.every((one, prompt) => {
    const apart = (one.embedding_diversity ?? 0) - (ofB[prompt]?.embedding_diversity ?? 0);
    return !both[prompt] || Math.abs(apart) <= EQUAL_DIVERSITY;
  });
  return found && { figure: 'embedding_diversity', n, left_out, left_out_by, isSame, ...found };
};

const roundedOf = ({ difference, interval }: Unjudged): Pick<Difference, 'difference' | 'interval'> => ({
  difference: difference === null ? null : rounded(difference),
  interval: interval === null ? null : [rounded(interval[0]), rounded(interval[1])],
});

const judge = (
  { a, b }: Pick<Difference, 'a' | 'b'>,
  { figure, n, difference, interval, isSame }: Unjudged,
  { p, statistic, isFew }: { p: number | null; statistic: number; isFew: boolean },
): Pick<Difference, 'clear' | 'finding'> => {
  if (difference === null || isFew) return { clear: false, finding: 'too few pairs to tell' };
  if (p === null) return { clear: false, finding: 'told when the comparison has ended' };
  if (isSame) return { clear: false, finding: `no difference at all in ${n} ${n === 1 ? 'pair' : 'pairs'}` };
  const clear =
    p <= CLEAR_UP_TO &&
    Math.abs(difference) > (figure === 'embedding_diversity' ? EQUAL_DIVERSITY : 0) &&
    Math.sign(difference) === Math.sign(statistic) &&
    (interval === null || interval[0] > 0 || interval[1] < 0);
  if (!clear) return { clear, finding: 'no clear difference' };
  return { clear, finding: `${a} is ${difference < 0 ? 'lower' : 'higher'} than ${b}` };
};
