import { expect, test } from 'vitest';
import { clockCheckTexts, compareClocks } from '../../../cli/demo/clock-check.ts';
import type { Trace } from '../../../client/index.ts';

const trace = (t0: number, times: number[]): Trace => ({
  marks: {
    t0_utc: '2026-11-22T12:00:00.000Z',
    t0_monotonic_ms: t0,
    completion_id: 'chatcmpl-1',
    ...{ tH: null, tR: null, t1: null, tO: null, tL: null, tE: null },
  },
  longest_gaps: [],
  next_after: null,
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
  expect(clockCheckTexts(check)).toEqual([
    'agrees: every token within 5 ms',
    '6 tokens, reported against emitted: median 0.8 ms, worst 4.0 ms',
  ]);
});

test('a chunk that seems to arrive before its emission counts as a negative delay', () => {
  const check = compareClocks([{ label: 'a', trace: trace(0, [10, 20, 30]), writes: writes([9, 25, 29]) }]);
  expect(check).toEqual({ tokens: 3, medianMs: 1, worstMs: -5 });
});

test('chunks that do not match the emissions, or no chunks, give a reason instead', () => {
  const unmatched = compareClocks([{ label: 'a', trace: trace(0, [10]), writes: writes([9, 19]) }]);
  expect(clockCheckTexts(unmatched)).toEqual(['not possible: a: 1 chunks arrived, 2 were emitted']);
  expect(clockCheckTexts(compareClocks([]))).toEqual(['not possible: nothing was generated']);
});

test.each([
  [5, 5, 'agrees: every token within 5 ms'],
  [1, 30, 'agrees but for single tokens, which waited up to 30 ms for this busy machine'],
  [8, 30, 'late: this machine is too busy to time tokens'],
  [1, -0.9, 'agrees: every token within 5 ms'],
  [1, -2, 'wrong: a token was reported before it was emitted'],
])('a median of %d ms and a worst delay of %d ms read: %s', (medianMs, worstMs, verdict) => {
  expect(clockCheckTexts({ tokens: 9, medianMs, worstMs })[0]).toBe(verdict);
});
