import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  arrivedBy,
  changedClock,
  MOST_A_FRAME,
  nextCount,
  placeOf,
  type ReplayClock,
} from '../../../dashboard/pages/run/replay-clock.ts';

const END = 10_000;
const STANDING: ReplayClock = { at: 0, since: undefined, speed: 1 };

describe('the clock of a replay', () => {
  test('is where the time says, however often it was asked in between', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 60 }), (frames) => {
        const clock = changedClock(STANDING, { isRunning: true }, 1_000, END);
        let now = 1_000;
        for (const frame of frames) {
          now += frame;
          expect(placeOf(clock, now, END)).toBe(Math.min(END, now - 1_000));
        }
      }),
    );
  });

  test('keeps its place when it is paused, goes on, or changes its speed', () => {
    let clock = changedClock(STANDING, { isRunning: true }, 0, END);
    clock = changedClock(clock, { speed: 4 }, 500, END);
    expect(placeOf(clock, 600, END)).toBe(900);
    clock = changedClock(clock, { isRunning: false }, 600, END);
    expect(placeOf(clock, 99_999, END)).toBe(900);
    clock = changedClock(clock, { isRunning: true }, 100_000, END);
    expect(placeOf(clock, 100_100, END)).toBe(1_300);
  });

  test('stands at the end, and at full speed is there at once', () => {
    const clock = changedClock(STANDING, { isRunning: true, speed: Number.POSITIVE_INFINITY }, 0, END);
    expect(placeOf(clock, 0, END)).toBe(0);
    expect(placeOf(clock, 1, END)).toBe(END);
  });

  test('counts the tokens that have arrived by a time', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000)), fc.nat(1_100), (times, ms) => {
        const tokens = times.sort((one, other) => one - other).map((t_ms) => ({ t_ms }));
        expect(arrivedBy(tokens, ms)).toBe(times.filter((time) => time <= ms).length);
      }),
    );
  });

  test('adds no more tokens a frame than a frame can draw, and loses none', () => {
    const tokens = Array.from({ length: 1_000 }, () => ({ t_ms: 5 }));
    const counts: number[] = [0];
    while ((counts.at(-1) ?? 0) < tokens.length) counts.push(nextCount(tokens, counts.at(-1) ?? 0, 5));
    expect(counts).toEqual([0, MOST_A_FRAME, 2 * MOST_A_FRAME, 3 * MOST_A_FRAME, 1_000]);
    expect(nextCount(tokens, 0, 4)).toBe(0);
  });
});
