import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunkOf, windowAfter } from '../../../../lib/files/work/window.ts';

const FIRST = 10;
const SECOND = 1_000;
const after = (inFlight: number, waited: number, took = 1) =>
  windowAfter({ inFlight, waitedMs: waited * SECOND, tookMs: took * SECOND }, FIRST);

describe('the window of a file after a line', () => {
  test('doubles while lines are received at once, and never falls below the first one then', () => {
    expect([after(1, 0), after(10, 0), after(40, 0), after(200, 0)]).toEqual([10, 20, 80, 250]);
  });

  test('stays when the line waited for five seconds, and shrinks in proportion when it waited longer', () => {
    expect([after(40, 5), after(40, 10), after(40, 50), after(40, 5_000)]).toEqual([40, 20, 4, 1]);
  });

  test('lets a line wait for as long as one takes, so that workers with slow answers have a next one', () => {
    expect([after(10, 60, 60), after(10, 60, 5), after(10, 60, 120)]).toEqual([10, 0.8, 20].map(Math.ceil));
  });

  test('has at least one line and at most 250, whatever a line tells', () => {
    const turn = fc.record({
      inFlight: fc.integer({ min: 1, max: 1_000 }),
      waitedMs: fc.integer({ min: 0, max: 1e9 }),
      tookMs: fc.integer({ min: 0, max: 1e6 }),
    });
    fc.assert(
      fc.property(turn, (told) => {
        const window = windowAfter(told, FIRST);
        expect(window).toBeGreaterThanOrEqual(1);
        expect(window).toBeLessThanOrEqual(250);
        expect(chunkOf(window)).toBeGreaterThanOrEqual(1);
        expect(chunkOf(window)).toBeLessThanOrEqual(Math.max(1, window / 3));
      }),
    );
  });
});
