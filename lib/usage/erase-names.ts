import { emptied, STAGES, stageOf } from '../runs/list/entry.ts';
import type { ListedRun, RunList } from '../runs/ports.ts';
import type { Totals, UsageStore } from './ports.ts';
import { hasNames, makeShapes, withoutNames } from './shapes.ts';

export type EraseNamesDeps = { list: Pick<RunList, 'newest' | 'put'>; totals: UsageStore };

const PAGE = 500;
const MAX_TRIES = 10;

/**
 * Removes labels and metadata from the usage of a caller whose runs are deleted: from the entries of its list first, of
 * which sums are made, then from its hours, then from its days. Its usage stays under its models. Returns how many
 * entries and periods had such names.
 *
 * @throws {Error} when a period is summed again and again meanwhile.
 */
export const eraseNames = async (caller: string, deps: EraseNamesDeps): Promise<number> => {
  let removed = 0;
  for await (const page of deps.list.newest({ caller, limit: PAGE, consistent: true })) {
    for (const entry of page) {
      // No run is left: an open entry is one of a run that was never made.
      const isOrphan = stageOf(entry) === STAGES.open && entry.promptPreview !== null;
      const isNamed = entry.status === 'deleted' && hasNames(entry);
      if (!isOrphan && !isNamed) continue;
      await deps.list.put(isOrphan ? emptied(entry) : nameless(entry));
      removed += 1;
    }
  }
  for (const kind of ['PART', 'HOUR', 'DAY'] as const) {
    for await (const found of deps.totals.range(caller, kind, '', '~'))
      removed += (await eraseFrom(found, deps)) ? 1 : 0;
  }
  return removed;
};

const nameless = (entry: ListedRun): ListedRun => ({
  ...entry,
  metadata: {},
  parts: entry.parts.map((part) => ({ ...part, label: null })),
});

const eraseFrom = async (found: Totals, { totals }: EraseNamesDeps): Promise<boolean> => {
  let current: Totals | undefined = found;
  for (let tried = 1; current; tried += 1) {
    const isNamed = current.shapes.some(hasNames);
    // A sum of what stood here before may be under way where a period is due; after another writing it comes too late.
    if (!isNamed && current.dueAt === null) return false;
    const sums = makeShapes([]);
    for (const shape of current.shapes) sums.add(withoutNames(shape));
    const { keys, under } = current;
    const written = { keys, shapes: sums.shapes(), ...(under && { under }) };
    if (await totals.put(current.period, written, current)) return isNamed;
    if (tried === MAX_TRIES) throw new Error(`the usage of ${current.period.name} changes all the time`);
    current = await totals.get(current.period);
  }
  return false;
};
