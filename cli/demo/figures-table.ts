import type { Generation } from '../../lib/runs/generation.ts';
import { dollars, fourDigits, milliseconds, secondsOf, whole } from './formats.ts';
import { printableLine } from './printable.ts';
import { table } from './table.ts';

const HEAD = ['', 'tokens', 'first token', 'per token', 'total', 's/token*', 'cost', 'top-k'];

/** A run's figures, a line a generation, exactly as the API gives them. */
export const figuresTable = (generations: Generation[]): string[] =>
  table([
    HEAD,
    ...generations.map(({ label, usage, timing, cost_usd, sampling }) => [
      printableLine(label),
      whole(usage.completion_tokens),
      milliseconds(timing?.ttft_ms),
      milliseconds(timing?.tpot_ms, 1),
      secondsOf(timing?.e2e_ms),
      fourDigits(timing?.seconds_per_token),
      dollars(cost_usd),
      topKOf(sampling),
    ]),
  ]);

/** What became of top-k: a server that was sent it may still not be known to apply it. */
export const topKOf = ({ requested, sent, effective }: Generation['sampling']): string => {
  if (requested.top_k === undefined || requested.top_k === null) return 'not asked for';
  if (effective.top_k === requested.top_k) return 'applied by the server';
  return 'top_k' in sent ? 'sent, not known to be applied' : 'not applied by this server';
};
