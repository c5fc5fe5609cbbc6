import type { EmbeddingDiversity } from '../diversity/figures.ts';
import { t975, varianceOf } from '../diversity/student-t.ts';
import { type TextDiversity, textDiversityOf } from '../diversity/text.ts';
import { rounded } from '../json/value.ts';
import type { Outputs } from './outputs.ts';
import type { ComparedDiversity, Interval } from './view.ts';

/** Computes one setting's diversity from the texts and the vectors of each prompt. */
export const comparedDiversity = (setting: number, { texts, diversities }: Outputs): ComparedDiversity => {
  const ofTexts = texts?.[setting] ?? [];
  const ofVectors = diversities[setting] ?? [];
  const pooled = pooledDiversity(ofVectors);
  return {
    prompts: Math.max(
      ofTexts.filter((own) => own.length > 1).length,
      ofVectors.filter(({ n }) => n > 1).length,
    ),
    embedding_diversity: pooled?.mean ?? null,
    embedding_diversity_interval: pooled?.interval ?? null,
    vendi: meanOf(ofVectors.map(({ vendi }) => vendi)),
    ...meanTextDiversity(ofTexts),
  };
};

/** The mean of each text figure over the prompts; null if no prompt has it. */
const meanTextDiversity = (ofPrompts: string[][]): TextDiversity => {
  const figures = ofPrompts.map(textDiversityOf);
  const mean = (name: keyof TextDiversity): number | null => meanOf(figures.map((one) => one[name]));
  return {
    distinct_1: mean('distinct_1'),
    distinct_2: mean('distinct_2'),
    distinct_3: mean('distinct_3'),
    self_bleu_4: mean('self_bleu_4'),
    compression_ratio: mean('compression_ratio'),
    duplicate_rate: mean('duplicate_rate'),
    words_cut: mean('words_cut'),
    words_uncut: mean('words_uncut'),
  };
};

const meanOf = (values: (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : rounded(known.reduce((sum, value) => sum + value, 0) / known.length);
};

/**
 * The mean embedding diversity over prompts, with its 95% interval. The interval is about these prompts, not prompts
 * in general. Null if no prompt has a diversity.
 */
export const pooledDiversity = (
  ofPrompts: EmbeddingDiversity[],
): { mean: number; interval: Interval | null } | null => {
  const pooled = pool(ofPrompts);
  if (!pooled) return null;
  const halfWidth = halfWidthOf(pooled.variance, pooled.degrees);
  return {
    mean: pooled.mean,
    interval: halfWidth === null ? null : [Math.max(0, pooled.mean - halfWidth), pooled.mean + halfWidth],
  };
};

/**
 * The difference of two settings' mean diversities over the same prompts, with its 95% interval. The variances of both
 * (from each prompt's jackknife) add up, since their samples are independent; the degrees of freedom are those of
 * Welch and Satterthwaite. https://en.wikipedia.org/wiki/Welch%27s_t-test
 */
export const diversityDifference = (
  a: EmbeddingDiversity[],
  b: EmbeddingDiversity[],
): { difference: number; interval: Interval | null } | null => {
  const [ofA, ofB] = [pool(a), pool(b)];
  if (!ofA || !ofB) return null;
  const difference = ofA.mean - ofB.mean;
  if (ofA.variance === null || ofB.variance === null) return { difference, interval: null };
  const variance = ofA.variance + ofB.variance;
  const degrees = variance ** 2 / (ofA.variance ** 2 / ofA.degrees + ofB.variance ** 2 / ofB.degrees) || 1;
  const halfWidth = halfWidthOf(variance, degrees) ?? 0;
  return { difference, interval: [difference - halfWidth, difference + halfWidth] };
};

/** The mean of several prompts' diversities. `variance` is its squared standard error; null if one has no interval. */
type Pooled = { mean: number; variance: number | null; degrees: number };

const pool = (ofPrompts: EmbeddingDiversity[]): Pooled | null => {
  const known = ofPrompts.flatMap(({ n, embedding_diversity: estimate, interval }) =>
    estimate === null ? [] : [{ n, estimate, interval }],
  );
  if (known.length === 0) return null;
  const mean = known.reduce((sum, { estimate }) => sum + estimate, 0) / known.length;
  const variances = known.map(({ n, estimate, interval }) =>
    interval ? varianceOf(n, estimate, interval) : null,
  );
  if (variances.includes(null)) return { mean, variance: null, degrees: 1 };
  const total = variances.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const weighted = variances.reduce<number>(
    (sum, value, at) => sum + (value ?? 0) ** 2 / Math.max(1, (known[at]?.n ?? 2) - 1),
    0,
  );
  return {
    mean,
    variance: total / known.length ** 2,
    degrees: weighted === 0 ? 1 : total ** 2 / weighted,
  };
};

const halfWidthOf = (variance: number | null, degrees: number): number | null =>
  variance === null ? null : t975(degrees) * Math.sqrt(variance);
