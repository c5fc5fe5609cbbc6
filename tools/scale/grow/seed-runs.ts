import { randomBytes } from 'node:crypto';
import { makeDynamoRunList } from '../../../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoRunStore } from '../../../lib/adapters/dynamodb/run-store.ts';
import type { TableClient } from '../../../lib/adapters/dynamodb/table.ts';
import { canonicalJson, sha256Hex } from '../../../lib/json/canonical-json.ts';
import { timedRunId } from '../../../lib/runs/keys.ts';
import { listedOf } from '../../../lib/runs/list/entry.ts';
import type { Run } from '../../../lib/runs/run.ts';
import { CHUNK_RULE } from '../../../lib/vectors/chunk-text.ts';
import { makeBatchedPuts } from './batched-puts.ts';

const request = canonicalJson({ prompt: 'Explain vector databases in a technical manner.' });

/** A run that was completed at once, of one output of 100 tokens. */
const completedRun = (caller: string, atMs: number): Run => ({
  id: timedRunId(atMs, randomBytes(10)),
  caller,
  status: 'completed',
  createdAt: new Date(atMs).toISOString(),
  model: 'everytoken-ngram',
  labels: ['default'],
  models: [],
  samples: 1,
  index: true,
  metadata: {},
  requestHash: sha256Hex(request),
  request,
  template: null,
  attempts: 1,
  putBacks: 0,
  embedAttempts: 0,
  lease: null,
  generations: [
    {
      status: 'completed',
      lease: '0123456789ab',
      sha256: sha256Hex('text'),
      model: 'everytoken-ngram',
      promptTokens: 8,
      completionTokens: 100,
      reasoningTokens: null,
      ttftMs: 200,
      tpotMs: 20,
      e2eMs: 2_180,
      costUsd: null,
      chars: 500,
      chunks: 1,
      errorCode: null,
      passed: null,
      startedAt: atMs,
      coldStart: false,
      longestGapMs: 25,
    },
  ],
  pending: [],
  dueAt: null,
  dueTries: 0,
  file: null,
  error: null,
  diversity: null,
  chunkRule: CHUNK_RULE,
  reserved: null,
  charged: null,
  chargedOn: null,
  trace: null,
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
