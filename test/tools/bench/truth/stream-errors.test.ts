import { expect, test } from 'vitest';
import type { Reported } from '../../../../tools/bench/truth/reported.ts';
import { streamErrors } from '../../../../tools/bench/truth/stream-errors.ts';
import type { Truth } from '../../../../tools/bench/truth/truth-server.ts';

/** Three writes at 1,100, 1,110 and 1,140 ms, with 1, 2 and 1 tokens: TPOT 40 / 3. */
const truth: Truth = {
  key: 1,
  scenario: 'chunks',
  emissions: [
    { at: 1_100, tookMs: 0, chars: 2, tokens: 1 },
    { at: 1_110, tookMs: 0, chars: 6, tokens: 3 },
    { at: 1_140, tookMs: 0, chars: 8, tokens: 4 },
  ],
  text: 'abcdefgh',
  visibleTokens: 4,
  reasoningTokens: 0,
};

const reported: Reported = {
  row: 'plain loop',
  key: 1,
  t0: 1_000,
  ttftMs: 101,
  tpotMs: 20,
  arrivals: [
    { tMs: 101, chars: 2 },
    { tMs: 113, chars: 6 },
    { tMs: 141, chars: 8 },
  ],
  everyGapMs: null,
  text: 'abcdefgh',
};

test('a reader is held against the writes: TTFT, time per token, each gap, and how late it had each', () => {
  const errors = streamErrors(reported, truth);
  expect(errors).toMatchObject({ ttft: 1, gaps: [2, 2], late: [1, 3, 1], textDiffers: false });
  expect(errors.tpot).toBeCloseTo(20 - 40 / 3, 9);
});

test('one time for all tokens is held against each gap', () => {
  const whole = { ...reported, row: 'tutorial' as const, ttftMs: 145, arrivals: null, everyGapMs: 25 };
  expect(streamErrors(whole, truth)).toMatchObject({ ttft: 45, gaps: [15, 5], late: [] });
});

test('what a client cannot tell has no error, never an error of 0', () => {
  const silent = { ...reported, ttftMs: null, tpotMs: null, arrivals: null };
  expect(streamErrors(silent, truth)).toMatchObject({ ttft: null, tpot: null, gaps: [], late: [] });
});

test('another text is noticed', () => {
  expect(streamErrors({ ...reported, text: 'abcdefg' }, truth).textDiffers).toBe(true);
});
