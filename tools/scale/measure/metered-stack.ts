import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { upgradeTable } from '../../../cli/upgrade-table.ts';
import { makeDynamoCallerList } from '../../../lib/adapters/dynamodb/caller-list.ts';
import { makeDynamoKeyStore } from '../../../lib/adapters/dynamodb/key-store.ts';
import { makeDynamoBudgetStore } from '../../../lib/adapters/dynamodb/spending.ts';
import { addKey } from '../../../lib/keys/manage-keys.ts';
import { newAwsKey } from '../../../local/aws/credentials.ts';
import type { Endpoints } from '../../../local/aws/function-environment.ts';
import { type LocalAws, startAws } from '../../../local/aws/start-aws.ts';
import type { Template } from '../../../local/aws/template/intrinsics.ts';
import { sqsEvent } from '../../../local/aws/triggers/sqs-event.ts';
import { startOpenaiProcess } from '../../../local/openai/start-process.ts';
import { packageFunctions } from '../../../local/package-functions.ts';
import { startPinecone } from '../../../local/pinecone/server.ts';
import { localAwsClients } from '../../local-aws-clients.ts';
import { makeTally, type NoteWrite, startAwsMeters, startPineconeMeter, type Tally } from './meters.ts';
import { shapeOfTable } from './table-units.ts';

/** A caller whose budget is too large to be exhausted. */
export const BUDGETED = { caller: 'budgeted', key: 'of-the-budgeted' };
const DIMENSIONS = 1536;
const ROOT = resolve(import.meta.dirname, '../../..');
const CACHE = join(ROOT, 'node_modules', '.cache', 'everytoken');

type Mapping = { queue: string; functionId: string; batchSize: number };

export type MeteredStack = {
  aws: LocalAws;
  tally: Tally;
  /** Invokes a function and adds its time to the tally. */
  invoke: (functionId: string, event: unknown) => Promise<unknown>;
  /**
   * Delivers the queued messages to their functions, until all queues are empty: a batch of each queue in turn, or, with
   * `together`, all of one queue before the next, so that runs share the batches of embed.
   */
  drain: (options?: { together?: boolean }) => Promise<void>;
  /** The addresses of the meters, for other programs than the functions. */
  metered: Endpoints & { pinecone: { url: string; apiKey: string } };
  close: () => Promise<void>;
};

/**
 * Starts the packaged functions on this machine with a meter in front of every service. The template's triggers are
 * removed: the caller drains the queues and invokes the sweep, so that the counts can be attributed to runs. `noteWrite`
 * gets each write to the table. `dynamodbLocal` is the address of a DynamoDB Local with the table, which the functions
 * use in place of the stack's own. `environment` adds variables of the functions; with OPENAI_BASE_URL among them no model
 * server is started. The data folder has the layout of the local stack's, which can be started on it afterwards.
 */
