import type { Clock } from '../async/clock.ts';
import { own } from '../json/value.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { inSeconds, measured } from '../observe/metrics.ts';
import { aboutItem } from '../runs/about-run.ts';
import type { DueIndex, DueItem, MoveOptions } from '../runs/ports.ts';

/** Continues the work of one due item. */
type MoveItem = (item: DueItem, options: MoveOptions) => Promise<void>;

export type SweepDeps = {
  dueIndex: DueIndex;
  clock: Clock;
  log: Log;
  lastSweep: Pick<LastSweep, 'write'>;
  /** By the prefix of the item's partition key: `RUN` or `FILE`. */
  movers: Record<string, MoveItem>;
  /** Time left in this invocation, in ms. */
  remainingMs: () => number;
};

export type SweepResult = { moved: number; failed: number; complete: boolean };

/** A sweep that has ended: when it began (ISO 8601, UTC), how long it took, and what it did. */
export type SweepRecord = SweepResult & { startedAt: string; durationMs: number };

/** The record of the last sweep, for GET /operations. */
export type LastSweep = {
  write(record: SweepRecord): Promise<void>;
  read(): Promise<SweepRecord | undefined>;
};

/** `oldestDueAt` is the due time of the most overdue item, epoch ms; null when no item was due. */
type Tally = SweepResult & { oldestDueAt: number | null };

const AT_ONCE = 10;
const RESERVE_MS = 10_000;

/**
 * Continues the work of all due items, in all shards. With `reconcile: 'all'` every item with work left counts as due.
 * An item that fails is logged and stays due. Stops early, with `complete` false, when the invocation's time runs out.
 * @throws When a shard could not be read, after the other shards are done.
 *
 * @example
 * const { moved, failed } = await sweep({ dueIndex, clock, log, movers, remainingMs }, { reconcile: 'all' });
 */
export const sweep = async (
  deps: SweepDeps,
  { reconcile }: { reconcile?: 'all' } = {},
): Promise<SweepResult> => {
  const startedAt = deps.clock.now();
  const before = reconcile === 'all' ? Number.MAX_SAFE_INTEGER : deps.clock.now();
  const result: Tally = { moved: 0, failed: 0, complete: true, oldestDueAt: null };
  const shards = Array.from({ length: await deps.dueIndex.shards() }, (_, shard) =>
    sweepShard(shard, { before, options: { reconcile: reconcile === 'all' } }, deps, result),
  );
  // `allSettled`, so that a shard that cannot be read does not stop the others.
  const ended = await Promise.allSettled(shards);
  const failure = ended.find(({ status }) => status === 'rejected');
  const { oldestDueAt, ...counts } = result;
  await noteSweep({ ...counts, complete: counts.complete && !failure }, startedAt, deps);
  if (failure?.status === 'rejected') throw failure.reason;
  // An idle sweep reports no measurement, so that an idle deployment pays for no metric.
  const overdueMs = oldestDueAt === null ? null : Math.max(0, deps.clock.now() - oldestDueAt);
  const fields = { ...counts, oldest_due_ms: overdueMs ?? undefined, reconcile: reconcile ?? 'due' };
  deps.log.info('sweep.completed', fields, measured('everytoken.due.age', [inSeconds(overdueMs)]));
  return counts;
};

/** The sweep has done its work, whether the record of it can be written or not. */
const noteSweep = async (
  result: SweepResult,
  startedAt: number,
  { lastSweep, clock, log }: Pick<SweepDeps, 'lastSweep' | 'clock' | 'log'>,
): Promise<void> => {
  try {
    const durationMs = clock.now() - startedAt;
    await lastSweep.write({ ...result, startedAt: new Date(startedAt).toISOString(), durationMs });
  } catch (error) {
    log.warn('sweep.not_recorded', errorFields(error));
  }
};

const sweepShard = async (
  shard: number,
  { before, options }: { before: number; options: MoveOptions },
  deps: SweepDeps,
  result: Tally,
): Promise<void> => {
  const seen = new Set<string>();
  for await (const page of deps.dueIndex.due(shard, before)) {
    // An item that was moved can appear again later in the index; each is moved once in a sweep.
    const items = page.filter(({ pk, sk }) => !seen.has(`${pk} ${sk}`));
    for (const { pk, sk, dueAt } of items) {
      seen.add(`${pk} ${sk}`);
      // With `reconcile: 'all'` most items are not due yet.
      if (dueAt !== undefined && dueAt <= deps.clock.now())
        result.oldestDueAt = Math.min(result.oldestDueAt ?? dueAt, dueAt);
    }
    for (let at = 0; at < items.length; at += AT_ONCE) {
      if (deps.remainingMs() < RESERVE_MS) {
        result.complete = false;
        return;
      }
      await Promise.all(items.slice(at, at + AT_ONCE).map((item) => moveItem(item, options, deps, result)));
    }
  }
};

const moveItem = async (
  item: DueItem,
  options: MoveOptions,
  { movers, log }: SweepDeps,
  result: Tally,
): Promise<void> => {
  const move = own(movers, item.pk.split('#', 1)[0] ?? '');
  try {
    if (!move) throw new Error('no mover is registered for this kind of item');
    await move(item, options);
    result.moved += 1;
  } catch (error) {
    result.failed += 1;
    log.error('sweep.item_failed', { item: item.pk, ...aboutItem(item.pk), ...errorFields(error) });
  }
};
