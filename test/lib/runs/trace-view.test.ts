import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Trace } from '../../../lib/runs/generation.ts';
import { longestGapsOf, viewTrace } from '../../../lib/runs/trace-view.ts';
import { makeTrace } from '../../factories/generation.ts';

const { marks } = makeTrace('x');
const traceOf = (times: readonly number[], text = 'x'): Trace => ({
  marks,
  chunks: times.map((t_ms) => ({ t_ms, text, tokens: 1 })),
});

describe('the longest gaps of a trace', () => {
  test('are those between consecutive chunks, longest first, each with the chunk after it', () => {
    expect(viewTrace(traceOf([10, 11, 41, 42, 142.5, 145, 149, 149])).longest_gaps).toEqual([
      { chunk: 4, gap_ms: 100.5 },
      { chunk: 2, gap_ms: 30 },
      { chunk: 6, gap_ms: 4 },
      { chunk: 5, gap_ms: 2.5 },
      { chunk: 1, gap_ms: 1 },
    ]);
  });

  test('are none with fewer than two chunks', () => {
    expect([longestGapsOf([]), longestGapsOf([{ t_ms: 5 }])]).toEqual([[], []]);
  });

  test('are the first five of all gaps in order, the earlier of equal ones first', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 }), (gaps) => {
        let at = 0;
        const chunks = [0, ...gaps].map((gap) => {
          at += gap;
          return { t_ms: at };
        });
        const all = gaps.map((gap_ms, before) => ({ chunk: before + 1, gap_ms }));
        const sorted = all.toSorted((a, b) => b.gap_ms - a.gap_ms || a.chunk - b.chunk);
        expect(longestGapsOf(chunks)).toEqual(sorted.slice(0, 5));
      }),
    );
  });
});

describe('pages of a trace', () => {
  test('are the whole trace together, each chunk once, with the gaps of the whole', () => {
    const sizes = fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 30 }), sizes, (times, limit) => {
        const trace = traceOf(times.toSorted((a, b) => a - b));
        const read: Trace['chunks'] = [];
        let after: number | null = null;
        do {
          const page: ReturnType<typeof viewTrace> = viewTrace(trace, {
            ...(after !== null && { after }),
            ...(limit !== undefined && { limit }),
          });
          expect(page.longest_gaps).toEqual(viewTrace(trace).longest_gaps);
          read.push(...page.chunks);
          after = page.next_after;
        } while (after !== null);
        expect(read).toEqual(trace.chunks);
      }),
    );
  });

  test('end where an answer is full, and with no chunk after the last', () => {
    const trace = traceOf([1, 2, 3], 'x'.repeat(2_000_000));
    const first = viewTrace(trace);
    expect([first.chunks.length, first.next_after]).toEqual([2, 1]);
    expect(viewTrace(trace, { after: 1 })).toMatchObject({ chunks: [{ t_ms: 3 }], next_after: null });
    expect(viewTrace(trace, { after: 7 })).toMatchObject({ chunks: [], next_after: null });
  });
});
