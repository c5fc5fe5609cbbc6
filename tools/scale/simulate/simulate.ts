import type { Way } from '../measured.ts';
import { RECORDINGS, type Recording } from '../writes/recorded.ts';
import { loadsOf, type Traffic, templatesOf } from './demand.ts';
import { DOUBLING_MINUTES, NEW_TABLE_UNITS, PARTITION_UNITS } from './documented.ts';
import { type Load, newLayout, splitForHeat } from './layout.ts';
import { type Outcome, replay } from './replay.ts';

/** `raised`: the writes of now, with five times as many shards. */
type Version = 'before' | 'now' | 'raised';

/** `new`: an on-demand table's first minutes. `grown`: the rate has lasted until it was split as far as that helps. */
type Age = 'new' | 'grown';

export type Simulated = Outcome & {
  version: Version;
  way: Way;
  runsPerSecond: number;
  age: Age;
  /** The partitions of the table and its indexes. */
  partitions: number;
  /** The time until a new table has grown so far, by the documented rule. */
  grownAfterMinutes: number;
};

/** All but a new table with raised shards, which does not help while it has four partitions. */
export const CASES: readonly { age: Age; version: Version }[] = [
  { age: 'new', version: 'before' },
  { age: 'new', version: 'now' },
  { age: 'grown', version: 'before' },
  { age: 'grown', version: 'now' },
  { age: 'grown', version: 'raised' },
];
export const RATES: readonly number[] = [100, 1_000, 10_000];
export const SIMULATED_WAYS: readonly Way[] = ['stream', 'background', 'line'];

/** One of a hundred callers makes half of all runs. */
export const trafficOf = (runsPerSecond: number): Traffic => ({
  runsPerSecond,
  callers: 100,
  largestShare: 0.5,
});

/** On-demand tables have twice the room of their peak. */
const ROOM = PARTITION_UNITS / 2;

const unitsOf = ({ keys, spread }: Load): number => keys.reduce((sum, { units }) => sum + units, spread);

const grownAfterMinutes = (loads: ReadonlyMap<string, Load>): number => {
  const most = Math.max(...[...loads.values()].map(unitsOf));
  return most <= NEW_TABLE_UNITS ? 0 : DOUBLING_MINUTES * Math.ceil(Math.log2(most / NEW_TABLE_UNITS));
};

const RAISED_BY = 5;
const recordingOf = (version: Version): Recording => {
  if (version !== 'raised') return RECORDINGS[version];
  const { shards, ...writes } = RECORDINGS.now;
  const raised = Object.entries(shards).map(([name, count]) => [name, count * RAISED_BY]);
  return { ...writes, shards: Object.fromEntries(raised) };
};

/** Simulates one rate, for 20 s. */
export const simulate = (version: Version, way: Way, runsPerSecond: number, age: Age): Simulated => {
  const { shards, [way]: writes } = recordingOf(version);
  const traffic = trafficOf(runsPerSecond);
  const loads = loadsOf(templatesOf(writes, shards).values(), traffic);
  const layouts = new Map(
    [...loads].map(([space, load]) => [
      space,
      age === 'new' ? newLayout() : splitForHeat(newLayout(), load, ROOM),
    ]),
  );
  return {
    ...{ version, way, runsPerSecond, age },
    partitions: [...layouts.values()].flat().length,
    grownAfterMinutes: grownAfterMinutes(loads),
    ...replay({ writes, shards, traffic, layouts, seconds: 20, leadS: 10, seed: 1 }),
  };
};

/** Simulates all ways, rates and cases. */
export const simulateAll = (): Simulated[] =>
  SIMULATED_WAYS.flatMap((way) =>
    RATES.flatMap((rate) => CASES.map(({ version, age }) => simulate(version, way, rate, age))),
  );
