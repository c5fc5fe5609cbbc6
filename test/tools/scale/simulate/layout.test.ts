import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Load, newLayout, rangeOf, splitForHeat } from '../../../../tools/scale/simulate/layout.ts';

const MOST = 500;
const unitsIn = ({ keys, spread }: Load, { from, to }: { from: number; to: number }): number =>
  keys
    .filter(({ hash }) => hash >= from && hash < to)
    .reduce((sum, { units }) => sum + units, spread * (to - from));

describe('the partitions of a table', () => {
  test('are four when it is new', () => {
    expect(newLayout()).toEqual([
      { from: 0, to: 0.25 },
      { from: 0.25, to: 0.5 },
      { from: 0.5, to: 0.75 },
      { from: 0.75, to: 1 },
    ]);
  });

  test('are split in halves under an even load: 16 for 8,000 units a second at most 500 each', () => {
    expect(splitForHeat(newLayout(), { keys: [], spread: 8_000 }, MOST)).toHaveLength(16);
    expect(splitForHeat(newLayout(), { keys: [], spread: 2_000 }, MOST)).toHaveLength(4);
  });

  test('leave a hot key alone on its own, which no split relieves', () => {
    const load = {
      keys: [
        { hash: 0.1, units: 3_000 },
        { hash: 0.2, units: 100 },
      ],
      spread: 400,
    };
    const ranges = splitForHeat(newLayout(), load, MOST);
    const own = ranges[rangeOf(ranges, 0.1)];
    expect(ranges).toHaveLength(6); // before the key, the key, and after it, in place of the first quarter
    expect(own && unitsIn(load, own)).toBeCloseTo(3_000, 3);
  });

  test('cover all hashes, and have at most the load asked for, unless one key alone has more', () => {
    const key = fc.record({
      hash: fc.double({ min: 0, max: 0.999, noNaN: true }),
      units: fc.integer({ min: 0, max: 4_000 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(key, { maxLength: 30, selector: ({ hash }) => Math.round(hash * 1e6) }),
        fc.nat(20_000),
        (keys, spread) => {
          const ranges = splitForHeat(newLayout(), { keys, spread }, MOST);
          expect(ranges.map(({ from }) => from)).toEqual([0, ...ranges.slice(0, -1).map(({ to }) => to)]);
          expect(ranges.at(-1)?.to).toBe(1);
          for (const range of ranges) {
            const inside = keys.filter(({ hash }) => hash >= range.from && hash < range.to);
            const hottest = Math.max(0, ...inside.map(({ units }) => units));
            expect(unitsIn({ keys, spread }, range)).toBeLessThanOrEqual(Math.max(MOST, hottest) + 0.001);
          }
          for (const { hash } of keys) {
            const { from = 1, to = 0 } = ranges[rangeOf(ranges, hash)] ?? {};
            expect(hash >= from && hash < to).toBe(true);
          }
        },
      ),
    );
  });
});
