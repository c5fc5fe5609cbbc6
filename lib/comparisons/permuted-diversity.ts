import { cosineMatrix } from '../diversity/matrix.ts';

/** The cosines of all outputs to a prompt. The output of setting s in the prompt's block i is in row i x settings + s. */
export type PromptCosines = { blocks: number[]; cosines: Float32Array; isKnown: Uint8Array };

/**
 * Prepares the diversity of each prompt for `diversityUnder`. `vectors[block][setting]` is undefined where there is
 * none, `promptOf[block]` the block's prompt.
 */
export const promptCosines = (
  vectors: readonly (readonly (Float32Array | undefined)[])[],
  promptOf: readonly number[],
  settings: number,
): PromptCosines[] =>
  [...new Set(promptOf)].map((prompt) => {
    const blocks = promptOf.flatMap((own, block) => (own === prompt ? [block] : []));
    const rows = blocks.flatMap((block) => Array.from({ length: settings }, (_, at) => vectors[block]?.[at]));
    const places = rows.flatMap((vector, at) => (vector ? [at] : []));
    const cosines = new Float32Array(rows.length * rows.length);
    const known = cosineMatrix(rows.filter((vector) => vector !== undefined));
    for (const [i, a] of places.entries()) {
      for (const [j, b] of places.entries()) cosines[a * rows.length + b] = known[i]?.[j] ?? 0;
    }
    return { blocks, cosines, isKnown: Uint8Array.from(rows, (vector) => (vector ? 1 : 0)) };
  });

/**
 * The difference in embedding diversity of each pair, when `order[block x settings + label]` has the label: the mean
 * over the prompts for which both labels have two outputs, 0 if there is none.
 */
export const diversityUnder = (
  prompts: readonly PromptCosines[],
  order: Uint8Array,
  settings: number,
  pairs: readonly (readonly [number, number])[],
): Float64Array => {
  const sums = new Float64Array(pairs.length);
  const counts = new Float64Array(pairs.length);
  for (const prompt of prompts) {
    const own = Float64Array.from({ length: settings }, (_, label) =>
      diversityOf(prompt, order, settings, label),
    );
    for (const [pair, [a, b]] of pairs.entries()) {
      const difference = (own[a] ?? 0) - (own[b] ?? 0);
      if (Number.isNaN(difference)) continue;
      sums[pair] = (sums[pair] ?? 0) + difference;
      counts[pair] = (counts[pair] ?? 0) + 1;
    }
  }
  return sums.map((sum, pair) => sum / Math.max(1, counts[pair] ?? 0));
};

/** 1 - mean cosine over the pairs of one label's outputs to a prompt; NaN below two outputs. */
const diversityOf = (
  { blocks, cosines, isKnown }: PromptCosines,
  order: Uint8Array,
  settings: number,
  label: number,
): number => {
  const size = blocks.length * settings;
  const rows = new Int32Array(blocks.length);
  let n = 0;
  for (const [at, block] of blocks.entries()) {
    const row = at * settings + (order[block * settings + label] ?? 0);
    if (isKnown[row] === 1) rows[n++] = row;
  }
  let sum = 0;
  for (let i = 1; i < n; i += 1) {
    const start = (rows[i] ?? 0) * size;
    for (let j = 0; j < i; j += 1) sum += cosines[start + (rows[j] ?? 0)] ?? 0;
  }
  return n < 2 ? Number.NaN : 1 - sum / ((n * (n - 1)) / 2);
};
