import { type DynamoDBClient, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { marshall, unmarshall } from '../../../../lib/adapters/dynamodb/attribute-value.ts';
import { makeDynamoFileStore } from '../../../../lib/adapters/dynamodb/file-store.ts';
import { migrateTable, needsMigration, TABLE_VERSION } from '../../../../lib/adapters/dynamodb/migrate.ts';
import { makeDynamoRunList } from '../../../../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoRunStore } from '../../../../lib/adapters/dynamodb/run-store.ts';
import { type Key, updateItem } from '../../../../lib/adapters/dynamodb/table.ts';
import { readTableRecord, writeTableRecord } from '../../../../lib/adapters/dynamodb/table-record.ts';
import { Update } from '../../../../lib/adapters/dynamodb/update.ts';
import { makeDynamoUsageStore } from '../../../../lib/adapters/dynamodb/usage-store.ts';
import { canonicalJson } from '../../../../lib/json/canonical-json.ts';
import { timedRunId } from '../../../../lib/runs/keys.ts';
import { buryListed, listedOf } from '../../../../lib/runs/list/entry.ts';
import { listRuns } from '../../../../lib/runs/list/read.ts';
import type { Run, RunStatus } from '../../../../lib/runs/run.ts';
import { hourOf } from '../../../../lib/usage/periods.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';
import { putEarlierRun } from '../../../factories/earlier-run.ts';
import { makePromptFile } from '../../../factories/prompt-file.ts';
import { makeFigures, makeRun } from '../../../factories/run.ts';

let table: Awaited<ReturnType<typeof openTable>>;
beforeEach(async () => {
  table = await openTable();
});
afterEach(() => table.close());

const T0 = Date.UTC(2026, 10, 22, 13);
let made = 0;
const runOf = (own: Partial<Run> = {}): Run => {
  made += 1;
  const at = T0 + made * 1_000;
  return makeRun({
    id: timedRunId(at, Buffer.alloc(10, made)),
    createdAt: new Date(at).toISOString(),
    ...own,
  });
};
const earlier = async (own: Partial<Run> = {}): Promise<Run> => {
  const run = runOf(own);
  await putEarlierRun(table, run);
  return run;
};

const migrate = (client: DynamoDBClient = table.client) =>
  migrateTable(
    { client, table: table.table },
    { list: makeDynamoRunList({ client, table: table.table }), usageKeys: ['bill'] },
  );

const deps = () => ({ list: makeDynamoRunList(table), runs: makeDynamoRunStore(table) });
const listed = async (caller = 'docs') =>
  (await listRuns({ caller, limit: 100, includesDeleted: true }, deps())).runs;

const items = async (): Promise<Record<string, unknown>[]> => {
  const { Items = [] } = await table.client.send(new ScanCommand({ TableName: table.table }));
  return Items.map((item) => unmarshall(item)).toSorted((a, b) =>
    `${a.pk}${a.sk}` < `${b.pk}${b.sk}` ? -1 : 1,
  );
};

/** The client, which breaks down before the given write, as at a kill -9. */
const dyingAt = (write: number): DynamoDBClient => {
  let writes = 0;
  return new Proxy(table.client, {
    get: (client, name) => {
      const value = Reflect.get(client, name);
      if (name !== 'send') return typeof value === 'function' ? value.bind(client) : value;
      return async (command: object) => {
        if (/^(Update|Put|Delete)/.test(command.constructor.name) && ++writes >= write)
          throw new Error('killed');
        return client.send(command as ScanCommand);
      };
    },
  });
};

test('every run of the version before is in its caller’s list afterwards, and no longer in the index', async () => {
  const generations = [makeFigures({ longestGapMs: null })];
  const request = canonicalJson({
    prompt: 'Compare.',
    settings: [{ label: 'a' }, { label: 'b', model: 'own/m' }],
  });
  const queued = await earlier();
  const completed = await earlier({ status: 'completed', generations, metadata: { team: 'a' }, dueAt: null });
  const failed = await earlier({ status: 'failed', error: { code: 'x', message: 'y' }, request: null });
  const settings = await earlier({
    status: 'completed',
    labels: ['a', 'b'],
    request,
    generations: [...generations, ...generations],
  });
  const other = await earlier({ caller: 'team#1', status: 'cancelled' });
  const unread = await earlier({ status: 'completed', request: '{"prompt": 1}' });
  expect(await needsMigration(table)).toBe(true);
  expect(await migrate()).toEqual({ runs: 6, entered: 6, comparisons: 0 });

  const promptPreview = 'Explain vector databases in a technical manner.';
  const none = { promptPreview: null, textPreview: null };
  expect(await listed()).toEqual([
    { ...listedOf(unread), ...none },
    {
      ...listedOf({ ...settings, models: ['gpt-6-luna', 'own/m'] }),
      promptPreview: 'Compare.',
      textPreview: null,
    },
    { ...listedOf(failed), ...none },
    { ...listedOf(completed), promptPreview, textPreview: null },
    { ...listedOf(queued), promptPreview, textPreview: null },
  ]);
  expect((await listed('team#1')).map(({ id, status }) => [id, status])).toEqual([[other.id, 'cancelled']]);
  const indexed = await table.client.send(
    new QueryCommand({
      TableName: table.table,
      IndexName: 'list',
      KeyConditionExpression: 'list_pk = :pk',
      ExpressionAttributeValues: marshall({ ':pk': 'RUN#docs' }),
    }),
  );
  expect(indexed.Items).toEqual([]);
  expect(await deps().runs.get(completed.id)).toEqual(completed);
  expect(await readTableRecord(table)).toMatchObject({ version: TABLE_VERSION });
  expect(await needsMigration(table)).toBe(false);
});

test('the usage of every run is summed after a migration', async () => {
  const { createdAt } = await earlier({ status: 'completed', generations: [makeFigures()], dueAt: null });
  await earlier({ status: 'deleted', request: null, caller: 'team' });
  await migrate();
  const totals = makeDynamoUsageStore(table);
  for (const caller of ['docs', 'team'])
    expect(await totals.get(hourOf({ caller, createdAt }))).toMatchObject({ dueAt: expect.any(Number) });
});

test('a deleted run is listed with its usage alone, also where the version before deleted it', async () => {
  const left = { labels: ['its label'], metadata: { team: 'its metadata', bill: 'its own' } };
  const tombstone = {
    status: 'deleted',
    request: null,
    generations: [makeFigures({ model: '', sha256: null })],
  } as const;
  await earlier({ ...left, ...tombstone, generations: [...tombstone.generations] });
  const { list, runs } = deps();
  const accepted = runOf(left);
  await list.put(listedOf(accepted, { promptPreview: 'its prompt' }));
  await runs.create({
    ...accepted,
    ...tombstone,
    generations: [...tombstone.generations],
    labels: [],
    metadata: {},
  });
  expect(await migrate()).toEqual({ runs: 2, entered: 2, comparisons: 0 });
  const [mixed, old] = await listed();
  expect(old).toMatchObject({
    status: 'deleted',
    metadata: {},
    model: '',
    parts: [{ completed: 1, label: null }],
  });
  expect(mixed).toMatchObject({ status: 'deleted', metadata: { bill: 'its own' }, promptPreview: null });
  expect(JSON.stringify(await items())).not.toContain('its prompt');
});

test('entries of this version stay as they are, and one that the version before has ended becomes true', async () => {
  const { list, runs } = deps();
  const own = runOf({ status: 'completed', generations: [makeFigures()] });
  const ended = runOf({ status: 'queued' });
  const open = runOf({ status: 'generating' });
  for (const run of [own, ended, open]) {
    await runs.create(run);
    await list.put(listedOf(run, { promptPreview: 'Mine', textPreview: 'Also mine' }));
  }
  const buried = runOf({ status: 'deleted', request: null });
  await runs.create(buried);
  await buryListed(buried, { list, usageKeys: [], markUsage: async () => {} });
  const before = await listed();
  await runs.change(ended.id, { status: 'failed', error: { code: 'x', message: 'y' } }, {});
  expect(await migrate()).toEqual({ runs: 4, entered: 1, comparisons: 0 });
  expect(await listed()).toEqual(
    before.map((entry) =>
      entry.id === ended.id
        ? {
            ...entry,
            status: 'failed',
            error: { code: 'x', message: 'y' },
            promptPreview: expect.any(String),
          }
        : entry,
    ),
  );
});

test('comparisons that were listed among the files are listed apart, tombstones too, and files stay', async () => {
  const files = makeDynamoFileStore(table);
  const ids = ['cmp_1', 'cmp_2', 'file_1'];
  for (const id of ids) await files.create(makePromptFile({ id, caller: 'docs' }));
  const gone = makePromptFile({ id: 'cmp_gone', caller: 'docs', lease: { token: 'a1', until: 1 } });
  await files.create(gone);
  await files.change(gone.id, { lease: gone.lease }, {});
  await files.bury(gone, 'a1', T0);
  for (const { pk, sk } of await items()) {
    const update = new Update();
    update.set('list_pk', 'FILE#docs');
    await updateItem(table, { pk, sk } as Key, update);
  }
  const listedFiles = async (kind: 'file' | 'comparison') =>
    (await files.list({ caller: 'docs', limit: 10, kind })).files.map(({ id }) => id);
  expect(await listedFiles('comparison')).toEqual([]);
  expect(await listedFiles('file')).toEqual(['file_1']);
  expect(await migrate()).toEqual({ runs: 0, entered: 0, comparisons: 3 });
  expect(await listedFiles('comparison')).toEqual(['cmp_2', 'cmp_1']);
  expect(await listedFiles('file')).toEqual(['file_1']);
  expect(await migrate()).toEqual({ runs: 0, entered: 0, comparisons: 0 });
});

test('an interrupted migration is completed by the next one, wherever it was killed', async () => {
  const statuses: RunStatus[] = ['queued', 'completed', 'failed', 'deleted'];
  // At least two writes for each run, and one of the version.
  for (let write = 1; write <= 2 * statuses.length + 1; write += 1) {
    await table.close();
    table = await openTable();
    const all = await Promise.all(
      statuses.map((status) => earlier({ status, generations: [makeFigures()] })),
    );
    await expect(migrate(dyingAt(write))).rejects.toThrow('killed');
    expect(await needsMigration(table)).toBe(true);
    await migrate();
    expect((await listed()).map(({ id }) => id).toSorted()).toEqual(all.map(({ id }) => id).toSorted());
    const done = await items();
    expect(done.filter(({ list_pk }) => list_pk !== undefined)).toEqual([]);
    await migrate();
    const withoutRecord = async () => (await items()).filter(({ pk }) => pk !== 'TABLE');
    expect(await withoutRecord()).toEqual(done.filter(({ pk }) => pk !== 'TABLE'));
  }
});

test('a table of a newer version is refused, and its shards outlast a migration', async () => {
  const shards = [{ from: '2026-11-22T13:00:00.000Z', due: 16, list: 4 }];
  await writeTableRecord(table, { shards }, { revision: 0 });
  await migrate();
  expect(await readTableRecord(table)).toEqual({ version: TABLE_VERSION, shards, revision: 2 });
  await writeTableRecord(table, { version: TABLE_VERSION + 1 }, { revision: 2 });
  const refusal = { code: 'newer_table', message: expect.stringContaining('update everytoken') };
  await expect(needsMigration(table)).rejects.toMatchObject(refusal);
  await expect(migrate()).rejects.toMatchObject(refusal);
});
