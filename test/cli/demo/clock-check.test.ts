import { expect, test } from 'vitest';
import { clockCheckText, compareClocks } from '../../../cli/demo/clock-check.ts';
import type { Trace } from '../../../lib/runs/generation.ts';

const trace = (t0: number, times: number[]): Trace => ({
  marks: {
    t0_utc: '2026-11-22T12:00:00.000Z',
    t0_monotonic_ms: t0,
    completion_id: 'chatcmpl-1',
    ...{ tH: null, tR: null, t1: null, tO: null, tL: null, tE: null },
  },
  chunks: times.map((t_ms) => ({ t_ms, text: 'x', tokens: null })),
});
const writes = (times: number[], tokens = 1) => times.map((t_ms) => ({ t_ms, index: 0, tokens }));

test('each chunk is compared with its own emission, over all generations', () => {
  const check = compareClocks([
    { label: 'a', trace: trace(1_000, [100, 111, 122]), writes: writes([1_099.5, 1_110, 1_121.75]) },
    { label: 'b', trace: trace(2_000, [100]), writes: writes([2_096], 3) },
  ]);
  // 0.5, 1, 0.25 and 4 ms: the median lies between 0.5 and 1
  expect(check).toEqual({ tokens: 6, medianMs: 0.75, worstMs: 4 });
  expect(clockCheckText(check)).toBe('6 tokens, reported against emitted: median 0.8 ms, worst 4.0 ms');
});

test('a chunk that seems to arrive before its emission counts as a negative delay', () => {
  const check = compareClocks([{ label: 'a', trace: trace(0, [10, 20, 30]), writes: writes([9, 25, 29]) }]);
  expect(check).toEqual({ tokens: 3, medianMs: 1, worstMs: -5 });
});

test('chunks that do not match the emissions, or no chunks, give a reason instead', () => {
  const unmatched = compareClocks([{ label: 'a', trace: trace(0, [10]), writes: writes([9, 19]) }]);
  expect(clockCheckText(unmatched)).toBe('not possible: a: 1 chunks arrived, 2 were emitted');
  expect(clockCheckText(compareClocks([]))).toBe('not possible: nothing was generated');
});
