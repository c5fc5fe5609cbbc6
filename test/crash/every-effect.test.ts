import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { freshSeed } from '../../local/model/random.ts';
import { enumerate, type Tally, tallyLines } from './enumerate.ts';
import { FAULTS } from './faults.ts';
import { runWithFaults, SCENARIOS } from './scenarios.ts';

/** Pairs drawn of a scenario, anew in each run, so that all tests end in minutes; `npm run soak -- --crash` tries all. */
const PAIRS = { ofSmall: 75, ofLarge: 20 };

const seed = freshSeed();
const tallies: Tally[] = [];
afterAll(() =>
  console.log(
    `${tallyLines(tallies).join('\n')}\nwhere not all pairs were tried, they were drawn by seed ${seed}`,
  ),
);

const mixed = (count: number) =>
  fc.tuple(fc.integer({ min: 1, max: count + 10 }), fc.constantFrom(...FAULTS));

describe.each(SCENARIOS)('$name', (scenario) => {
  const most = scenario.isLarge ? PAIRS.ofLarge : PAIRS.ofSmall;

  test('reaches its one end whichever effect fails, and with crashes at any two effects', async () => {
    const tally = await enumerate(scenario, { most, seed });
    tallies.push(tally);
    expect(tally).toMatchObject({ points: tally.effects * FAULTS.length, pairs: Math.min(tally.of, most) });
  }, 240_000);

  test('reaches its one end with up to four faults of any kind', async () => {
    const { length } = await runWithFaults(scenario);
    const plans = fc.uniqueArray(mixed(length), { maxLength: 4, selector: ([at]) => at });
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        await runWithFaults(scenario, new Map(plan));
      }),
      { numRuns: 25 },
    );
  });
});