export const startMeteredStack = async (
  dataDir: string,
  {
    noteWrite = () => {},
    dynamodbLocal,
    environment = {},
  }: { noteWrite?: NoteWrite; dynamodbLocal?: string; environment?: Record<string, string> } = {},
): Promise<MeteredStack> => {
  const packaged = await packageFunctions(ROOT, join(CACHE, 'packages'));
  const template = structuredClone(packaged.template) as Template;
  const mappings = takeTriggers(template);
  const tally = makeTally();
  const openai = environment.OPENAI_BASE_URL
    ? undefined
    : await startOpenaiProcess({ pace: 0, cacheDir: join(CACHE, 'model') });
  mkdirSync(join(dataDir, 'pinecone'), { recursive: true });
  const pinecone = await startPinecone({ file: join(dataDir, 'pinecone', 'vectors.sqlite') });
  const vectors = await startPineconeMeter(pinecone.url, DIMENSIONS, tally);
  let meters: Awaited<ReturnType<typeof startAwsMeters>> | undefined;
  const table = shapeOfTable(template.Resources.Table?.Properties as Parameters<typeof shapeOfTable>[0]);
  const key = newAwsKey();
  const aws = await startAws({
    ...{
      template,
      bundles: packaged.bundles,
      compileCache: packaged.compileCache,
      dataDir: join(dataDir, 'aws'),
      port: 0,
      maxEnvironments: 1,
      prepareTable: upgradeTable(dataDir), // notes the version of its new table, as npm start does
    },
    environment: {
      ANONYMOUS_CALLER: 'local',
      ...(openai && {
        OPENAI_API_KEY: openai.apiKey,
        OPENAI_BASE_URL: openai.url,
        DEFAULT_MODEL: 'everytoken-ngram',
        EMBEDDING_MODEL: 'everytoken-use',
      }),
      PINECONE_API_KEY: pinecone.apiKey,
      PINECONE_CONTROLLER_HOST: vectors.url,
      ...environment,
    },
    functionEndpoints: async (endpoints) => {
      const asked = { ...endpoints, dynamodb: dynamodbLocal ?? endpoints.dynamodb };
      const asksConsumed = dynamodbLocal !== undefined;
      meters = await startAwsMeters(asked, { tally, table, key, noteWrite, asksConsumed });
      return meters.endpoints;
    },
    credentials: key,
    log: (line) => noteLine(tally, line),
  });
  const { dynamodb, sqs, destroy } = localAwsClients(aws, aws);
  await giveBudget({ client: dynamodb, table: aws.table ?? '' });

  const invoke = async (functionId: string, event: unknown): Promise<unknown> => {
    const startedAt = performance.now();
    try {
      return await aws.invoke(functionId, event);
    } finally {
      noteInvocation(tally, functionId, performance.now() - startedAt);
    }
  };
  const drainOne = async ({ queue, functionId, batchSize }: Mapping): Promise<number> => {
    const QueueUrl = aws.queues[queue];
    const received: Message[][] = [];
    for (let left = batchSize; left > 0; ) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: Math.min(10, left),
          MessageSystemAttributeNames: ['All'],
        }),
      );
      if (Messages.length === 0) break;
      received.push(Messages);
      left -= Messages.length;
    }
    const batch = received.flat();
    if (batch.length === 0) return 0;
    tally.add('sqs.polled', 2 * received.length); // each is received by one request and deleted by another
    tally.add(`sqs.messages.${queue}`, batch.length);
    await invoke(functionId, sqsEvent(batch, `arn:aws:sqs:us-east-1:000000000000:${queue}`, 'us-east-1'));
    for (const messages of received) {
      const Entries = messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
    return batch.length;
  };
  return {
    aws,
    tally,
    invoke,
    metered: {
      ...(meters?.endpoints ?? aws),
      pinecone: { url: vectors.url, apiKey: pinecone.apiKey },
    },
    drain: async ({ together = false } = {}) => {
      for (let idle = 0; idle < mappings.length; ) {
        idle = 0;
        for (const mapping of mappings) {
          let delivered = await drainOne(mapping);
          if (delivered === 0) idle += 1;
          while (together && delivered > 0) delivered = await drainOne(mapping);
        }
      }
    },
    close: async () => {
      destroy();
      for (const part of [aws, meters, vectors, openai, pinecone]) await part?.close();
    },
  };
};

/** Counts a log line, which follows the function's name. Embed's lines also give the time of the services it calls. */
const noteLine = (tally: Tally, line: string): void => {
  const text = line.slice(Math.max(0, line.indexOf('{')));
  tally.add('logs.bytes', Buffer.byteLength(text) + 1);
  const msIn = (name: string) => Number(new RegExp(`"${name}":([\\d.]+)`).exec(text)?.[1] ?? 0);
  if (text.includes('"event":"embeddings.created"')) tally.add('embedding.ms', msIn('duration_ms'));
  tally.add('upsert.ms', msIn('upsert_ms'));
};

const giveBudget = async (table: { client: DynamoDBClient; table: string }): Promise<void> => {
  await makeDynamoBudgetStore(table).set(BUDGETED.caller, { tokens: 1_000_000_000, costUsd: null });
  const keys = makeDynamoKeyStore(table);
  const callers = makeDynamoCallerList(table);
  await addKey(BUDGETED.caller, { keys, callers, now: Date.now, newSecret: () => BUDGETED.key });
};

/** Adds one invocation that took `ms`, under the function's name in serverless.yml. */
export const noteInvocation = (tally: Tally, functionId: string, ms: number): void => {
  const name = functionId.replace(/LambdaFunction$/, '');
  const short = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  tally.add(`lambda.${short}.invocations`, 1);
  tally.add(`lambda.${short}.ms`, ms);
};

/** Removes queue mappings and schedules from the template, and returns the mappings. */
const takeTriggers = ({ Resources }: Template): Mapping[] => {
  const named = (value: unknown) => (value as { 'Fn::GetAtt': string[] })['Fn::GetAtt'][0] ?? '';
  const mappings: Mapping[] = [];
  for (const [id, { Type, Properties = {} }] of Object.entries(Resources)) {
    if (Type === 'AWS::Lambda::EventSourceMapping') {
      const { EventSourceArn, FunctionName, BatchSize } = Properties;
      const functionId = named(FunctionName);
      mappings.push({ queue: named(EventSourceArn), functionId, batchSize: Number(BatchSize) });
      delete Resources[id];
    } else if (Type === 'AWS::Events::Rule' && Properties.ScheduleExpression !== undefined) {
      delete Resources[id];
    }
  }
  return mappings;
};
