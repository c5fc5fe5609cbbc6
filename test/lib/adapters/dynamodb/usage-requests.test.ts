import { expect, test } from 'vitest';
import { makeDynamoRunList } from '../../../../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoRunStore } from '../../../../lib/adapters/dynamodb/run-store.ts';
import { makeDynamoUsageStore } from '../../../../lib/adapters/dynamodb/usage-store.ts';
import { makePart } from '../../../../lib/runs/list/parts.ts';
import { nameOf } from '../../../../lib/usage/periods.ts';
import { readUsage } from '../../../../lib/usage/read.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';

const DAY = 86_400_000;
const FIRST = Date.parse('2026-10-01T00:00:00Z');

test('a month of a million runs, under four models and labels, is read by one request to the table', async () => {
  const table = await openTable();
  const totals = makeDynamoUsageStore(table);
  const shapes = Array.from({ length: 16 }, (_, at) => ({
    metadata: {},
    requests: 2_084,
    failedRequests: 1,
    parts: [{ ...makePart({ model: `m-${at % 4}`, label: `l-${at >> 2}` }), completed: 2_084, costUsd: 0.1 }],
  }));
  for (let day = 0; day < 30; day += 1) {
    const period = { caller: 'docs', kind: 'DAY', name: nameOf('DAY', FIRST + day * DAY) } as const;
    await totals.put(period, { keys: [], shapes }, { version: 0, marks: 0 }, FIRST);
  }
  const requests: string[] = [];
  table.client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        requests.push(commandName ?? '');
        return next(args);
      },
    { step: 'initialize' },
  );
  const query = {
    since: new Date(FIRST).toISOString(),
    until: new Date(FIRST + 30 * DAY).toISOString(),
    groupBy: [{ by: 'day' as const }, { by: 'model' as const }],
  };
  const { groups, total, truncated } = await readUsage(query, ['docs'], {
    ...{ totals, list: makeDynamoRunList(table), runs: makeDynamoRunStore(table) },
    clock: { now: () => FIRST + 31 * DAY },
  });
  expect([groups.length, total.requests, total.cost_usd, truncated]).toEqual([120, 1_000_320, 48, false]);
  expect(requests).toEqual(['QueryCommand']);
  await table.close();
});
