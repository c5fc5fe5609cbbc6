import type { Clock } from '../async/clock.ts';
import { listPosition, type ReadListDeps, readOpen } from '../runs/list/read.ts';
import type { DueItem } from '../runs/ports.ts';
import { AGAIN_MS } from './mark.ts';
import { boundsOf, closingOf, DAY_MS, dayOfHour, MINUTE_MS, nameOf, SUMMED_DAYS } from './periods.ts';
import type { Period, Totals, UsageStore } from './ports.ts';
import { makeShapes, shapeOf } from './shapes.ts';

export type MoveUsageDeps = ReadListDeps & {
  totals: UsageStore;
  /** Where a caller is known from the first sum on. */
  callers: { enter(caller: string): Promise<void> };
  /** The keys of metadata by which usage is summed. */
  usageKeys: readonly string[];
  clock: Pick<Clock, 'now'>;
  /** Time left in this invocation, in ms. */
  remainingMs: () => number;
};

/** How long one sweep reads one hour, ms: other items wait for it. */
const SLICE_MS = 15_000;
/** Left of the invocation for saving what was read. */
const RESERVE_MS = 12_000;
const PAGE = 1_000;

type Hour = Totals & { period: Period & { kind: 'HOUR' } };
type Day = Totals & { period: Period & { kind: 'DAY' } };

/** The period of a due item. */
const periodOf = ({ pk, sk }: DueItem): Period => {
  const [kind = '', name = ''] = sk.split('#');
  return { caller: pk.slice('USAGE#'.length), kind: kind as Period['kind'], name };
};

/**
 * Sums a caller's due hour over the entries of its list, or a due day over its hours. A sum is made from scratch and
 * replaces the earlier one. A large hour is read in several sweeps, and stays due until its sum is complete.
 */
export const moveUsage = async (item: DueItem, deps: MoveUsageDeps): Promise<void> => {
  const found = await deps.totals.get(periodOf(item));
  // The index may lag. A reconciliation comes too early, when runs of the hour may still end unmarked.
  if (!found || found.dueAt === null || found.dueAt > deps.clock.now()) return;
  if (found.period.kind === 'HOUR') await sumHour(found as Hour, deps);
  else if (found.period.kind === 'DAY') await sumDay(found as Day, deps);
};

const sumHour = async (hour: Hour, deps: MoveUsageDeps): Promise<void> => {
  const { totals, list, clock, usageKeys } = deps;
  const { period } = hour;
  const { from, to } = boundsOf(period);
  const now = clock.now();
  if (now - to > SUMMED_DAYS * DAY_MS) {
    await totals.put(period, hour, hour, now + AGAIN_MS);
    return;
  }
  const part: Period = { ...period, kind: 'PART' };
  const begun = await totals.get(part);
  // Sums that were begun before another sum was complete are of no use any more.
  const left = begun?.under?.version === hour.version && isEqual(begun.keys, usageKeys) ? begun : undefined;
  const under = { version: hour.version, marks: left?.under?.marks ?? hour.marks };
  const keys = [...usageKeys];
  const sums = makeShapes(keys);
  for (const shape of left?.shapes ?? []) sums.add(shape);
  const end = now + Math.max(0, Math.min(SLICE_MS, deps.remainingMs() - RESERVE_MS));
  const pages = list.newest({
    caller: period.caller,
    limit: PAGE,
    since: new Date(from).toISOString(),
    until: new Date(to).toISOString(),
    ...(left?.under && { after: left.under.after }),
    consistent: true,
  });
  for await (const page of pages) {
    for (const run of await readOpen(page, deps)) if (run) sums.add(shapeOf(run, keys));
    if (clock.now() < end) continue;
    const after = listPosition(page.at(-1));
    await totals.put(part, { keys, shapes: sums.shapes(), under: { ...under, after } }, begun ?? NEW);
    // Behind all that is due by now, so that a large hour neither holds up other work nor looks overdue.
    await totals.postpone(period, hour.dueAt ?? now, now);
    return;
  }
  // First the day: it is not summed while one of its hours is due, and this hour is due until its sum is written.
  const day = dayOfHour(period);
  await totals.mark(day, Math.max(closingOf(day), now + MINUTE_MS));
  await deps.callers.enter(period.caller);
  await totals.put(period, { keys, shapes: sums.shapes() }, under, now + AGAIN_MS);
};

const NEW = { version: 0, marks: 0 };

const sumDay = async (day: Day, { totals, clock, usageKeys }: MoveUsageDeps): Promise<void> => {
  const { period } = day;
  const { from, to } = boundsOf(period);
  const hours: Totals[] = [];
  for await (const hour of totals.range(period.caller, 'HOUR', nameOf('HOUR', from), nameOf('HOUR', to)))
    hours.push(hour);
  const now = clock.now();
  if (hours.some(({ dueAt }) => dueAt !== null)) {
    await totals.postpone(period, day.dueAt ?? now, now + AGAIN_MS);
    return;
  }
  const keys = usageKeys.filter((key) => hours.every((hour) => hour.keys.includes(key)));
  const sums = makeShapes(keys);
  for (const { shapes } of hours) for (const shape of shapes) sums.add(shape);
  await totals.put(period, { keys, shapes: sums.shapes() }, day, now + AGAIN_MS);
};

const isEqual = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one, at) => one === b[at]);
