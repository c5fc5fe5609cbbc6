import type { LastSweep, SweepRecord } from '../../operate/sweep.ts';
import { getItem, type TableClient, updateItem } from './table.ts';
import { Update } from './update.ts';

const KEY = { pk: 'SWEEP', sk: 'LAST' };

/** Keeps the record of the last sweep in one item, which each sweep replaces. */
export const makeDynamoLastSweep = (table: TableClient): LastSweep => ({
  write: async ({ startedAt, durationMs, moved, failed, complete }) => {
    const update = new Update();
    const fields = { started_at: startedAt, duration_ms: durationMs, moved, failed, complete };
    for (const [name, value] of Object.entries(fields)) update.set(name, value);
    await updateItem(table, KEY, update, { create: true });
  },
  read: async () => {
    const item = await getItem(table, KEY);
    return (
      item && {
        startedAt: item.started_at as string,
        durationMs: item.duration_ms as number,
        moved: item.moved as number,
        failed: item.failed as number,
        complete: item.complete as SweepRecord['complete'],
      }
    );
  },
});
