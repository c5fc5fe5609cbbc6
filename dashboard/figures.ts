import { dollars, figureOf, UNKNOWN } from '../report/figures.ts';

/**
 * How a figure of the API is shown everywhere in the dashboard: its plain name, its unit, its definition (docs/metrics.md)
 * and its value as a text without the unit. Unknown is a dash, never zero.
 */
export type Shown = {
  title: string;
  unit: string;
  definition: string;
  format: (value: number) => string;
};

/** Formats by their digits: to make one for each number would take most of the time that a long list takes. */
const formats = [0, 1, 2, 3, 4].map(
  (digits) =>
    new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

const grouped = (value: number, digits: 0 | 1 | 2 | 3 | 4 = 0): string =>
  formats[digits]?.format(value) ?? String(value);

/** Tenths below a hundred, whole from there, so that a growing value keeps its width. */
const milliseconds = (value: number): string => grouped(value, Math.abs(value) < 100 ? 1 : 0);

const definitionOf = (name: Parameters<typeof figureOf>[0]): string => figureOf(name).definition;

const FIGURES = {
  ttft_ms: { title: 'First token', unit: 'ms', definition: definitionOf('ttft_ms'), format: milliseconds },
  tpot_ms: {
    title: 'Per token',
    unit: 'ms',
    definition: definitionOf('tpot_ms'),
    format: (value) => grouped(value, value < 10 ? 2 : 1),
  },
  e2e_ms: { title: 'Total time', unit: 'ms', definition: definitionOf('e2e_ms'), format: milliseconds },
  cost_usd: {
    title: 'Cost',
    unit: '',
    definition:
      "Prompt tokens, those read from the provider's cache and completion tokens, each at the dated price of the model that answered. An unknown price is unknown, never 0.",
    format: dollars,
  },
  embedding_diversity: {
    title: 'Diversity',
    unit: '',
    definition:
      'Embedding diversity: one less the mean cosine similarity over all pairs of outputs. It needs two outputs and their vectors.',
    format: (value) => grouped(value, 3),
  },
  tokens: {
    title: 'Tokens',
    unit: '',
    definition: "Completion tokens by the server's count, reasoning included.",
    format: (value) => grouped(value),
  },
  prompt_tokens: {
    title: 'Prompt tokens',
    unit: '',
    definition: "Tokens of the prompt by the server's count.",
    format: (value) => grouped(value),
  },
  longest_gap_ms: {
    title: 'Longest gap',
    unit: 'ms',
    definition: 'The longest time between two chunks that carried something.',
    format: milliseconds,
  },
  decode_tokens_per_second: {
    title: 'Decode rate',
    unit: 'tokens/s',
    definition: 'Tokens a second once the answer runs: 1000 / time per token.',
    format: (value) => grouped(value, 1),
  },
  tokens_per_second: {
    title: 'Overall rate',
    unit: 'tokens/s',
    definition:
      'Tokens a second over the total time, the wait for the first one included: 1000 x N / total time.',
    format: (value) => grouped(value, 1),
  },
  seconds_per_token: {
    title: 'Seconds per token',
    unit: 's',
    definition: 'Total time / tokens, the wait for the first one included; it falls as answers grow.',
    format: (value) => grouped(value, 4),
  },
  ttfr_ms: {
    title: 'First event',
    unit: 'ms',
    definition: 'From the dispatch of the request to the first event of any kind.',
    format: milliseconds,
  },
  ttfo_ms: {
    title: 'First visible text',
    unit: 'ms',
    definition: 'From the dispatch of the request to the first visible text.',
    format: milliseconds,
  },
  ttlt_ms: {
    title: 'Last token',
    unit: 'ms',
    definition: 'From the dispatch of the request to the last non-empty payload.',
    format: milliseconds,
  },
  connect_ms: {
    title: 'Connection',
    unit: 'ms',
    definition:
      'DNS, TCP and TLS of a new connection, 0 on a reused one; part of the time to the first token.',
    format: milliseconds,
  },
  uncertainty_ms: {
    title: 'Uncertainty',
    unit: 'ms',
    definition:
      'The longest that bytes which had arrived can have waited to be read. In 99 of 100 generations no time is wrong by more.',
    format: (value) => grouped(value, 2),
  },
  gap_ms: {
    title: 'Gap',
    unit: 'ms',
    definition: 'The time since the chunk before.',
    format: (value) => grouped(value, 1),
  },
  itl_ms: {
    title: 'Between tokens',
    unit: 'ms',
    definition:
      'Inter-token latency: a chunk of k tokens after a gap g gives k samples of g / k. Unknown where the tokens of a chunk are.',
    format: (value) => grouped(value, 1),
  },
  chunk_density: {
    title: 'Tokens a chunk',
    unit: '',
    definition: 'Chunk density: one less than the streamed tokens / one less than the chunks.',
    format: (value) => grouped(value, 2),
  },
  probability: {
    title: 'Probability',
    unit: '%',
    definition:
      'Of the token at its place, before temperature and penalties, as the model server reports it.',
    format: (value) => grouped(value * 100, value >= 0.1 ? 1 : 2),
  },
  pass_rate: {
    title: 'Pass rate',
    unit: '%',
    definition: definitionOf('pass_rate'),
    format: (value) => grouped(value * 100, 1),
  },
  similarity: {
    title: 'Similarity',
    unit: '',
    definition:
      'Cosine similarity of the query and this passage: 1 is the same direction, 0 is nothing in common. Rare words of the query also count for the order.',
    format: (value) => grouped(value, 2),
  },
  vendi: {
    title: 'Vendi score',
    unit: '',
    definition:
      'The number of really different outputs: exp of the entropy of the eigenvalues of the cosine matrix / n; from 1 to n.',
    format: (value) => grouped(value, 2),
  },
  distinct_1: {
    title: 'Distinct words',
    unit: '',
    definition: 'Unique words / all words.',
    format: (value) => grouped(value, 3),
  },
  distinct_2: {
    title: 'Distinct pairs',
    unit: '',
    definition: 'Unique 2-grams of words / all 2-grams.',
    format: (value) => grouped(value, 3),
  },
  distinct_3: {
    title: 'Distinct triples',
    unit: '',
    definition: 'Unique 3-grams of words / all 3-grams.',
    format: (value) => grouped(value, 3),
  },
  self_bleu_4: {
    title: 'Self-BLEU',
    unit: '',
    definition: 'Mean BLEU-4 of each output against the others; high means similar.',
    format: (value) => grouped(value, 3),
  },
  compression_ratio: {
    title: 'Compression',
    unit: '',
    definition: 'UTF-8 bytes of the joined outputs / their gzip bytes; high means repetitive.',
    format: (value) => grouped(value, 2),
  },
  duplicate_rate: {
    title: 'Duplicates',
    unit: '%',
    definition: '1 - unique outputs / n.',
    format: (value) => grouped(value * 100, 1),
  },
} satisfies { [name: string]: Shown };

export type FigureName = keyof typeof FIGURES;

export const shownOf = (name: FigureName): Shown => FIGURES[name];

/** A value with its unit, as `122 ms`, `$0.031`, `0.261`; a dash where it is not known. */
export const figureText = (name: FigureName, value: number | null | undefined): string => {
  if (value === null || value === undefined) return UNKNOWN;
  const { format, unit } = shownOf(name);
  return unit === '' ? format(value) : `${format(value)}\u00a0${unit}`;
};
