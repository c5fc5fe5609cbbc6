import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TraceChunk, Usage } from '../../../lib/runs/generation.ts';
import { figuresOf, type Marks } from '../../../lib/timing/figures.ts';
import type { ReadDelays } from '../../../lib/timing/read-delays.ts';
import { makeTokenLogprob } from '../../factories/generation.ts';

const circumstances = {
  startedAt: '2026-11-22T12:00:00.000Z',
  connectMs: 12.5,
  coldStart: false,
  readDelays: null,
};
const marks: Marks = { t0: 1_000, tH: 1_090, tR: 1_100, t1: 1_200, tO: 1_200, tL: 1_600, tE: 1_800 };
const usage = (completion: number | null, reasoning: number | null = 0): Usage => ({
  prompt_tokens: 9,
  completion_tokens: completion,
  reasoning_tokens: reasoning,
  cached_tokens: 0,
});
/** Chunks at these instants after t0, with these token counts. */
const chunksAt = (...at: [number, number | null][]): TraceChunk[] =>
  at.map(([t_ms, tokens]) => ({ t_ms, text: 'x', tokens }));
const THREE = chunksAt([200, null], [300, null], [600, null]);

describe('the figures of a generation', () => {
  test('have no errors of binary fractions', () => {
    const odd = { t0: 1000.1, tR: 1100.3, t1: 1200.7, tO: 1200.7, tL: 1600.9, tE: 1800.2 };
    const { ttfr_ms, ttft_ms, ttlt_ms, e2e_ms, tpot_ms } = figuresOf(odd, usage(3), THREE, circumstances);
    expect([ttfr_ms, ttft_ms, ttlt_ms, e2e_ms, tpot_ms]).toEqual([100.2, 200.6, 600.8, 800.1, 200.1]);
  });

  test('match figures computed by hand', () => {
    const figures = figuresOf(marks, usage(5), THREE, circumstances);
    expect(figures).toEqual({
      started_at: '2026-11-22T12:00:00.000Z',
      ttfr_ms: 100,
      ttft_ms: 200,
      ttfo_ms: 200,
      ttlt_ms: 600,
      e2e_ms: 800,
      connect_ms: 12.5,
      tpot_ms: 100, // (1600 - 1200) / (5 - 1)
      seconds_per_token: 0.16, // 0.8 s / 5
      decode_tokens_per_second: 10,
      tokens_per_second: 6.25, // 5 / 0.8 s
      chunk_gaps_ms: expect.objectContaining({ n: 2, mean: 200, min: 100, p50: 200, max: 300 }),
      itl_ms: null,
      token_count_source: 'usage',
      longest_gap_ms: 300,
      longest_gap_chunk: 2,
      chunk_density: 2, // (5 - 1) / (3 - 1)
      cold_start: false,
      uncertainty_ms: null,
      uncertain: [],
    });
  });

  describe('with bounds of how long their bytes waited', () => {
    const bounded = (readDelays: ReadDelays, own: Partial<Marks> = {}) =>
      figuresOf({ ...marks, ...own }, usage(5), THREE, { ...circumstances, readDelays });

    test('are uncertain by the largest of them', () => {
      const { uncertainty_ms, uncertain } = bounded({ tR: 9, t1: 1, tO: 1, tL: 4.5, tE: 2 });
      expect(uncertainty_ms).toBe(4.5);
      expect(uncertain).toEqual(['ttfr_ms']);
    });

    test('are marked one by one, from 5 ms and 5 % on', () => {
      // ttft_ms is 200, ttlt_ms 600, e2e_ms 800
      expect(bounded({ tR: 0, t1: 10, tO: 10, tL: 30, tE: 40 }).uncertain).toEqual(['tpot_ms']);
      expect(bounded({ tR: 0, t1: 10.1, tO: 0, tL: 30.1, tE: 40.1 }).uncertain).toEqual([
        'ttft_ms',
        'ttlt_ms',
        'e2e_ms',
        'tpot_ms',
      ]);
    });

    test('have a time per token that is wrong by at most the larger bound, shared by the gaps', () => {
      expect(bounded({ tR: 0, t1: 3, tO: 3, tL: 20, tE: 0 }).uncertain).toEqual([]); // 20 / (5 - 1)
      expect(bounded({ tR: 0, t1: 20.1, tO: 3, tL: 2, tE: 0 }).uncertain).toContain('tpot_ms');
    });

    test('have an unknown uncertainty when a mark has no bound', () => {
      const { uncertainty_ms, uncertain } = bounded({ tR: 0, t1: 1, tO: 1, tL: 1 });
      expect(uncertainty_ms).toBeNull();
      expect(uncertain).toEqual([]);
    });

    test('need no bound of a mark that is not there', () => {
      const { t1, tO, tL, ...rest } = marks;
      const none = { ...circumstances, readDelays: { tR: 1, tE: 2 } };
      expect(figuresOf(rest, usage(0), [], none).uncertainty_ms).toBe(2);
    });
  });

  test('count only visible time and tokens when reasoning is counted but not streamed', () => {
    const late = { ...marks, t1: 1_400, tO: 1_400 };
    const figures = figuresOf(late, usage(105, 100), chunksAt([400, null], [600, null]), circumstances);
    expect(figures.tpot_ms).toBe(50); // (1600 - 1400) / (5 - 1)
    expect(figures.chunk_density).toBe(4); // (5 - 1) / (2 - 1)
    expect(figures.seconds_per_token).toBeCloseTo(0.8 / 105, 12);
  });

  test('do not depend on the number of hidden reasoning tokens', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.integer({ min: 2, max: 500 }), (hidden, visible) => {
        const figures = figuresOf(marks, usage(visible + hidden, hidden), THREE, circumstances);
        const { tpot_ms, decode_tokens_per_second, chunk_density } = figuresOf(
          marks,
          usage(visible),
          THREE,
          circumstances,
        );
        expect(figures).toMatchObject({ tpot_ms, decode_tokens_per_second, chunk_density });
      }),
      { numRuns: 50 },
    );
  });

  test('by visible token are unknown if the usage has more reasoning tokens than tokens', () => {
    const figures = figuresOf(marks, usage(5, 6), THREE, circumstances);
    expect([figures.tpot_ms, figures.chunk_density]).toEqual([null, null]);
  });

  test('count streamed reasoning', () => {
    const reasoning: TraceChunk[] = [{ t_ms: 200, text: 'hm', tokens: null, kind: 'reasoning' }];
    const figures = figuresOf(
      { ...marks, tO: 1_500 },
      usage(5, 3),
      [...reasoning, ...chunksAt([500, null], [600, null])],
      circumstances,
    );
    expect(figures.tpot_ms).toBe(100); // (1600 - 1200) / (5 - 1)
    expect(figures.ttft_ms).toBe(200);
    expect(figures.ttfo_ms).toBe(500);
    expect(figures.chunk_density).toBe(2); // (5 - 1) / (3 - 1)
  });

  test('have a time per token only from two tokens on', () => {
    for (const figures of [
      figuresOf(marks, usage(1), THREE, circumstances),
      figuresOf(marks, usage(101, 100), THREE, circumstances),
      figuresOf(marks, usage(null), THREE, circumstances),
    ]) {
      expect(figures.tpot_ms).toBeNull();
      expect(figures.decode_tokens_per_second).toBeNull();
    }
  });

  test('leave every figure by token unknown without usage', () => {
    const figures = figuresOf(marks, usage(null, null), THREE, circumstances);
    expect(figures).toMatchObject({
      tpot_ms: null,
      seconds_per_token: null,
      decode_tokens_per_second: null,
      tokens_per_second: null,
      itl_ms: null,
      token_count_source: 'none',
      chunk_density: null,
      e2e_ms: 800,
      ttft_ms: 200,
    });
  });

  test('of an empty output have its end, and nulls for the tokens that never came', () => {
    const figures = figuresOf({ t0: 0, tH: 10, tR: 20, tE: 50 }, usage(0), [], circumstances);
    expect(figures).toMatchObject({
      ttfr_ms: 20,
      ttft_ms: null,
      ttfo_ms: null,
      ttlt_ms: null,
      e2e_ms: 50,
      tpot_ms: null,
      seconds_per_token: null,
      tokens_per_second: 0,
      chunk_density: null,
    });
    expect(figures.chunk_gaps_ms.n).toBe(0);
  });

  test('of tokens that all come at one instant have neither a time per token nor a rate', () => {
    const figures = figuresOf({ ...marks, tL: 1_200 }, usage(5), chunksAt([200, null]), circumstances);
    expect(figures.tpot_ms).toBeNull();
    expect(figures.decode_tokens_per_second).toBeNull();
  });

  test('have inter-token latencies if the tokens of each chunk are known', () => {
    const { itl_ms, token_count_source } = figuresOf(
      marks,
      usage(4),
      chunksAt([200, 1], [300, 2], [600, 1]),
      circumstances,
    );
    expect(token_count_source).toBe('continuous_usage');
    expect(itl_ms).toMatchObject({ n: 3, min: 50, p50: 50, max: 300, mean: 133.333333333 });
  });

  test('report log probabilities as the source of token counts', () => {
    const chunks = chunksAt([200, 1], [300, 1]).map((chunk) => ({
      ...chunk,
      logprobs: [makeTokenLogprob('a')],
    }));
    expect(figuresOf(marks, usage(2), chunks, circumstances).token_count_source).toBe('logprobs');
  });

  test('have no inter-token latencies if one chunk is not counted', () => {
    const figures = figuresOf(marks, usage(4), chunksAt([200, 1], [300, null], [600, 1]), circumstances);
    expect(figures.itl_ms).toBeNull();
    expect(figures.token_count_source).toBe('usage');
  });

  test('throw for marks without an end', () => {
    expect(() => figuresOf({ t0: 0 }, usage(1), [], circumstances)).toThrow(TypeError);
  });

  test('are consistent with each other for any stream', () => {
    const streams = fc.array(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 9 })), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(streams, fc.nat(300), (steps, after) => {
        let at = 0;
        const chunks = steps.map(([gap, tokens]): TraceChunk => {
          at += gap;
          return { t_ms: at, text: 'x', tokens };
        });
        const first = chunks[0]?.t_ms ?? 0;
        const tokens = steps.reduce((sum, [, k]) => sum + k, 0);
        const timed = {
          t0: 500,
          tR: 500 + first,
          t1: 500 + first,
          tO: 500 + first,
          tL: 500 + at,
          tE: 500 + at + after,
        };
        const figures = figuresOf(timed, usage(tokens), chunks, circumstances);
        expect(figures.e2e_ms).toBeGreaterThanOrEqual(figures.ttlt_ms ?? 0);
        expect(figures.chunk_gaps_ms.n).toBe(chunks.length - 1);
        expect(figures.itl_ms?.n).toBe(tokens - (steps[0]?.[1] ?? 0));
        // Gaps and token times both add up to the time from the first payload to the last.
        const span = (figures.ttlt_ms ?? 0) - (figures.ttft_ms ?? 0);
        expect((figures.chunk_gaps_ms.mean ?? 0) * figures.chunk_gaps_ms.n).toBeCloseTo(span, 6);
        expect((figures.itl_ms?.mean ?? 0) * (figures.itl_ms?.n ?? 0)).toBeCloseTo(span, 6);
        if (figures.tpot_ms !== null) expect(figures.tpot_ms * (tokens - 1)).toBeCloseTo(span, 6);
        for (const value of Object.values(figures)) {
          if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });
});
