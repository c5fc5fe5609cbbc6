import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';

/** The circumstances of a measurement. `date` is the UTC day; `packages` has the installed versions by name. */
export type Machine = {
  date: string;
  cpu: string;
  /** CPUs that this process may use at once. */
  cpus: number;
  memoryGb: number;
  system: string;
  node: string;
  packages: Record<string, string>;
};

const MODULES = join(import.meta.dirname, '../../node_modules');

/**
 * Describes this machine, and the packages that a benchmark measures.
 * @throws {Error} when one of the packages is not installed
 */
export const machineOf = (packages: readonly string[] = []): Machine => ({
  date: new Date().toISOString().slice(0, 10),
  cpu: cpus()[0]?.model.trim() ?? 'unknown CPU',
  cpus: availableParallelism(),
  memoryGb: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${/^\d+\.\d+/.exec(release())?.[0] ?? release()}`,
  node: process.versions.node,
  packages: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
});

const versionOf = (name: string): string =>
  JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8')).version;

/** The machine in one line, to be printed above a benchmark's figures. */
export const machineLine = ({ date, cpu, cpus, memoryGb, system, node, packages }: Machine): string =>
  [
    date,
    `${cpus} x ${cpu}, ${memoryGb} GB, ${system}`,
    `Node ${node}`,
    Object.entries(packages)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  ]
    .filter((part) => part !== '')
    .join(' · ');

/** The machine's load in the last 1, 5 and 15 minutes: figures of a busy machine are worth little. */
export const loadLine = (load: readonly number[] = loadavg()): string =>
  load.map((value) => value.toFixed(1)).join(' ');
