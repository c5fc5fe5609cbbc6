import { describe, expect, test } from 'vitest';
import { wallTimeOf } from '../../../lib/estimate/wall-time.ts';

describe('the time of a comparison', () => {
  const range = (low: number, typical: number | null, high: number) => ({ low, typical, high });

  test('is that of its slowest setting for each round of blocks', () => {
    const settings = [range(100, 200, 400), range(50, 300, 350)];
    expect(wallTimeOf(settings, { blocks: 10, blocksAtOnce: 4 })).toEqual(range(300, 900, 1_200));
    expect(wallTimeOf([range(1, null, 2)], { blocks: 1, blocksAtOnce: 1 })).toEqual(range(1, null, 2));
  });

  test('with more settings than a block has at once lies between an eighth of all and that and the slowest', () => {
    const settings = Array.from({ length: 16 }, () => range(100, 100, 100));
    expect(wallTimeOf(settings, { blocks: 2, blocksAtOnce: 1 })).toEqual(range(400, 400, 600));
  });
});
