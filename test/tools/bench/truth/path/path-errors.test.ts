import { expect, test } from 'vitest';
import { type Observed, pathErrors } from '../../../../../tools/bench/truth/path/path-errors.ts';
import type { Truth } from '../../../../../tools/bench/truth/truth-server.ts';

/** Writes at 1,100, 1,110 and 1,140 ms, one token each, the end at 1,141: TPOT 20. */
const truth: Truth = {
  key: 1,
  scenario: 'steady',
  emissions: [
    { at: 1_100, tookMs: 0, chars: 2, tokens: 1 },
    { at: 1_110, tookMs: 0, chars: 6, tokens: 2 },
    { at: 1_140, tookMs: 0, chars: 8, tokens: 3 },
  ],
  arrivedAt: 1_050,
  endedAt: 1_141,
  text: 'abcdefgh',
  visibleTokens: 3,
  reasoningTokens: 0,
};

const observed: Observed = {
  key: 1,
  t0: 1_000,
  ttftMs: 101,
  ttltMs: 143,
  e2eMs: 140,
  tpotMs: 21,
  arrivals: [
    { tMs: 101, chars: 2 },
    { tMs: 113, chars: 6 },
    { tMs: 143, chars: 8 },
  ],
  text: 'abcdefgh',
  ...{ uncertaintyMs: null, uncertain: [], coldStart: false, attempts: 1 },
};

test('times to first token, last token and end have errors with a sign, from the t0 of the record', () => {
  expect(pathErrors(observed, truth)).toEqual({
    ttft: 51,
    first: 1,
    ttlt: 3,
    e2e: -1,
    tpot: 1,
    gaps: [2, 0],
    textDiffers: false,
  });
});

test('a figure that is not in the record has no error', () => {
  const silent = { ...observed, ttftMs: null, ttltMs: null, e2eMs: null, tpotMs: null };
  expect(pathErrors(silent, truth)).toMatchObject({
    ttft: null,
    first: null,
    ttlt: null,
    e2e: null,
    tpot: null,
  });
});
