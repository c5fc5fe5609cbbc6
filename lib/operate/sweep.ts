import type { Clock } from '../async/clock.ts';
import { errorFields } from '../observe/error-fields.ts';
import type { Log } from '../observe/log.ts';
import { inSeconds, measured } from '../observe/metrics.ts';
import { aboutItem } from '../runs/about-run.ts';
import { DUE_SHARDS } from '../runs/due.ts';
import type { DueIndex, DueItem } from '../runs/ports.ts';

/** Moves one due item on; items are told apart by the prefix of their partition key. */
type MoveItem = (item: DueItem) => Promise<void>;

export type SweepDeps = {
  dueIndex: DueIndex;
  clock: Clock;
  log: Log;
  /** By the prefix of pk: RUN, FILE. */
  movers: Record<string, MoveItem>;
  /** Milliseconds that are left to this invocation. */
  remainingMs: () => number;
};

export type SweepResult = { moved: number; failed: number; complete: boolean };

/** `oldestDueAt`: since when the item was due that had been so for longest; null where none was. */
type Tally = SweepResult & { oldestDueAt: number | null };

const AT_ONCE = 10;
const RESERVE_MS = 10_000;

/**
 * Looks at whatever is due in all shards and moves each on. With `reconcile: 'all'` everything with work left is
 * treated as due. An item that fails is logged and stays due; others go on. Ends early, saying so, when time runs out.
 * Throws when a shard could not be read, once the others have had their turn.
 */
export const sweep = async (
  deps: SweepDeps,
  { reconcile }: { reconcile?: 'all' } = {},
): Promise<SweepResult> => {
  const before = reconcile === 'all' ? Number.MAX_SAFE_INTEGER : deps.clock.now();
  const result: Tally = { moved: 0, failed: 0, complete: true, oldestDueAt: null };
  const shards = Array.from({ length: DUE_SHARDS }, (_, shard) => sweepShard(shard, before, deps, result));
  // A shard that cannot be read must not cut the others short.
  const ended = await Promise.allSettled(shards);
  const failure = ended.find(({ status }) => status === 'rejected');
  if (failure?.status === 'rejected') throw failure.reason;
  const { oldestDueAt, ...told } = result;
  // An idle minute measures nothing, so that idling costs nothing.
  const overdueMs = oldestDueAt === null ? null : Math.max(0, deps.clock.now() - oldestDueAt);
  const fields = { ...told, oldest_due_ms: overdueMs ?? undefined, reconcile: reconcile ?? 'due' };
  deps.log.info('sweep.completed', fields, measured('everytoken.due.age', [inSeconds(overdueMs)]));
  return told;
};

const sweepShard = async (shard: number, before: number, deps: SweepDeps, result: Tally): Promise<void> => {
  const seen = new Set<string>();
  for await (const page of deps.dueIndex.due(shard, before)) {
    // An item that was moved can come back later in the index: it has had its turn.
    const items = page.filter(({ pk, sk }) => !seen.has(`${pk} ${sk}`));
    for (const { pk, sk, dueAt } of items) {
      seen.add(`${pk} ${sk}`);
      // Of all items that are reconciled most are not due yet.
      if (dueAt !== undefined && dueAt <= deps.clock.now())
        result.oldestDueAt = Math.min(result.oldestDueAt ?? dueAt, dueAt);
    }
    for (let at = 0; at < items.length; at += AT_ONCE) {
      if (deps.remainingMs() < RESERVE_MS) {
        result.complete = false;
        return;
      }
      await Promise.all(items.slice(at, at + AT_ONCE).map((item) => moveItem(item, deps, result)));
    }
  }
};

const moveItem = async (item: DueItem, { movers, log }: SweepDeps, result: Tally): Promise<void> => {
  const move = movers[item.pk.split('#', 1)[0] ?? ''];
  try {
    if (!move) throw new Error(`nothing here moves items of this kind`);
    await move(item);
    result.moved += 1;
  } catch (error) {
    result.failed += 1;
    log.error('sweep.item_failed', { item: item.pk, ...aboutItem(item.pk), ...errorFields(error) });
  }
};
