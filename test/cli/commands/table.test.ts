import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTableRecord } from '../../../lib/adapters/dynamodb/table-record.ts';
import { openTable } from '../../factories/dynamodb-table.ts';
import { putEarlierRun } from '../../factories/earlier-run.ts';
import { makeRun } from '../../factories/run.ts';
import { expectMisuses, expectRefusals, runEverytoken } from '../run-everytoken.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-table-'));
let table: Awaited<ReturnType<typeof openTable>>;
let variables: Record<string, string>;
beforeAll(async () => {
  table = await openTable();
  const endpoint = await table.client.config.endpoint?.();
  variables = {
    TABLE_NAME: table.table,
    AWS_ENDPOINT_URL_DYNAMODB: `http://${endpoint?.hostname}:${endpoint?.port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
});
afterAll(async () => {
  await table?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const everytoken = (...words: string[]) => runEverytoken(['table', ...words], dataDir, variables);

test('everytoken table shards shows the counts, and raises them from ten minutes later on', async () => {
  expect(await everytoken('shards')).toEqual({
    status: 0,
    out: 'from           due  list\nthe beginning    8     4\n',
    err: `· table ${table.table}\n`,
  });
  const before = Date.now();
  const raised = await everytoken('shards', '--due', '16');
  const { shards } = await readTableRecord(table);
  expect(shards).toEqual([{ from: expect.any(String), due: 16, list: 4 }]);
  expect(Date.parse(shards[0]?.from ?? '') - before).toBeGreaterThanOrEqual(600_000);
  expect(raised.out).toMatch(/^\d{4}-\d\d-\d\d [\d:]+ +16 +4$/m);
  expect(JSON.parse((await everytoken('shards', '--json')).out)).toEqual({
    data: [
      { from: null, due: 8, list: 4 },
      { from: shards[0]?.from, due: 16, list: 4 },
    ],
  });
  await everytoken('shards', '--list', '6', '--due', '20');
  expect((await readTableRecord(table)).shards).toMatchObject([{ due: 16 }, { due: 20, list: 6 }]);
}, 300_000);

test('everytoken table shards refuses counts that shrink, and words that it does not know', async () => {
  await expectRefusals([[everytoken('shards', '--due', '7'), /due: must not shrink: it is \d+/]]);
  await expectMisuses([
    [everytoken('shards', '--list', 'many'), /argument 'many' is invalid: it takes a whole number/],
    [everytoken('shards', '16'), /too many arguments/],
    [everytoken('shard'), /unknown command 'shard'\n\(Did you mean shards\?\)/],
  ]);
  expect((await everytoken('shards', '--help')).out).toMatch(/^Usage: everytoken table shards/);
}, 300_000);

test('everytoken table migrate enters the runs of the version before in lists, and says how many', async () => {
  await putEarlierRun(table, makeRun());
  const first = await everytoken('migrate');
  expect(first).toMatchObject({
    status: 0,
    out: "runs: 1, entered in their callers' lists now: 1; comparisons: 0 moved\n",
  });
  expect(first.err).toBe(`· table ${table.table}\nruns read: 1\n`);
  expect((await everytoken('migrate')).out).toBe(
    "runs: 1, entered in their callers' lists now: 0; comparisons: 0 moved\n",
  );
  expect((await readTableRecord(table)).version).toBe(3);
}, 300_000);
