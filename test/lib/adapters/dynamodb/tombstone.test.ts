import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { marshall, unmarshall } from '../../../../lib/adapters/dynamodb/attribute-value.ts';
import { makeDynamoRunList } from '../../../../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoRunStore } from '../../../../lib/adapters/dynamodb/run-store.ts';
import { sha256Hex } from '../../../../lib/json/canonical-json.ts';
import { deleteRun } from '../../../../lib/lifecycle/delete.ts';
import { moveRun } from '../../../../lib/lifecycle/move-run.ts';
import { parseTraceparent } from '../../../../lib/observe/trace-context.ts';
import { listedOf } from '../../../../lib/runs/list/entry.ts';
import { listRuns } from '../../../../lib/runs/list/read.ts';
import type { ListQuery } from '../../../../lib/runs/ports.ts';
import type { Run } from '../../../../lib/runs/run.ts';
import { readUsage } from '../../../../lib/usage/read.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';
import { makeFigures, makeRun } from '../../../factories/run.ts';
import { makeWorld } from '../../../memory/world.ts';

const CANARY = 'canary';
const DAY = '2026-11-22';

/** A run with the canary in every field that a caller or a model can write. */
const full = (own: Partial<Run> = {}): Run => ({
  ...makeRun({ id: 'run_00000000000000000000000002', status: 'completed', attempts: 2, putBacks: 1 }),
  model: CANARY,
  labels: [CANARY],
  samples: 3,
  metadata: { [CANARY]: CANARY },
  request: CANARY,
  template: CANARY,
  generations: [
    makeFigures({ model: CANARY, errorCode: CANARY, lease: CANARY, sha256: sha256Hex(CANARY), chunks: 2 }),
  ],
  error: { code: CANARY, message: CANARY },
  diversity: {
    all: { n: 2, embedding_diversity: 0.5, interval: null, vendi: 1.5 },
    byLabel: { [CANARY]: { n: 2, embedding_diversity: 0.5, interval: null, vendi: 1.5 } },
  },
  trace: parseTraceparent(`00-${'ca'.repeat(16)}-${'ca'.repeat(8)}-01`) ?? null,
  chargedOn: DAY,
  file: { fileId: 'file_1', block: 0, line: 1 },
  ...own,
});

const setUp = async () => {
  const table = await openTable();
  const runs = makeDynamoRunStore(table);
  const world = makeWorld();
  const itemOf = async ({ id }: Run) => {
    const Key = marshall({ pk: `RUN#${id}`, sk: 'RUN' });
    const { Item } = await table.client.send(new GetItemCommand({ TableName: table.table, Key }));
    return Item && unmarshall(Item);
  };
  const list = makeDynamoRunList(table);
  const listed = (query: ListQuery) => listRuns(query, { list, runs });
  return { runs, world, deps: { ...world.deps, runs, list, listRuns: listed }, itemOf, close: table.close };
};

test('a tombstone holds nothing that a caller or a model wrote, and keeps what the run has used', async () => {
  const { runs, world, deps, itemOf, close } = await setUp();
  const run = full();
  await runs.create(run);
  await deps.list.put(listedOf(run, { promptPreview: CANARY, textPreview: CANARY }));
  await deleteRun(run.id, 'docs', deps);
  const item = await itemOf(run);
  expect(item).toEqual({
    pk: `RUN#${run.id}`,
    sk: 'RUN',
    id: run.id,
    caller: 'docs',
    status: 'deleted',
    created_at: run.createdAt,
    index: true,
    chunk_rule: run.chunkRule,
    request_hash: run.requestHash,
    generations: [{ s: 'c', k: 2, p: 9, c: 77, r: 0, u: 0.0000394, t: 142.25, d: 11.1, e: 990.5, g: 31.5 }],
    charged_on: DAY,
    file: { fileId: 'file_1', block: 0, line: 1 },
    due_at: world.clock.now() + 600_000,
    due_shard: expect.any(Number),
    due_tries: 1,
  });
  await world.clock.advance(600_000);
  await moveRun({ pk: `RUN#${run.id}`, sk: 'RUN' }, deps);
  const { due_at: _, due_shard: __, ...rest } = item ?? {};
  const expires_at = world.clock.now() / 1_000 + 30 * 86_400;
  expect(await itemOf(run)).toEqual({ ...rest, expires_at });

  const query = { since: `${DAY}T00:00:00.000Z`, until: `${DAY}T23:00:00.000Z`, groupBy: [] };
  const { total } = await readUsage(query, ['docs'], deps);
  expect(total).toMatchObject({ requests: 1, prompt_tokens: 9, completion_tokens: 77, cost_usd: 0.0000394 });
  await close();
});

test('a run that is deleted while it is generated keeps its reservation alone', async () => {
  const { runs, deps, itemOf, close } = await setUp();
  const reserved = { day: DAY, tokens: 10, nanoUsd: 20 };
  const lease = { token: CANARY, until: 1 };
  const run = full({ status: 'generating', generations: [], reserved, lease });
  await runs.create(run);
  await deleteRun(run.id, 'docs', deps);
  expect(await itemOf(run)).toMatchObject({ status: 'deleted', reserved, generations: [] });
  expect(JSON.stringify(await itemOf(run))).not.toContain(CANARY);
  await close();
});
