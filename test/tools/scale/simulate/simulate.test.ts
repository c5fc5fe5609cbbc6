import { expect, test } from 'vitest';
import results from '../../../../tools/scale/simulate/results.json' with { type: 'json' };
import { CASES, RATES, SIMULATED_WAYS, simulate } from '../../../../tools/scale/simulate/simulate.ts';

test('the stored results are those of the recorded writes, and are complete', () => {
  expect(results).toHaveLength(SIMULATED_WAYS.length * RATES.length * CASES.length);
  for (const way of SIMULATED_WAYS) {
    for (const { version, age } of CASES.filter((each) => each.age === 'grown')) {
      const stored = results.find(
        (each) =>
          each.way === way && each.runsPerSecond === 1_000 && each.version === version && each.age === age,
      );
      expect(simulate(version, way, 1_000, age), 'npm run cost -- --simulate, then --write').toEqual(stored);
    }
  }
}, 60_000);
