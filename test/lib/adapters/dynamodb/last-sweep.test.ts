import { expect, test } from 'vitest';
import { makeDynamoLastSweep } from '../../../../lib/adapters/dynamodb/last-sweep.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';

test('the last sweep is read as it was written, in the place of the one before', async () => {
  const table = await openTable();
  const lastSweep = makeDynamoLastSweep(table);
  expect(await lastSweep.read()).toBeUndefined();
  const first = {
    startedAt: '2026-11-30T03:00:00.000Z',
    durationMs: 812,
    moved: 4,
    failed: 1,
    complete: false,
  };
  for (const record of [first, { ...first, startedAt: '2026-11-30T03:01:00.000Z', complete: true }]) {
    await lastSweep.write(record);
    expect(await lastSweep.read()).toEqual(record);
  }
  await table.close();
});
