import { DescribeEventBusCommand } from '@aws-sdk/client-eventbridge';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { makeQueueDepths } from '../lib/adapters/aws/queue-depths.ts';
import { makeS3Presign } from '../lib/adapters/aws/s3-presign.ts';
import { makeHttpHandler } from '../lib/adapters/lambda/http.ts';
import { observed } from '../lib/adapters/lambda/invocation.ts';
import { makeApiApp } from '../lib/http/api-app.ts';
import { apiUseCases } from '../lib/http/api-use-cases.ts';
import { makeCheckHealth } from '../lib/operate/check-health.ts';
import { namespaceOf } from '../lib/vectors/ports.ts';
import { composeAuthenticate, composeBudget, composeLimits, configuredCallers } from './compose/callers.ts';
import { composeDueIndex, composeLastSweep } from './compose/core.ts';
import { composeEmbedder } from './compose/embedder.ts';
import { composeExports } from './compose/exports.ts';
import { composeListModels } from './compose/models.ts';
import { composeVectorList, composeVectors } from './compose/vectors.ts';
import {
  composeCallerList,
  composeFiles,
  composeFindSource,
  composeRequestBase,
  composeSource,
} from './composition.ts';

const base = composeRequestBase('api');
const { config, clients } = base;
const vectors = composeVectors(config);
const { limitsOf, countRequest } = composeLimits(base);

const health = makeCheckHealth(
  {
    dynamodb: () => base.runs.get('health'),
    s3: () =>
      clients.s3.send(
        new ListObjectsV2Command({ Bucket: config.contentBucket, Prefix: 'outputs/', MaxKeys: 1 }),
      ),
    sqs: () =>
      clients.sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: config.jobsQueueUrl, AttributeNames: ['QueueArn'] }),
      ),
    events: () => clients.events.send(new DescribeEventBusCommand({ Name: config.busName })),
    openai: async (signal) => {
      const { makeModelCheck } = await import('../lib/adapters/openai/model-list.ts');
      await makeModelCheck(config.openai)(signal);
    },
    pinecone: () => vectors.fetch(base.namespace('health'), ['health']),
  },
  base,
);

/** Serves the API's routes, except those that generate, stream or read runs. */
export const handler = observed(
  base,
  makeHttpHandler(
    makeApiApp({
      ...apiUseCases({
        ...base,
        ...composeFiles(base),
        readSource: composeSource(base),
        findSource: composeFindSource(base),
        ...composeExports(base),
        ...composeBudget(base),
        limitsOf,
        workers: config.callerLimits.workers,
        callers: composeCallerList(base),
        configuredCallers: configuredCallers(config),
        dueIndex: composeDueIndex(base),
        lastSweep: composeLastSweep(base),
        queueUrls: config.queueUrls,
        depthsOf: makeQueueDepths(clients.sqs),
        deployment: config.deployment,
        stage: /^everytoken\/(.+)$/.exec(config.metricsNamespace)?.[1] ?? null,
        embedder: composeEmbedder(config, { deadlineMs: 25_000 }), // the function ends after 29 s
        vectors,
        vectorList: composeVectorList(config),
        earlierNamespace: (caller) => namespaceOf('', config.embedding.model, caller),
        presign: makeS3Presign(config.contentBucket),
      }),
      authenticate: composeAuthenticate(config, clients.dynamodb, countRequest),
      listModels: composeListModels(config),
      health,
      clock: base.clock,
      log: base.log,
    }),
  ),
);
