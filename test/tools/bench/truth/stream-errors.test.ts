import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Arrival, Reported } from '../../../../tools/bench/truth/reported.ts';
import {
  arrivalOfEach,
  gapErrors,
  ownGapErrors,
  streamErrors,
} from '../../../../tools/bench/truth/stream-errors.ts';
import type { Emission, Truth } from '../../../../tools/bench/truth/truth-server.ts';

/** Three writes at 1,100, 1,110 and 1,140 ms, with 1, 2 and 1 tokens: TPOT 40 / 3. */
const truth: Truth = {
  key: 1,
  scenario: 'chunks',
  emissions: [
    { at: 1_100, tookMs: 0, chars: 2, tokens: 1 },
    { at: 1_110, tookMs: 0, chars: 6, tokens: 3 },
    { at: 1_140, tookMs: 0, chars: 8, tokens: 4 },
  ],
  arrivedAt: 1_050,
  endedAt: 1_141,
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

test('a reader is compared with the writes: TTFT, time per token, each gap, and its delay for each', () => {
  const errors = streamErrors(reported, truth);
  expect(errors).toMatchObject({ ttft: 1, gaps: [2, 2], late: [1, 3, 1], textDiffers: false });
  expect(errors.tpot).toBeCloseTo(20 - 40 / 3, 9);
});

test('a single time for all tokens is compared with each gap', () => {
  const whole = { ...reported, row: 'tutorial' as const, ttftMs: 145, arrivals: null, everyGapMs: 25 };
  expect(streamErrors(whole, truth)).toMatchObject({ ttft: 45, gaps: [15, 5], late: [] });
});

test('a gap that a tool reports itself is compared with the true gap that ends where it ends', () => {
  const ownGaps = [
    { ms: 12, chars: 6 },
    { ms: 30, chars: 8 },
  ];
  expect(streamErrors({ ...reported, arrivals: null, ownGaps }, truth).gaps).toEqual([2, 0]);
});

test('a gap that ends at the first write, or where no text was added, is wrong by its whole length', () => {
  const gaps = [
    { ms: 40, chars: 2 },
    { ms: 5, chars: 2 },
    { ms: 10, chars: 6 },
    { ms: 7, chars: 8 },
    { ms: 9, chars: 8 },
  ];
  expect(ownGapErrors(truth.emissions, gaps)).toEqual([40, 5, 0, 23, 9]);
});

test('a figure that a client does not report has no error, never an error of 0', () => {
  const silent = { ...reported, ttftMs: null, tpotMs: null, arrivals: null };
  expect(streamErrors(silent, truth)).toMatchObject({ ttft: null, tpot: null, gaps: [], late: [] });
});

test('a different text is noticed', () => {
  expect(streamErrors({ ...reported, text: 'abcdefg' }, truth).textDiffers).toBe(true);
});

type Piece = { gapMs: number; size: number };

const pieces = fc.array(fc.record({ gapMs: fc.nat(500), size: fc.integer({ min: 1, max: 9 }) }), {
  minLength: 1,
  maxLength: 30,
});

const emissionsOf = (all: Piece[]): Emission[] => {
  let [at, chars, tokens] = [1_000_000, 0, 0];
  return all.map(({ gapMs, size }) => {
    at += gapMs;
    chars += size;
    tokens += 1;
    return { at, chars, tokens, tookMs: 0 };
  });
};

/** A reader that gets everything `lateMs` late, in parts of at most `most` characters. */
const splitting = (emissions: Emission[], lateMs: number, most: number): Arrival[] => {
  let read = 0;
  return emissions.flatMap(({ at, chars }) => {
    const parts: Arrival[] = [];
    while (read < chars) {
      read = Math.min(chars, read + most);
      parts.push({ tMs: at - 1_000_000 + lateMs, chars: read });
    }
    return parts;
  });
};

test('a reader with a constant delay has every gap right, however it splits the text', () => {
  fc.assert(
    fc.property(pieces, fc.nat(400), fc.integer({ min: 1, max: 12 }), (all, lateMs, most) => {
      const emissions = emissionsOf(all);
      expect(gapErrors(emissions, splitting(emissions, lateMs, most))).toEqual(all.slice(1).map(() => 0));
    }),
    { numRuns: 200 },
  );
});

test('a reader that merges emissions has each at the time of the last of its group, with gaps of 0 inside it', () => {
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 5 }), (all, group) => {
      const emissions = emissionsOf(all);
      const lastOf = (index: number) =>
        emissions[Math.min(emissions.length - 1, index - (index % group) + group - 1)]?.at ?? Number.NaN;
      const merged = emissions
        .filter((_, index) => index % group === group - 1 || index === emissions.length - 1)
        .map(({ at, chars }) => ({ tMs: at - 1_000_000, chars }));
      const expected = emissions
        .slice(1)
        .map(({ at }, index) =>
          Math.abs(lastOf(index + 1) - lastOf(index) - (at - (emissions[index]?.at ?? Number.NaN))),
        );
      expect(gapErrors(emissions, merged)).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

test('three emissions 10 ms apart, read in two pieces, have the gap errors worked out by hand', () => {
  const emissions = emissionsOf([
    { gapMs: 0, size: 2 },
    { gapMs: 10, size: 4 },
    { gapMs: 10, size: 2 },
  ]);
  const arrivals = [
    { tMs: 5, chars: 4 },
    { tMs: 18, chars: 8 },
  ];
  expect(arrivalOfEach(emissions, arrivals)).toEqual([5, 18, 18]);
  expect(gapErrors(emissions, arrivals)).toEqual([3, 10]);
});

test('text that never came has no arrival and no gap', () => {
  const emissions = emissionsOf([
    { gapMs: 0, size: 2 },
    { gapMs: 10, size: 2 },
    { gapMs: 10, size: 2 },
  ]);
  const arrivals = [{ tMs: 1, chars: 2 }];
  expect(arrivalOfEach(emissions, arrivals)).toEqual([1, null, null]);
  expect(gapErrors(emissions, arrivals)).toEqual([]);
  expect(gapErrors([], [])).toEqual([]);
});
