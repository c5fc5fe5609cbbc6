import type { Trace } from '../../../client/index.ts';

type Chunk = Trace['chunks'][number];

/** A trace of these chunks, whose marks and longest gaps fit. */
export const traceOf = (chunks: Chunk[], { endMs }: { endMs?: number } = {}): Trace => {
  const gaps = chunks
    .slice(1)
    .map(({ t_ms }, at) => ({ chunk: at + 1, gap_ms: t_ms - (chunks[at]?.t_ms ?? 0) }));
  const [first, last] = [chunks[0]?.t_ms ?? null, chunks.at(-1)?.t_ms ?? null];
  return {
    marks: {
      t0_utc: '2026-11-22T13:00:00.010Z',
      t0_monotonic_ms: 1_000,
      completion_id: 'chatcmpl-1',
      tH: first,
      tR: first,
      t1: first,
      tO: first,
      tL: last,
      tE: endMs ?? last,
    },
    longest_gaps: gaps.toSorted((a, b) => b.gap_ms - a.gap_ms).slice(0, 5),
    chunks,
    next_after: null,
  };
};

const bytesOf = (token: string): number[] => [...Buffer.from(token)];

/** The log probability of a token beside those of others. */
export const logprobOf = (
  token: string,
  probability: number,
  others: [token: string, probability: number][],
) => {
  const scored = (text: string, share: number) => ({
    token: text,
    logprob: Math.log(share),
    bytes: bytesOf(text),
  });
  return {
    ...scored(token, probability),
    top_logprobs: [...others, [token, probability] as const]
      .toSorted(([, a], [, b]) => b - a)
      .map(([text, share]) => scored(text, share)),
  };
};
