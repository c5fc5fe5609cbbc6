/**
 * Diversity figures of one label's outputs, or of all outputs, as docs/metrics.md defines them. Null: unknown, or
 * fewer than two texts.
 */
export type DiversityFigures = {
  n: number;
  embedding_diversity: number | null;
  /** 95% interval of `embedding_diversity`, by the jackknife; null below three texts. */
  embedding_diversity_interval: [number, number] | null;
  vendi: number | null;
  distinct_1: number | null;
  distinct_2: number | null;
  distinct_3: number | null;
  self_bleu_4: number | null;
  compression_ratio: number | null;
  duplicate_rate: number | null;
  /** Words of each text in the n-gram figures (the shortest text's length), and the mean length before that cut. */
  words_cut: number | null;
  words_uncut: number | null;
};

/** Embedding-based diversity of one label's samples, or of all outputs. */
export type EmbeddingDiversity = {
  n: number;
  embedding_diversity: number | null;
  interval: [number, number] | null;
  vendi: number | null;
};
