import { createHash } from 'node:crypto';
import { ageMs, type Clock, type Instant, instantOf } from '../async/clock.ts';
import { InvalidInputError } from '../errors.ts';

/** In how many partitions the index `due` and each caller's list are spread. */
export type ShardCounts = { due: number; list: number };

/** Counts that are valid from an instant on, ISO 8601 in UTC with milliseconds. */
export type ShardChange = ShardCounts & { from: string };

/**
 * The counts of a table that was never told others. A run writes a list twice, so four partitions take 2,000 runs a
 * second of one caller.
 */
export const DEFAULT_SHARDS: ShardCounts = { due: 8, list: 4 };

const MOST_SHARDS = 1_000;

const MINUTE = 60_000;
/** How long a process may use the counts that it has read. */
export const SHARDS_KNOWN_MS = 5 * MINUTE;
/** How long before new counts are valid they are written: every process has read them by then, its clock's error included. */
export const SHARDS_NOTICE_MS = 10 * MINUTE;

/** The partition of a key; hashing spreads keys evenly. */
export const shardOf = (key: string, count: number): number =>
  createHash('sha256').update(key).digest().readUInt32LE() % count;

/** The counts that were valid at an instant, ISO 8601, or that will be. */
export const shardsAt = (history: readonly ShardChange[], instant: string): ShardCounts =>
  history.findLast(({ from }) => from <= instant) ?? DEFAULT_SHARDS;

/** The greatest counts of all times. Counts only grow. */
export const mostShards = (history: readonly ShardChange[]): ShardCounts => history.at(-1) ?? DEFAULT_SHARDS;

/**
 * The history with new counts from ten minutes after `now` on (epoch ms).
 *
 * @throws {InvalidInputError} when a count would shrink, is too great, or nothing changes.
 */
export const grownShards = (
  history: readonly ShardChange[],
  wanted: Partial<ShardCounts>,
  now: number,
): ShardChange[] => {
  const last = mostShards(history);
  const { due = last.due, list = last.list } = wanted;
  const issues = [
    ...faultsOf('due', due, last.due),
    ...faultsOf('list', list, last.list),
    ...(due === last.due && list === last.list
      ? [{ path: '', message: `there are ${due} of due and ${list} of a list already` }]
      : []),
  ];
  if (issues.length > 0) throw new InvalidInputError(issues);
  const notice = new Date(now + SHARDS_NOTICE_MS).toISOString();
  const earlier = history.at(-1)?.from ?? '';
  return [...history, { from: notice > earlier ? notice : earlier, due, list }];
};

const faultsOf = (path: string, count: number, before: number) => [
  ...(count < before
    ? [{ path, message: `must not shrink: it is ${before}, and items stay where they were written` }]
    : []),
  ...(count > MOST_SHARDS ? [{ path, message: `must be at most ${MOST_SHARDS}` }] : []),
];

/** The counts of the table, as a process knows them. */
export type Shards = {
  /** The history, at most five minutes old: enough for all that was created up to now. */
  known(): Promise<readonly ShardChange[]>;
  /** The history of this moment. */
  fresh(): Promise<readonly ShardChange[]>;
  /**
   * The number of the shards of `due` into which this process writes now, without a read. The sweep reads all shards
   * that there are, so an old number makes the load uneven and loses nothing.
   */
  due(): number;
};

/** Counts that never change. */
export const FIXED_SHARDS: Shards = {
  known: async () => [],
  fresh: async () => [],
  due: () => DEFAULT_SHARDS.due,
};

/** Reads the history when it is needed, and again when it is five minutes old. */
export const makeShards = (read: () => Promise<readonly ShardChange[]>, clock: Clock): Shards => {
  let latest: readonly ShardChange[] = [];
  let reading: { history: Promise<readonly ShardChange[]>; at: Instant } | undefined;
  const fresh = (): Promise<readonly ShardChange[]> => {
    const now = { at: instantOf(clock), history: read() };
    reading = now;
    now.history.then(
      (history) => {
        latest = history;
      },
      () => {
        if (reading === now) reading = undefined;
      },
    );
    return now.history;
  };
  return {
    known: () => (reading && ageMs(reading.at, clock) < SHARDS_KNOWN_MS ? reading.history : fresh()),
    fresh,
    due: () => shardsAt(latest, new Date(clock.now()).toISOString()).due,
  };
};
