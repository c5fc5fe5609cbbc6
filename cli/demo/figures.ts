import stringWidth from 'string-width';
import type { DiversityFigures, EmbeddingDiversity } from '../../lib/diversity/figures.ts';
import { differ } from '../../lib/diversity/student-t.ts';
import { own } from '../../lib/json/value.ts';
import type { Generation } from '../../lib/runs/generation.ts';
import type { RunView } from '../../lib/runs/view.ts';
import { printableLine, table, wrapPieces } from './layout.ts';

const HEAD = ['', 'tokens', 'first token', 'per token', 'total', 's/token*', 'cost', 'top-k'];
const LEFT = [0, HEAD.length - 1];
const UNKNOWN = '—';

/**
 * Formats a run's figures, one line per generation, as the API reports them. The effect of top-k is the last column, or
 * goes below the table if that would be wider than `width`.
 */
export const figuresTable = (generations: Generation[], width: number): string[] => {
  const rows = [HEAD, ...generations.map(cellsOf)];
  const complete = table(rows, LEFT);
  if (complete.every((line) => stringWidth(line) <= width)) return complete;
  const topK = generations.map(({ label, sampling }) => `${printableLine(label)}: top-k ${topKOf(sampling)}`);
  return [
    ...table(
      rows.map((row) => row.slice(0, -1)),
      LEFT,
    ),
    ...wrapPieces(topK, ' · ', width),
  ];
};

const cellsOf = ({ label, usage, timing, cost_usd, sampling }: Generation): string[] => [
  printableLine(label),
  whole(usage.completion_tokens),
  milliseconds(timing?.ttft_ms),
  milliseconds(timing?.tpot_ms, 1),
  secondsOf(timing?.e2e_ms),
  fourDigits(timing?.seconds_per_token),
  dollars(cost_usd),
  topKOf(sampling),
];

/** The effect of top-k. A server may accept it without being known to apply it. */
export const topKOf = ({ requested, sent, effective }: Generation['sampling']): string => {
  if (requested.top_k === undefined || requested.top_k === null) return 'not asked for';
  if (effective.top_k === requested.top_k) return 'applied by the server';
  return 'top_k' in sent ? 'sent, not known to be applied' : 'not applied by this server';
};

/** Two labels' embedding diversities with their intervals, and the more diverse one if the difference exceeds noise. */
export const diversityText = (
  { diversity }: Pick<RunView, 'diversity'>,
  labels: readonly [string, string],
): string => {
  const [a, b] = labels.map((label) => embeddedOf(own(diversity?.by_label ?? {}, label)));
  if (!a || !b) return 'not known';
  const figures = [a, b].map(({ embedding_diversity, interval }) =>
    withInterval(embedding_diversity, interval),
  );
  return `${figures.join(' and ')}, ${verdict(a, b, labels)}`;
};

const verdict = (
  a: EmbeddingDiversity,
  b: EmbeddingDiversity,
  [first, second]: readonly [string, string],
): string => {
  if (!differ(a, b)) return 'no clear difference';
  const higher = (a.embedding_diversity ?? 0) > (b.embedding_diversity ?? 0) ? first : second;
  return `${printableLine(higher)} is more diverse`;
};

const embeddedOf = (figures: DiversityFigures | undefined): EmbeddingDiversity | undefined =>
  figures && {
    n: figures.n,
    embedding_diversity: figures.embedding_diversity,
    interval: figures.embedding_diversity_interval,
    vendi: figures.vendi,
  };

export const whole = (value: number | null | undefined): string => known(value, (n) => n.toFixed(0));

export const milliseconds = (ms: number | null | undefined, digits = 0): string =>
  known(ms, (n) => `${fixed(n, digits)} ms`);

export const secondsOf = (ms: number | null | undefined): string =>
  known(ms, (n) => `${(n / 1000).toFixed(2)} s`);

export const fourDigits = (value: number | null | undefined): string => known(value, (n) => n.toFixed(4));

/** Formats dollars with two significant digits, at least cents. */
export const dollars = (usd: number | null | undefined): string =>
  known(usd, (n) => {
    const digits = n === 0 ? 2 : Math.max(2, 1 - Math.floor(Math.log10(Math.abs(n))));
    return `$${n.toFixed(Math.min(20, digits))}`;
  });

/** Formats an estimate with half its interval's width, as `0.41 ± .05`. The upper bound is never clamped. */
export const withInterval = (estimate: number | null, interval: [number, number] | null): string =>
  known(estimate, (n) => {
    if (!interval) return n.toFixed(2);
    return `${n.toFixed(2)} ± ${(interval[1] - n).toFixed(2).replace(/^0/, '')}`;
  });

const known = (value: number | null | undefined, format: (value: number) => string): string =>
  value === null || value === undefined ? UNKNOWN : format(value);

/** `toFixed` without a minus sign before zero. */
const fixed = (value: number, digits: number): string => {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text;
};
