import { describe, expect, test } from 'vitest';
import { BESIDE, DIFFERENT, EQUAL } from '../../../../tools/bench/comparisons/scenarios.ts';
import { simulate } from '../../../../tools/bench/comparisons/simulate.ts';

const COMPARISONS = 300;
/** 4.5% of them, and three standard errors: chance alone is above in one run of a thousand. The seed is fixed. */
const MOST = 0.045 * COMPARISONS + 3 * Math.sqrt(0.045 * 0.955 * COMPARISONS);
const small = { prompts: 2, samples: 4 };
const seed = 'cmp_test';

describe('comparisons of equal settings', () => {
  test.each(EQUAL.flatMap((scenario) => [2, 4].map((settings) => ({ ...scenario, scenario, settings }))))(
    'seldom tell anything: $name, $settings settings',
    ({ scenario, settings }) => {
      const told = simulate({ scenario, size: { ...small, settings }, seed, comparisons: COMPARISONS });
      expect(told.comparisons).toBe(COMPARISONS);
      expect(told.any).toBeLessThanOrEqual(MOST);
    },
  );

  test.each(BESIDE.map((scenario) => ({ ...scenario, scenario })))(
    'seldom tell anything of the equal ones: $name',
    ({ scenario }) => {
      const told = simulate({ scenario, size: { ...small, settings: 4 }, seed, comparisons: COMPARISONS });
      expect(told.any).toBeLessThanOrEqual(MOST);
    },
  );
});

test('comparisons of settings that differ find it, more often with more blocks', () => {
  const [, , twice] = DIFFERENT;
  if (!twice) throw new Error('no scenario');
  const few = simulate({ scenario: twice, size: { ...small, settings: 2 }, seed, comparisons: 60 });
  const many = simulate({
    scenario: twice,
    size: { prompts: 4, samples: 5, settings: 2 },
    seed,
    comparisons: 60,
  });
  expect(few.figures.e2e_ms).toBeGreaterThan(20);
  expect(many.figures.e2e_ms).toBeGreaterThan(50);
  expect(many.figures.embedding_diversity).toBeGreaterThan(few.figures.embedding_diversity);
});
