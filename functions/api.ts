import { DescribeEventBusCommand } from '@aws-sdk/client-eventbridge';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { makeHttpHandler } from '../lib/adapters/lambda-http.ts';
import { makeModelCheck } from '../lib/adapters/model-check.ts';
import { readBudget } from '../lib/budget/read-budget.ts';
import { createComparison } from '../lib/comparisons/create-comparison.ts';
import { readComparison } from '../lib/comparisons/read-comparison.ts';
import { makeCheckHealth } from '../lib/health/check-health.ts';
import { makeApiApp } from '../lib/http/api-app.ts';
import { cancelRun } from '../lib/runs/cancel-run.ts';
import { deleteRun } from '../lib/runs/delete-run.ts';
import { loadRunView, readRun, readTrace } from '../lib/runs/read-run.ts';
import { summarizeRun } from '../lib/runs/run-view.ts';
import { makeSearchOutputs } from '../lib/search/search-outputs.ts';
import { readUsage } from '../lib/usage/read-usage.ts';
import { composeAuthenticate } from './compose-access.ts';
import { composeBudget, composeSpending } from './compose-budget.ts';
import { composeListModels } from './compose-models.ts';
import { composeEmbedder, composeVectors } from './compose-vectors.ts';
import { composeBase } from './composition.ts';

const base = composeBase('api');
const { config, clients, runs } = base;
const vectors = composeVectors(config);
const spending = composeSpending(base);
const deps = { ...base, vectors, budget: composeBudget(base) };
const searchOutputs = makeSearchOutputs({
  embedder: composeEmbedder(config),
  index: vectors,
  getRun: runs.get,
  namespace: base.namespace,
});

const health = makeCheckHealth(
  {
    dynamodb: () => runs.get('health'),
    s3: () =>
      clients.s3.send(
        new ListObjectsV2Command({ Bucket: config.contentBucket, Prefix: 'outputs/', MaxKeys: 1 }),
      ),
    sqs: () =>
      clients.sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: config.jobsQueueUrl, AttributeNames: ['QueueArn'] }),
      ),
    events: () => clients.events.send(new DescribeEventBusCommand({ Name: config.busName })),
    openai: makeModelCheck(config.openai),
    pinecone: () => vectors.fetch(base.namespace('health'), ['health']),
  },
  base,
);

/** Everything of the API but POST /runs. */
export const handler = makeHttpHandler(
  makeApiApp({
    authenticate: composeAuthenticate(config, clients.dynamodb),
    readRun: (id, caller) => readRun(id, caller, deps),
    readTrace: (id, index, caller) => readTrace(id, index, caller, deps),
    deleteRun: (id, caller) => deleteRun(id, caller, deps),
    cancelRun: async (id, caller) => loadRunView(await cancelRun(id, caller, deps), deps),
    listRuns: async (query) => {
      const { runs: listed, nextCursor } = await runs.list(query);
      return { runs: listed.map(summarizeRun), nextCursor };
    },
    listModels: composeListModels(config),
    search: async (query, caller) => ({ matches: await searchOutputs(caller, query) }),
    usage: async (query, caller) => ({
      ...(await readUsage(query, caller, { listRuns: runs.list })),
      budget: await readBudget(caller, { ...spending, clock: base.clock }),
    }),
    comparisons: {
      create: (body, by) => createComparison(body, by, base),
      read: (id, caller) => readComparison(id, caller, deps),
    },
    health,
    clock: base.clock,
    log: base.log,
  }),
);
