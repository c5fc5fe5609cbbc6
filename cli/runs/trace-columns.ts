import type { Trace } from '../../client/index.ts';
import type { Column } from '../terminal/print-table.ts';
import { milliseconds, whole } from '../terminal/units.ts';
import { quoted } from './alternatives.ts';
import { type Chunk, gapBefore } from './tokens.ts';

type TraceRow = Chunk & { at: number; gap_ms: number | null };

export const traceRows = ({ chunks }: Pick<Trace, 'chunks'>): TraceRow[] =>
  chunks.map((chunk, at) => ({ ...chunk, at, gap_ms: gapBefore(chunks, at) }));

/** The chunks of a trace as a person reads them. */
export const SHOWN_CHUNKS: Column<TraceRow>[] = [
  { title: 'chunk', text: ({ at }) => `${at + 1}` },
  { title: 'at', text: ({ t_ms }) => milliseconds(t_ms, 1) },
  { title: 'gap', text: ({ gap_ms }) => milliseconds(gap_ms, 1) },
  { title: 'tokens', text: ({ tokens }) => whole(tokens) },
  { title: 'probability', text: probabilities, optional: true },
  { title: 'kind', text: ({ kind }) => kind ?? '', left: true, optional: true },
  { title: 'text', text: ({ text }) => quoted(text), fills: true },
];

function probabilities({ logprobs = [] }: TraceRow): string {
  return logprobs
    .map(({ logprob }) => (logprob === null ? '—' : `${(Math.exp(logprob) * 100).toFixed(1)} %`))
    .join(' ');
}

type Exact = (row: TraceRow) => string | number | null;

const exact = (title: string, csv: Exact): Column<TraceRow> => ({ title, text: () => '', csv });

/** The chunks in CSV, by the API's names; `chunk` counts from 0. */
export const EXACT_CHUNKS: Column<TraceRow>[] = [
  exact('chunk', ({ at }) => at),
  exact('t_ms', ({ t_ms }) => t_ms),
  exact('gap_ms', ({ gap_ms }) => gap_ms),
  exact('tokens', ({ tokens }) => tokens),
  exact('logprobs', ({ logprobs = [] }) => logprobs.map(({ logprob }) => logprob).join(' ')),
  exact('kind', ({ kind }) => kind ?? null),
  exact('text', ({ text }) => text),
];
