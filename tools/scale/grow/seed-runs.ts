import { createHash } from 'node:crypto';
import { makeDynamoRunList } from '../../../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoRunStore } from '../../../lib/adapters/dynamodb/run-store.ts';
import type { TableClient } from '../../../lib/adapters/dynamodb/table.ts';
import { timedRunId } from '../../../lib/runs/keys.ts';
import { listedOf } from '../../../lib/runs/list/entry.ts';
import type { Run } from '../../../lib/runs/run.ts';
import { makeFigures, makeRun } from '../../../test/factories/run.ts';
import { makeBatchedPuts } from './batched-puts.ts';

/** Runs of a caller, spread evenly over a period, in epoch ms. */
export type Spread = { caller: string; runs: number; from: number; until: number };

/** A run that was completed at once, of one output. Its id derives from its place and time. */
const completedRun = (caller: string, atMs: number, place: number): Run =>
  makeRun({
    id: timedRunId(atMs, createHash('sha256').update(String(place)).digest().subarray(0, 10)),
    caller,
    status: 'completed',
    createdAt: new Date(atMs).toISOString(),
    attempts: 1,
    generations: [makeFigures({ startedAt: atMs })],
    dueAt: null,
  });

/** The runs that `seedRuns` stores, oldest first. Equal spreads draw equal runs. */
export function* drawRuns({ caller, runs, from, until }: Spread): Generator<Run, void> {
  for (let at = 0; at < runs; at += 1)
    yield completedRun(caller, Math.floor(from + ((until - from) * (at + 0.5)) / runs), at);
}

/** Stores completed runs with their entries in their caller's list. */
export const seedRuns = async ({ client, table }: TableClient, spread: Spread): Promise<void> => {
  const batched = makeBatchedPuts(client);
  const stores = { client: batched.client, table };
  const [items, list] = [makeDynamoRunStore(stores), makeDynamoRunList(stores)];
  for (const run of drawRuns(spread)) {
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
