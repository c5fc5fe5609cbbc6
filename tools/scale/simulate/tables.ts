import { count, table, tableWithText } from '../markdown.ts';
import type { Way } from '../measured.ts';
import { RECORDINGS } from '../writes/recorded.ts';
import { type KeyTemplate, keysOf, templatesOf } from './demand.ts';
import { PARTITION_UNITS } from './documented.ts';
import file from './results.json' with { type: 'json' };
import { CASES, RATES, type Simulated, trafficOf } from './simulate.ts';

/** The stored results of `npm run cost -- --simulate`. */
const SIMULATED = file as unknown as Simulated[];

const percent = (part: number, whole: number): string => {
  const share = whole === 0 ? 0 : (100 * part) / whole;
  return share === 0 ? '0' : share < 0.1 ? '< 0.1%' : `${share.toFixed(1)}%`;
};
const code = (name: string): string => `\`${name}\``;

/** The units that a run takes from the busiest key of a template, on average; undefined when each run has its own. */
const unitsOfBusiest = (template: KeyTemplate): number | undefined =>
  template.ofRun ? undefined : Math.max(...keysOf(template, trafficOf(1)).map(({ units }) => units));

/** The partition keys that runs share, and the rate at which the busiest reaches a partition's limit. */
export const partitionKeysTable = (way: Way): string => {
  const byVersion = [RECORDINGS.before, RECORDINGS.now].map((recording) =>
    templatesOf(recording[way], recording.shards),
  );
  const names = [...new Set(byVersion.flatMap((templates) => [...templates.keys()]))];
  const rows = names.map((name) => {
    const cells = byVersion.map((templates) => {
      const template = templates.get(name);
      const busiest = template && unitsOfBusiest(template);
      return { units: template?.unitsPerRun ?? 0, met: busiest ? PARTITION_UNITS / busiest : undefined };
    });
    return { name, cells, first: Math.min(...cells.map(({ met }) => met ?? Number.POSITIVE_INFINITY)) };
  });
  return table(
    [
      'Partition key',
      ...['before', 'now'].flatMap((version) => [
        `units a run, ${version}`,
        `reached at (runs/s), ${version}`,
      ]),
    ],
    rows
      .toSorted((a, b) => a.first - b.first)
      .map(({ name, cells }) => [
        code(name),
        ...cells.flatMap(({ units, met }) => [
          units === 0 ? '' : count(units),
          units === 0 ? '' : met === undefined ? 'a key for each run' : count(Math.floor(met)),
        ]),
      ]),
  );
};

/** The outcome of each rate, for a new table and one that has grown, before and now, and with more shards. */
export const simulationTable = (way: Way, results: readonly Simulated[] = SIMULATED): string =>
  tableWithText(
    [
      'Runs/s',
      'table',
      'version',
      'throttled',
      'lost',
      'p99 of added wait (ms)',
      'busiest partition is asked for',
      'throttled by',
    ],
    RATES.flatMap((rate) =>
      CASES.map(({ age, version }) => {
        const found = results.find(
          (each) =>
            each.way === way && each.runsPerSecond === rate && each.age === age && each.version === version,
        );
        if (!found) throw new Error(`${rate} runs/s were not simulated: npm run cost -- --simulate`);
        return rowOf(found);
      }),
    ),
  );

const rowOf = (found: Simulated): string[] => {
  const { runsPerSecond, age, version, writes, throttled, failed, p99WaitMs, hottest, throttledBy } = found;
  const by = Object.entries(throttledBy)
    .filter(([, times]) => times > throttled / 100)
    .toSorted(([, a], [, b]) => b - a);
  const grown = found.grownAfterMinutes === 0 ? 'grown' : `grown, after ${found.grownAfterMinutes} min`;
  return [
    count(runsPerSecond),
    age === 'new' ? 'new' : grown,
    version,
    percent(throttled, writes),
    percent(failed, writes),
    count(p99WaitMs),
    `${count(hottest.unitsPerSecond)} units/s of ${code(hottest.name)}`,
    by.map(([name, times]) => `${code(name)} ${percent(times, throttled)}`).join(', ') || 'nothing',
  ];
};
