import { expect, test } from 'vitest';
import { makeDynamoDueIndex } from '../../../../lib/adapters/dynamodb/indexes.ts';
import { makeDynamoRunList } from '../../../../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoRunStore } from '../../../../lib/adapters/dynamodb/run-store.ts';
import {
  makeDynamoShards,
  readTableRecord,
  writeTableRecord,
} from '../../../../lib/adapters/dynamodb/table-record.ts';
import { timedRunId } from '../../../../lib/runs/keys.ts';
import { listedOf } from '../../../../lib/runs/list/entry.ts';
import { listPosition } from '../../../../lib/runs/list/read.ts';
import { grownShards } from '../../../../lib/runs/shards.ts';
import { runListContract } from '../../../contracts/run-list.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';
import { makeRun } from '../../../factories/run.ts';

runListContract('DynamoDB', async () => {
  const table = await openTable();
  return { runs: makeDynamoRunStore(table), list: makeDynamoRunList(table), close: table.close };
});

test('a table whose shards have grown keeps, lists and sweeps what was written before and after', async () => {
  const table = await openTable();
  let now = Date.UTC(2026, 10, 29, 12);
  const clock = { now: () => now, monotonic: () => now };
  const shards = makeDynamoShards(table, clock);
  const [runs, list] = [makeDynamoRunStore(table, shards), makeDynamoRunList(table, shards)];
  const accept = async (at: number) => {
    now += 1_000;
    const id = timedRunId(now, Buffer.alloc(10, at));
    const run = makeRun({ id, caller: 'grown', createdAt: new Date(now).toISOString(), dueAt: now });
    await list.put(listedOf(run));
    await runs.create(run);
    return run;
  };
  const all = [];
  for (let at = 0; at < 60; at += 1) {
    if (at === 20) {
      const record = await readTableRecord(table);
      const grown = grownShards(record.shards, { due: 11, list: 7 }, now);
      expect(await writeTableRecord(table, { shards: grown }, record)).toBe(true);
      expect(await writeTableRecord(table, { version: 9 }, record)).toBe(false);
    }
    if (at === 40) now += 600_000;
    all.unshift(await accept(at));
  }
  const newest = async (query: { since?: string; until?: string; after?: string } = {}) => {
    const found: string[] = [];
    for await (const page of list.newest({ caller: 'grown', limit: 20, ...query }))
      found.push(...page.map(({ id }) => id));
    return found;
  };
  const ids = all.map(({ id }) => id);
  expect(await newest()).toEqual(ids);
  expect(await newest({ after: listPosition(all[19]) })).toEqual(ids.slice(20));
  const [since, until] = [all[45]?.createdAt ?? '', all[10]?.createdAt ?? ''];
  expect(await newest({ since, until })).toEqual(ids.slice(11, 46));
  for (const run of all) expect((await list.get(run))?.id).toBe(run.id);

  const dueIndex = makeDynamoDueIndex(table, makeDynamoShards(table, clock));
  expect(await dueIndex.shards()).toBe(11);
  const perShard = await Promise.all(
    Array.from({ length: 11 }, async (_, shard) => {
      const found = [];
      for await (const page of dueIndex.due(shard, now)) found.push(...page);
      return found.map(({ pk }) => pk.slice('RUN#'.length));
    }),
  );
  expect(perShard.slice(8).flat().length).toBeGreaterThan(0);
  expect(perShard.flat().toSorted()).toEqual(ids.toSorted());
  await table.close();
});
