import { describe, expect, test } from 'vitest';
import { gapsOf, longestGapsOf } from '../../../dashboard/pages/run/trace-gaps.ts';

const chunks = [
  { t_ms: 10, text: 'I think. ', tokens: 3, kind: 'reasoning' as const },
  { t_ms: 30, text: 'A queue', tokens: 2 },
  { t_ms: 130, text: ' holds', tokens: 1 },
  { t_ms: 135, text: ' messages.', tokens: 2 },
];

describe('the gaps of a trace', () => {
  test('are the times between chunks', () => {
    expect(gapsOf(chunks)).toEqual([20, 100, 5]);
    expect(gapsOf(chunks.slice(0, 1))).toEqual([]);
  });

  test('are named by the words around them, with the place of the token after them', () => {
    const named = longestGapsOf({
      chunks,
      longest_gaps: [
        { chunk: 2, gap_ms: 100 },
        { chunk: 1, gap_ms: 20 },
      ],
    });
    expect(named).toEqual([
      { chunk: 2, gap_ms: 100, before: 'I think. A queue', after: ' holds messages.', token: 1 },
      { chunk: 1, gap_ms: 20, before: 'I think. ', after: 'A queue holds messages.', token: 0 },
    ]);
  });

  test('lead to no token where something else than text came', () => {
    expect(longestGapsOf({ chunks, longest_gaps: [{ chunk: 0, gap_ms: 10 }] })[0]?.token).toBeUndefined();
  });
});
