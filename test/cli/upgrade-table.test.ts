import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, expect, test } from 'vitest';
import { upgradeTable } from '../../cli/upgrade-table.ts';
import { TABLE_VERSION } from '../../lib/adapters/dynamodb/migrate.ts';
import { makeDynamoRunList } from '../../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoRunStore } from '../../lib/adapters/dynamodb/run-store.ts';
import { readTableRecord, writeTableRecord } from '../../lib/adapters/dynamodb/table-record.ts';
import { listRuns } from '../../lib/runs/list/read.ts';
import { type PrepareTable, startDynamoDb } from '../../local/aws/start-dynamodb.ts';
import { TABLE_DEFINITION } from '../factories/dynamodb-table.ts';
import { putEarlierRun } from '../factories/earlier-run.ts';
import { makeRun } from '../factories/run.ts';
import { awsKey, keys } from '../fixtures/aws-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'everytoken-upgrade-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const withTable = async (
  prepareTable: PrepareTable | undefined,
  use: (table: { client: DynamoDBClient; table: string }) => Promise<void>,
): Promise<void> => {
  const name = 'everytoken-test';
  const { url, close } = await startDynamoDb({
    ...{ folder, region: 'us-east-1', key: awsKey, keys, prepareTable },
    tables: [{ id: 'Table', name, definition: TABLE_DEFINITION }],
  });
  const client = new DynamoDBClient({ endpoint: url, region: 'us-east-1', credentials: awsKey });
  try {
    await use({ client, table: name });
  } finally {
    client.destroy();
    await close();
  }
};

test('a data folder of the version before is upgraded at its start, once, and a newer one is refused', async () => {
  const ids = Array.from({ length: 30 }, (_, at) => `run_${String(at).padStart(26, '0')}`);
  await withTable(undefined, async (table) => {
    for (const id of ids) await putEarlierRun(table, makeRun({ id }));
  });
  const heard: [number, boolean][] = [];
  const prepare = upgradeTable('its-folder', ({ runs }, isDone) => heard.push([runs, isDone]));
  for (let start = 0; start < 2; start += 1)
    await withTable(prepare, async (table) => {
      const deps = { list: makeDynamoRunList(table), runs: makeDynamoRunStore(table) };
      const { runs } = await listRuns({ caller: 'docs', limit: 100 }, deps);
      expect(runs.map(({ id }) => id).toSorted()).toEqual(ids);
      if (start === 1)
        await writeTableRecord(table, { version: TABLE_VERSION + 1 }, await readTableRecord(table));
    });
  expect(heard).toEqual([
    [30, false],
    [30, true],
  ]);
  await expect(withTable(prepare, async () => {})).rejects.toThrow(
    'the data folder its-folder was written by a newer version of everytoken: update, or set EVERYTOKEN_DATA_DIR to another folder',
  );
});
