import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrivalOfEach, gapErrors } from '../../../../tools/bench/truth/match-gaps.ts';
import type { Arrival } from '../../../../tools/bench/truth/reported.ts';
import type { Emission } from '../../../../tools/bench/truth/truth-server.ts';

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

/** A reader that has everything `lateMs` late, in parts of `most` characters at most. */
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

test('a reader that is late by the same time throughout has every gap right, however it splits the text', () => {
  fc.assert(
    fc.property(pieces, fc.nat(400), fc.integer({ min: 1, max: 12 }), (all, lateMs, most) => {
      const emissions = emissionsOf(all);
      expect(gapErrors(emissions, splitting(emissions, lateMs, most))).toEqual(all.slice(1).map(() => 0));
    }),
    { numRuns: 200 },
  );
});

test('a reader that merges emissions has each with the last of its group: gaps inside a group are 0 to it', () => {
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

test('by hand: three emissions 10 ms apart, read as a piece and a half and the rest', () => {
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
