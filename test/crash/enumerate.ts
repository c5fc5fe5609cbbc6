import assert from 'node:assert/strict';
import { seededRandom } from '../../local/model/random.ts';
import { CRASH_POINTS, type CrashPoint, FAULTS, type Fault } from './faults.ts';
import { runWithFaults, type Scenario } from './scenarios.ts';

/**
 * Counts of a scenario that held: `points` are faults at one effect, `pairs` are runs with two crash points, `of` all pairs
 * that begin with one of the points.
 */
export type Tally = { scenario: string; effects: number; points: number; pairs: number; of: number };

type Pair = [number, CrashPoint, number, CrashPoint];

/**
 * Tries faults at each effect of a scenario, then pairs of crash points: all that begin with one of those faults, or `most`
 * of them drawn by `seed`. The second crash is at any effect that follows the first, since a resumed run has effects of
 * its own. `progress` is called after each pair. Rejects at the first plan that does not hold.
 *
 * @param faultsOfRepeated how many faults, drawn by `seed`, are tried at an effect that the scenario has had before under
 * the same name, as in the next line of a file; all are tried at the first one
 */
export const enumerate = async (
  scenario: Scenario,
  {
    most = Infinity,
    seed = 0,
    faultsOfRepeated = FAULTS.length,
    progress = () => {},
  }: {
    most?: number;
    seed?: number;
    faultsOfRepeated?: number;
    progress?: (tried: number, of: number) => void;
  } = {},
): Promise<Tally> => {
  const effects = await runWithFaults(scenario);
  const pairs: Pair[] = [];
  let points = 0;
  for (const [before, name] of effects.entries()) {
    const first = before + 1;
    const isRepeated = effects.indexOf(name) < before && faultsOfRepeated < FAULTS.length;
    for (const fault of isRepeated ? drawn(FAULTS, faultsOfRepeated, seed, first) : FAULTS) {
      const met = await runWithFaults(scenario, new Map([[first, fault]]));
      points += 1;
      if (isCrashPoint(fault)) pairs.push(...pairsAfter(first, fault, met.length));
    }
  }
  const chosen = pairs.length <= most ? pairs : drawn(pairs, most, seed, 0);
  for (const [tried, [first, fault, second, other]] of chosen.entries()) {
    const plan = new Map([
      [first, fault],
      [second, other],
    ]);
    const met = await runWithFaults(scenario, plan);
    // Otherwise the same plan would not lead to the same effects, and a pair would be counted that never happened.
    assert.ok(met.length >= second, `${scenario.name}: effect ${second} was not reached`);
    progress(tried + 1, chosen.length);
  }
  return { scenario: scenario.name, effects: effects.length, points, pairs: chosen.length, of: pairs.length };
};

const isCrashPoint = (fault: Fault): fault is CrashPoint => CRASH_POINTS.some((point) => point === fault);

const pairsAfter = (first: number, fault: CrashPoint, effects: number): Pair[] =>
  Array.from({ length: Math.max(0, effects - first) }, (_, at) => first + 1 + at).flatMap((second) =>
    CRASH_POINTS.map((other): Pair => [first, fault, second, other]),
  );

const drawn = <T>(all: readonly T[], most: number, seed: number, stream: number): T[] => {
  const random = seededRandom(seed, stream);
  const left = [...all];
  return Array.from({ length: most }, () => left.splice(Math.floor(random() * left.length), 1)).flat();
};

const number = (value: number) => value.toLocaleString('en');

/** One line for each scenario, and the sums. */
export const tallyLines = (tallies: Tally[]): string[] => {
  const sum = (of: (tally: Tally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
  const total: Tally = {
    scenario: 'together',
    effects: sum(({ effects }) => effects),
    points: sum(({ points }) => points),
    pairs: sum(({ pairs }) => pairs),
    of: sum(({ of }) => of),
  };
  const rows = [...tallies, total];
  const width = Math.max(...rows.map(({ scenario }) => scenario.length));
  return rows.map(
    ({ scenario, effects, points, pairs, of }) =>
      `${scenario.padEnd(width)}  ${number(effects).padStart(4)} effects  ${number(points).padStart(6)} single faults  ` +
      `${number(pairs).padStart(7)} pairs of crash points${pairs === of ? '' : ` of ${number(of)}`}, all hold`,
  );
};
