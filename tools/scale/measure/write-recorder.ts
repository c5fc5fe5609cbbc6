import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { RecordedWrite, Taken } from '../writes/recorded.ts';
import type { NoteWrite } from './meters.ts';
import type { PartitionWrite } from './table-units.ts';

/** A write request and the time at which it was answered, on the clock of `performance.now`. */
export type NotedWrite = { atMs: number; writes: readonly PartitionWrite[] };

const RUN = /run_[0-9a-z]{26}/;

/** Collects write requests until they are taken. */
export const makeWriteRecorder = (now: () => number = () => performance.now()) => {
  const noted: NotedWrite[] = [];
  const note: NoteWrite = (writes) => {
    noted.push({ atMs: now(), writes });
  };
  return { note, take: (): NotedWrite[] => noted.splice(0) };
};

const textOf = ({ S, N }: AttributeValue): string => S ?? N ?? '';

/** Replaces the parts of a partition key that vary by run, file, caller, object, time or shard by their names. */
export const templateOf = (key: AttributeValue, callers: readonly string[]): string =>
  textOf(key)
    .split('#')
    .map((part) => {
      if (RUN.test(part)) return '{run}';
      if (/^file_[0-9a-z]+$/.test(part)) return '{file}';
      if (callers.includes(part)) return '{caller}';
      if (part.includes('/')) return '{object}';
      if (/^\d{4}-\d\d-\d\d/.test(part)) return '{time}';
      return /^\d+$/.test(part) ? '{shard}' : part;
    })
    .join('#');

/** The number of shards of each template with some: one more than the highest number seen. */
export const shardsIn = (
  noted: readonly NotedWrite[],
  callers: readonly string[],
): Record<string, number> => {
  const shards: Record<string, number> = {};
  for (const { space, key } of noted.flatMap(({ writes }) => writes)) {
    const template = templateOf(key, callers);
    const at = template.split('#').indexOf('{shard}');
    if (at < 0) continue;
    const name = `${space} ${template}`;
    shards[name] = Math.max(shards[name] ?? 0, Number(textOf(key).split('#')[at]) + 1);
  }
  return shards;
};

/**
 * Groups the writes of a file by run. One without a run's id in its key belongs to the run whose own write is nearest
 * in time.
 */
export const byRun = (noted: readonly NotedWrite[]): NotedWrite[][] => {
  const owned = noted.flatMap((each) => {
    const [run] = each.writes.flatMap(({ key }) => RUN.exec(textOf(key)) ?? []);
    return run === undefined ? [] : [{ run, atMs: each.atMs }];
  });
  const groups = new Map<string, NotedWrite[]>();
  for (const each of noted) {
    const distance = ({ atMs }: { atMs: number }) => Math.abs(atMs - each.atMs);
    const own = owned.reduce<(typeof owned)[number] | undefined>(
      (best, other) => (best && distance(best) <= distance(other) ? best : other),
      undefined,
    );
    if (own === undefined) continue;
    groups.set(own.run, [...(groups.get(own.run) ?? []), each]);
  }
  return [...groups.values()];
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Averages the writes of several runs: equal requests in the same place of a run become one. */
export const averageOf = (
  runs: readonly (readonly NotedWrite[])[],
  callers: readonly string[],
): RecordedWrite[] => {
  const found = new Map<string, { takes: Taken[]; times: number[] }>();
  for (const run of runs) {
    const startedAt = Math.min(...run.map(({ atMs }) => atMs));
    const seen = new Map<string, number>();
    for (const { atMs, writes } of run) {
      const takes = writes.map(({ space, key, units }) => ({
        space,
        partition: templateOf(key, callers),
        units,
      }));
      const text = JSON.stringify(takes);
      const nth = (seen.get(text) ?? 0) + 1;
      seen.set(text, nth);
      const known = found.get(`${nth} ${text}`) ?? { takes, times: [] };
      known.times.push(atMs - startedAt);
      found.set(`${nth} ${text}`, known);
    }
  }
  return [...found.values()]
    .map(({ takes, times }) => ({
      atMs: Math.round(median(times)),
      perRun: Math.round((times.length / runs.length) * 1000) / 1000,
      takes,
    }))
    .toSorted((a, b) => a.atMs - b.atMs);
};
