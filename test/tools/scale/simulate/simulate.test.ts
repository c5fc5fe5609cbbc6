import { expect, test } from 'vitest';
import results from '../../../../tools/scale/simulate/results.json' with { type: 'json' };
import {
  AGES,
  RATES,
  SIMULATED_WAYS,
  simulate,
  VERSIONS,
} from '../../../../tools/scale/simulate/simulate.ts';

test('the stored results are those of the recorded writes, and are complete', () => {
  expect(results).toHaveLength(VERSIONS.length * SIMULATED_WAYS.length * RATES.length * AGES.length);
  for (const version of VERSIONS) {
    for (const way of SIMULATED_WAYS) {
      const stored = results.find(
        (each) =>
          each.version === version &&
          each.way === way &&
          each.runsPerSecond === 1_000 &&
          each.age === 'grown',
      );
      expect(simulate(version, way, 1_000, 'grown'), 'npm run cost -- --simulate, then --write').toEqual(
        stored,
      );
    }
  }
}, 60_000);
