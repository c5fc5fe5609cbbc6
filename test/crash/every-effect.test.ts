import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { freshSeed } from '../../local/model/random.ts';
import { enumerate, type Tally, tallyLines } from './enumerate.ts';
import { FAULTS } from './faults.ts';
import { runWithFaults, SCENARIOS } from './scenarios.ts';

/**
 * Drawn anew in each run, so that all tests end in minutes; `npm run soak -- --crash` tries all. All faults are tried at the
 * first effect of each kind, and one or two at each that repeats it, as those of line after line do.
 */
const OF_SMALL = { most: 30, faultsOfRepeated: 2 };
const OF_LARGE = { most: 12, faultsOfRepeated: 1 };

const seed = freshSeed();
const tallies: Tally[] = [];
afterAll(() =>
  console.log(
    `${tallyLines(tallies).join('\n')}\nwhere not all faults or pairs were tried, they were drawn by seed ${seed}`,
  ),
);

const mixed = (count: number) =>
  fc.tuple(fc.integer({ min: 1, max: count + 10 }), fc.constantFrom(...FAULTS));

describe.each(SCENARIOS)('$name', (scenario) => {
  const drawn = scenario.isLarge ? OF_LARGE : OF_SMALL;

  test('reaches its one end whichever effect fails, and with crashes at any two effects', async () => {
    const tally = await enumerate(scenario, { ...drawn, seed });
    tallies.push(tally);
    expect(tally.points).toBeGreaterThanOrEqual(tally.effects * drawn.faultsOfRepeated);
    expect(tally.pairs).toBe(Math.min(tally.of, drawn.most));
  }, 600_000);

  test('reaches its one end with up to four faults of any kind', async () => {
    const { length } = await runWithFaults(scenario);
    const plans = fc.uniqueArray(mixed(length), { maxLength: 4, selector: ([at]) => at });
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        await runWithFaults(scenario, new Map(plan));
      }),
      { numRuns: 12 },
    );
  });
});
