import stringWidth from 'string-width';
import type { Generation } from '../../lib/runs/generation.ts';
import { dollars, fourDigits, milliseconds, secondsOf, whole } from './formats.ts';
import { printableLine, table, wrapPieces } from './layout.ts';

const HEAD = ['', 'tokens', 'first token', 'per token', 'total', 's/token*', 'cost', 'top-k'];
const LEFT = [0, HEAD.length - 1];

/**
 * A run's figures, a line a generation, exactly as the API gives them. What became of top-k is the last column, or
 * stands below where the table would be wider than `width`.
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

/** What became of top-k: a server that was sent it may still not be known to apply it. */
export const topKOf = ({ requested, sent, effective }: Generation['sampling']): string => {
  if (requested.top_k === undefined || requested.top_k === null) return 'not asked for';
  if (effective.top_k === requested.top_k) return 'applied by the server';
  return 'top_k' in sent ? 'sent, not known to be applied' : 'not applied by this server';
};
