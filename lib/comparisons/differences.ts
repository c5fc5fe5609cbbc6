import type { EmbeddingDiversity } from '../diversity/figures.ts';
import { EQUAL_DIVERSITY } from '../diversity/student-t.ts';
import type { GenerationFigures } from '../runs/run.ts';
import { type IntervalOfMean, makeBootstrap } from './bootstrap.ts';
import { diversityDifference } from './diversity.ts';
import type { MeasuredBlock } from './measured-block.ts';
import type { Difference, Figure, Interval } from './view.ts';

/** With more settings than this, each one is compared only with the first. */
export const MAX_PAIRED_SETTINGS = 6;

type Paired = Exclude<Figure, 'embedding_diversity'>;
const PAIRED: Record<Paired, (figures: GenerationFigures) => number | null> = {
  ttft_ms: ({ ttftMs }) => ttftMs,
  tpot_ms: ({ tpotMs }) => tpotMs,
  e2e_ms: ({ e2eMs }) => e2eMs,
  cost_usd: ({ costUsd }) => costUsd,
  completion_tokens: ({ completionTokens }) => completionTokens,
  pass_rate: ({ passed }) => (passed === null ? null : Number(passed)),
};
const LATENCIES: Paired[] = ['ttft_ms', 'tpot_ms', 'e2e_ms'];

/** The compared data. `diversities[setting][prompt]` is each prompt's embedding diversity; empty if there is none. */
export type Compared = {
  labels: string[];
  blocks: MeasuredBlock[];
  diversities: EmbeddingDiversity[][];
  seed: string;
};

/**
 * Compares settings in pairs: the mean of a minus b over the blocks in which both completed, with a bootstrap interval
 * that resamples blocks. A difference is `clear` when the interval excludes 0. Latencies leave out pairs with a cold
 * start, unless that would drop more than half of the pairs. A figure that no pair has is not listed.
 */
export const differencesOf = ({ labels, blocks, diversities, seed }: Compared): Difference[] => {
  const intervalOf = makeBootstrap(seed);
  return settingPairs(labels.length).flatMap(([a, b]) => {
    const names = { a: labels[a] ?? '', b: labels[b] ?? '' };
    const paired = (Object.keys(PAIRED) as Paired[]).map((figure) =>
      pairedDifference(figure, a, b, blocks, intervalOf),
    );
    const found = [...paired, differenceInDiversity(a, b, diversities)].filter((one) => one !== null);
    return found.map((one): Difference => ({ ...names, ...one, ...verdict(names, one) }));
  });
};

/** The pairs of settings to compare: all, or each with the first if there are more than `MAX_PAIRED_SETTINGS`. */
export const settingPairs = (settings: number): [number, number][] =>
  Array.from({ length: settings }, (_, at) => at).flatMap((a, _, all): [number, number][] =>
    a > 0 && settings > MAX_PAIRED_SETTINGS ? [] : all.slice(a + 1).map((b) => [a, b]),
  );

type Unjudged = Omit<Difference, 'a' | 'b' | 'clear' | 'finding'>;

const pairedDifference = (
  figure: Paired,
  a: number,
  b: number,
  blocks: MeasuredBlock[],
  intervalOf: IntervalOfMean,
): Unjudged | null => {
  const read = PAIRED[figure];
  const pairs = blocks.flatMap(({ cells }) => {
    const [ofA, ofB] = [cells[a], cells[b]];
    const [valueA, valueB] = [ofA ? read(ofA) : null, ofB ? read(ofB) : null];
    if (valueA === null || valueB === null) return [];
    return [{ value: valueA - valueB, isCold: ofA?.coldStart === true || ofB?.coldStart === true }];
  });
  if (pairs.length === 0) return null;
  const warm = pairs.filter(({ isCold }) => !isCold);
  const used = LATENCIES.includes(figure) && warm.length * 2 >= pairs.length ? warm : pairs;
  const values = used.map(({ value }) => value);
  return {
    figure,
    n: values.length,
    left_out: blocks.length - values.length,
    difference: values.reduce((sum, value) => sum + value, 0) / values.length,
    interval: figure === 'pass_rate' ? intervalOfRates(values, intervalOf) : intervalOf(values),
  };
};

/**
 * The interval of a difference of pass rates. A few blocks that all agree would give a width of 0, so one block in
 * favour of a and one of b are added; for blocks that all agree this is close to an exact test of the pairs.
 */
const intervalOfRates = (values: number[], intervalOf: IntervalOfMean): Interval | null => {
  const interval = values.length === 0 ? null : intervalOf([...values, 1, -1]);
  return interval && [Math.max(-1, interval[0]), Math.min(1, interval[1])];
};

const differenceInDiversity = (
  a: number,
  b: number,
  diversities: EmbeddingDiversity[][],
): Unjudged | null => {
  const [ofA, ofB] = [diversities[a] ?? [], diversities[b] ?? []];
  const both = ofA.map(
    (one, prompt) => one.embedding_diversity !== null && (ofB[prompt]?.embedding_diversity ?? null) !== null,
  );
  const shared = (of: EmbeddingDiversity[]) => of.filter((_, prompt) => both[prompt]);
  const found = diversityDifference(shared(ofA), shared(ofB));
  const n = both.filter(Boolean).length;
  return found && { figure: 'embedding_diversity', n, left_out: both.length - n, ...found };
};

const verdict = (
  { a, b }: Pick<Difference, 'a' | 'b'>,
  { figure, difference, interval }: Unjudged,
): Pick<Difference, 'clear' | 'finding'> => {
  const minSize = figure === 'embedding_diversity' ? EQUAL_DIVERSITY : 0;
  const clear = interval !== null && (interval[0] > 0 || interval[1] < 0) && Math.abs(difference) > minSize;
  if (!clear) return { clear, finding: interval ? 'no clear difference' : 'too few pairs to tell' };
  return { clear, finding: `${a} is ${difference < 0 ? 'lower' : 'higher'} than ${b}` };
};
