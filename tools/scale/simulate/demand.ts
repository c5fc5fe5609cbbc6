import { createHash } from 'node:crypto';
import type { RecordedWrite } from '../writes/recorded.ts';
import type { Load } from './layout.ts';

/** Runs of several callers, the first of which makes `largestShare` of them, and the others as many each. */
export type Traffic = { runsPerSecond: number; callers: number; largestShare: number };

/** The partition keys of one template. */
export type KeyTemplate = {
  /** `space partition`, such as `list RUN#{caller}`. */
  name: string;
  space: string;
  unitsPerRun: number;
  /** Whether each run has a key of its own. */
  ofRun: boolean;
  /** Whether each caller has one; a caller's runs of a file are taken for those of one file at a time. */
  ofCaller: boolean;
  shards: number;
};

/** The partition keys that a run's writes go to, by name. */
export const templatesOf = (
  writes: readonly RecordedWrite[],
  shards: Readonly<Record<string, number>>,
): Map<string, KeyTemplate> => {
  const templates = new Map<string, KeyTemplate>();
  for (const { perRun, takes } of writes) {
    for (const { space, partition, units } of takes) {
      const name = `${space} ${partition}`;
      const known = templates.get(name) ?? {
        name,
        space,
        unitsPerRun: 0,
        ofRun: partition.includes('{run}'),
        ofCaller: /\{(?:caller|file|object)\}/.test(partition),
        shards: partition.includes('{shard}') ? (shards[name] ?? 1) : 1,
      };
      known.unitsPerRun += perRun * units;
      templates.set(name, known);
    }
  }
  return templates;
};

const shareOf = (caller: number, { callers, largestShare }: Traffic): number =>
  caller === 0 ? largestShare : (1 - largestShare) / (callers - 1);

/** A caller, drawn by its share of the runs. `random` is below 1. */
export const callerOf = (random: number, { callers, largestShare }: Traffic): number =>
  random < largestShare ? 0 : 1 + Math.floor(((random - largestShare) / (1 - largestShare)) * (callers - 1));

/** The single keys of a template, in the order of `caller * shards + shard`; none when each run has its own. */
export const keysOf = (
  { name, unitsPerRun, ofRun, ofCaller, shards }: KeyTemplate,
  traffic: Traffic,
): { hash: number; units: number }[] => {
  if (ofRun) return [];
  return Array.from({ length: (ofCaller ? traffic.callers : 1) * shards }, (_, at) => {
    const share = ofCaller ? shareOf(Math.floor(at / shards), traffic) : 1;
    const digest = createHash('sha256').update(`${name} ${at}`).digest();
    return {
      hash: digest.readUIntBE(0, 6) / 2 ** 48,
      units: (traffic.runsPerSecond * unitsPerRun * share) / shards,
    };
  });
};

/** The expected load of each space. */
export const loadsOf = (templates: Iterable<KeyTemplate>, traffic: Traffic): Map<string, Load> => {
  const loads = new Map<string, { keys: { hash: number; units: number }[]; spread: number }>();
  for (const template of templates) {
    const load = loads.get(template.space) ?? { keys: [], spread: 0 };
    load.keys.push(...keysOf(template, traffic));
    if (template.ofRun) load.spread += traffic.runsPerSecond * template.unitsPerRun;
    loads.set(template.space, load);
  }
  return loads;
};
