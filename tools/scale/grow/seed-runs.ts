import { randomBytes } from 'node:crypto';
import { makeDynamoRunList } from '../../../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoRunStore } from '../../../lib/adapters/dynamodb/run-store.ts';
import type { TableClient } from '../../../lib/adapters/dynamodb/table.ts';
import { timedRunId } from '../../../lib/runs/keys.ts';
import { listedOf } from '../../../lib/runs/list/entry.ts';
import type { Run } from '../../../lib/runs/run.ts';
import { makeFigures, makeRun } from '../../../test/factories/run.ts';
import { makeBatchedPuts } from './batched-puts.ts';

/** A run that was completed at once, of one output. */
const completedRun = (caller: string, atMs: number): Run =>
  makeRun({
    id: timedRunId(atMs, randomBytes(10)),
    caller,
    status: 'completed',
    createdAt: new Date(atMs).toISOString(),
    attempts: 1,
    generations: [makeFigures({ startedAt: atMs })],
    dueAt: null,
  });

/** Stores completed runs of a caller, spread evenly over a period, in epoch ms. */
export const seedRuns = async (
  { client, table }: TableClient,
  { caller, runs, from, until }: { caller: string; runs: number; from: number; until: number },
): Promise<void> => {
  const batched = makeBatchedPuts(client);
  const stores = { client: batched.client, table };
  const [items, list] = [makeDynamoRunStore(stores), makeDynamoRunList(stores)];
  for (let at = 0; at < runs; at += 1) {
    const run = completedRun(caller, Math.floor(from + ((until - from) * (at + 0.5)) / runs));
    await items.create(run);
    await list.put(
      listedOf(run, {
        promptPreview: 'Explain vector databases in a technical manner.',
        textPreview: 'a text',
      }),
    );
  }
  await batched.flush();
};
