import { describe, expect, test } from 'vitest';
import {
  hasUnits,
  newPartition,
  type Partition,
  takeUnits,
} from '../../../../tools/scale/simulate/partition.ts';

/** Asks for `units` each 10 ms in these seconds, one by one, and returns how many were given in each second. */
const given = (partition: Partition, units: number, seconds: number): number[] =>
  Array.from({ length: seconds }, (_, second) => {
    let taken = 0;
    for (let tick = 1; tick <= 100; tick += 1) {
      for (let unit = 0; unit < units; unit += 1) {
        if (!hasUnits(partition, 1, second * 1_000 + tick * 10)) continue;
        takeUnits(partition, 1);
        taken += 1;
      }
    }
    return taken;
  });

describe('a partition', () => {
  test('gives 1,000 units a second, and refuses exactly those beyond', () => {
    expect(given(newPartition(), 12, 5)).toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
    expect(given(newPartition(), 10, 2)).toEqual([1_000, 1_000]);
  });

  test('first spends what it has stored: 600 units last three seconds at 1,200 a second', () => {
    expect(given(newPartition(0.6), 12, 5)).toEqual([1_200, 1_200, 1_200, 1_000, 1_000]);
  });

  test('stores what is not used, for as much as 300 s', () => {
    const quiet = newPartition();
    expect(hasUnits(quiet, 300_000, 299_999)).toBe(false);
    expect(hasUnits(quiet, 300_000, 300_000)).toBe(true);
    expect(hasUnits(quiet, 300_001, 900_000)).toBe(false);
  });
});
