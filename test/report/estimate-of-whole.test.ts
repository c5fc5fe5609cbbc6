import { describe, expect, test } from 'vitest';
import type { FileEstimate } from '../../client/api-types.ts';
import { estimateOfWhole } from '../../report/estimate-of-whole.ts';

const range = { low: 10, typical: null, high: 30 };

const part: FileEstimate = {
  object: 'file.estimate',
  complete: true,
  ...{ lines: 100, accepted: 90, refused: 10, reused: 5, generations: 90 },
  ...{ prompt_tokens: range, completion_tokens: range, tokens: range },
  cost_usd: { low: 0.1, typical: 0.2, high: 0.3 },
  unpriced: [],
  models: [],
  errors: [],
  error: null,
  previews: [],
  max_cost_usd: { limit: 1, covers: 'yes' },
  budget: null,
  wall_time_ms: null,
  lines_at_once: 5,
  based_on: ['prices'],
};

describe('the estimate of a file from its beginning', () => {
  test('is that of the beginning where that is the whole file', () => {
    expect(estimateOfWhole(part, 1)).toEqual(part);
  });

  test('takes the rest to be like the beginning, says so, and judges the limit anew', () => {
    const whole = estimateOfWhole(part, 0.25, (usd) => Number(usd.toPrecision(12)));
    expect(whole).toMatchObject({
      ...{ complete: false, lines: 400, accepted: 360, refused: 40, reused: 20, generations: 360 },
      tokens: { low: 40, typical: null, high: 120 },
      cost_usd: { low: 0.4, typical: 0.8, high: 1.2 },
      max_cost_usd: { limit: 1, covers: 'maybe' },
    });
    expect(whole.based_on).toEqual([
      'prices',
      'Read were 100 lines, 25 % of the file; the rest is taken to be like these.',
    ]);
    expect(estimateOfWhole(part, 0.05).max_cost_usd?.covers).toBe('no');
  });
});
