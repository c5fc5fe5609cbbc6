import type { ComparedSetting, Difference } from '../client/api-types.ts';

/** An unknown figure is a dash, never zero. */
export const UNKNOWN = '–';

export type FigureName = Difference['figure'];

type Figure = {
  name: FigureName;
  /** As a heading of a column and of a chart. */
  title: string;
  unit: string;
  /** The definition of docs/metrics.md, in a sentence. */
  definition: string;
  /** A value without its unit, with so many digits more than usual. */
  format: (value: number, more?: number) => string;
  /** The same for a column, whose values all have three digits. */
  inColumn?: (value: number) => string;
  /** Which end is better; undefined where it depends on what one wants. */
  better?: 'lower' | 'higher';
  /** The value of a setting that stands for all its answers, its interval if it has one, and the number of values. */
  of: (setting: ComparedSetting) => Summary;
};

type Summary = {
  value: number | null;
  interval: readonly [number, number] | null;
  p90: number | null;
  n: number;
};

const grouped = (value: number, digits: number): string =>
  value
    .toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
    .replace('-', '−');

/** Three digits, and never fewer than the whole number has; with zeros at the end. */
const alignedThree = (value: number): string =>
  Math.abs(value) >= 100
    ? grouped(value, 0)
    : value
        .toLocaleString('en-US', { minimumSignificantDigits: 3, maximumSignificantDigits: 3 })
        .replace('-', '−');

/** The same without zeros at the end, as numbers stand in a text and on an axis. */
const threeDigits = (value: number, more = 0): string =>
  Math.abs(value) >= 100
    ? grouped(value, more)
    : value.toLocaleString('en-US', { maximumSignificantDigits: 3 + more }).replace('-', '−');

const spread = ({ n, p50, p50_interval, p90 }: ComparedSetting['ttft_ms']): Summary => ({
  value: p50,
  interval: p50_interval,
  p90,
  n,
});

const A_THOUSAND = 1000;

export const FIGURES: readonly Figure[] = [
  {
    name: 'ttft_ms',
    title: 'First token',
    unit: 'ms',
    definition:
      'Time to first token: from the dispatch of the request to the first non-empty payload of the answer (text, reasoning, refusal or tool arguments).',
    format: threeDigits,
    inColumn: alignedThree,
    better: 'lower',
    of: ({ ttft_ms }) => spread(ttft_ms),
  },
  {
    name: 'tpot_ms',
    title: 'Per token',
    unit: 'ms',
    definition:
      'Time per token once the answer runs: from the first to the last non-empty payload, divided by one less than the completion tokens; with hidden reasoning from the first visible text, by one less than the visible tokens.',
    format: threeDigits,
    inColumn: alignedThree,
    better: 'lower',
    of: ({ tpot_ms }) => spread(tpot_ms),
  },
  {
    name: 'e2e_ms',
    title: 'Total time',
    unit: 'ms',
    definition: "Total time: from the dispatch of the request to the stream's end.",
    format: threeDigits,
    inColumn: alignedThree,
    better: 'lower',
    of: ({ e2e_ms }) => spread(e2e_ms),
  },
  {
    name: 'completion_tokens',
    title: 'Tokens',
    unit: 'tokens',
    definition: "Completion tokens of an answer by the server's count, reasoning included.",
    format: threeDigits,
    of: ({ completion_tokens: { p50, p90, n } }) => ({ value: p50, interval: null, p90, n }),
  },
  {
    name: 'cost_usd',
    title: 'Cost',
    unit: '$ for 1,000 answers',
    definition:
      "Cost: prompt tokens, those read from the provider's cache and completion tokens, each at the dated price of the model that answered; here the mean of an answer, times a thousand. An unknown price is unknown, never 0.",
    format: (usd, more) => threeDigits(usd * A_THOUSAND, more),
    inColumn: (usd) => alignedThree(usd * A_THOUSAND),
    better: 'lower',
    of: ({ n, cost_usd: { mean, unpriced } }) => ({
      value: mean,
      interval: null,
      p90: null,
      n: n - unpriced,
    }),
  },
  {
    name: 'embedding_diversity',
    title: 'Diversity',
    unit: '',
    definition:
      "Embedding diversity: one less the mean cosine similarity over the pairs of a setting's answers to the same prompt; the mean over the prompts.",
    format: (value, more = 0) => grouped(value, 2 + more),
    of: ({ diversity }) => ({
      value: diversity?.embedding_diversity ?? null,
      interval: diversity?.embedding_diversity_interval ?? null,
      p90: null,
      n: diversity?.prompts ?? 0,
    }),
  },
  {
    name: 'pass_rate',
    title: 'Pass rate',
    unit: '%',
    definition: 'Pass rate: the share of answers that pass every check, with its 95% Wilson interval.',
    format: (rate, more = 0) => grouped(rate * 100, more),
    better: 'higher',
    of: ({ pass_rate }) => ({
      value: pass_rate?.rate ?? null,
      interval: pass_rate?.interval ?? null,
      p90: null,
      n: pass_rate?.n ?? 0,
    }),
  },
];

export const figureOf = (name: FigureName): Figure => {
  const figure = FIGURES.find((each) => each.name === name);
  if (!figure) throw new Error(`no such figure: ${name}`);
  return figure;
};

/** A value with its unit, as `122 ms`, `$0.031`, `0.26`, `91%`. */
export const withUnit = ({ format, name, unit }: Figure, value: number | null): string => {
  if (value === null) return UNKNOWN;
  if (name === 'cost_usd') return `${value < 0 ? '−' : ''}$${format(Math.abs(value))}`;
  if (name === 'embedding_diversity') return format(value);
  if (name === 'pass_rate') return `${format(value)}%`;
  return `${format(value)}\u00a0${Math.abs(value) === 1 ? unit.replace(/tokens$/, 'token') : unit}`;
};

/** A difference with its unit: that of two pass rates is in points. */
export const differenceText = (figure: Figure, value: number | null): string =>
  figure.name === 'pass_rate' && value !== null
    ? `${figure.format(value)}\u00a0points`
    : withUnit(figure, value);

/** An interval without units, as `118 to 132`. */
export const intervalText = (
  { format }: Pick<Figure, 'format'>,
  interval: readonly [number, number] | null,
): string => (interval === null ? UNKNOWN : `${format(interval[0])} to ${format(interval[1])}`);

/** US dollars with two significant digits, at least cents. */
export const dollars = (usd: number | null): string => {
  if (usd === null) return UNKNOWN;
  const digits = usd === 0 ? 2 : Math.max(2, 1 - Math.floor(Math.log10(Math.abs(usd))));
  return `$${usd.toFixed(Math.min(12, digits))}`;
};

/** `1 block`, `12 blocks`. */
export const counted = (n: number, what: string): string =>
  `${n.toLocaleString('en-US')} ${what}${n === 1 ? '' : 's'}`;
