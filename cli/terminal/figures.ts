import stringWidth from 'string-width';
import type { DiversityFigures, Generation, Run } from '../../client/index.ts';
import type { EmbeddingDiversity } from '../../lib/diversity/figures.ts';
import { differ } from '../../lib/diversity/student-t.ts';
import { own } from '../../lib/json/value.ts';
import { wrapPieces } from './layout.ts';
import { printableLine } from './printable.ts';
import { table } from './table.ts';
import { dollars, fourDigits, milliseconds, secondsOf, whole, withInterval } from './units.ts';

const HEAD = ['', 'tokens', 'first token', 'per token', 'total', 's/token*', 'cost', 'top-k'];
const LEFT = [0, HEAD.length - 1];

/**
 * Formats a run's figures, one line per generation, as the API reports them. The effect of top-k is the last column; it,
 * and then the cost, go below a table that would be wider than `width`.
 */
export const figuresTable = (generations: Generation[], width: number): string[] => {
  const rows = [HEAD, ...generations.map(cellsOf)];
  const fits = (lines: string[]) => lines.every((line) => stringWidth(line) <= width);
  const complete = table(rows, LEFT);
  if (fits(complete)) return complete;
  const withoutLast = (count: number) =>
    table(
      rows.map((row) => row.slice(0, -count)),
      LEFT,
    );
  const withCost = withoutLast(1);
  const hasCost = fits(withCost);
  const below = generations.map(({ label, cost_usd, sampling }) => {
    const cost = hasCost || cost_usd === null ? '' : `${dollars(cost_usd)}, `;
    return `${printableLine(label)}: ${cost}top-k ${topKOf(sampling)}`;
  });
  return [...(hasCost ? withCost : withoutLast(2)), ...wrapPieces(below, ' · ', width)];
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
  { diversity }: Pick<Run, 'diversity'>,
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
