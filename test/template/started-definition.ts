import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startAws } from '../../local/aws/start-aws.ts';
import type { Template as RunnableTemplate } from '../../local/aws/template/intrinsics.ts';
import { packageFunctions } from '../../local/package-functions.ts';
import { awsKey } from '../fixtures/aws-key.ts';
import type { CodeFor } from './package-stage.ts';
import type { Template } from './template.ts';

/** Functions that answer the gateway with their own name, and write down the messages that a queue delivers. */
export const reportingCode: CodeFor = (handler) => {
  const name = JSON.stringify(handler);
  if (handler === 'functions/generate/http.handler')
    return `export const handler = awslambda.streamifyResponse(async (_event, stream) => {
      awslambda.HttpResponseStream.from(stream, { statusCode: 200 }).end(${name});
    });\n`;
  return `import { randomUUID } from 'node:crypto';
    import { renameSync, writeFileSync } from 'node:fs';
    export const handler = async ({ Records }) => {
      if (!Records) return { statusCode: 200, body: ${name} };
      const file = process.env.BATCH_FOLDER + '/' + randomUUID();
      const bodies = Records.map(({ body }) => JSON.parse(body));
      writeFileSync(file, JSON.stringify({ handler: ${name}, bodies }));
      renameSync(file, file + '.json');
      return { batchItemFailures: [] };
    };\n`;
};

type Batch = { handler: string; bodies: Record<string, unknown>[] };

export type StartedDefinition = {
  /** The template as read by the local stack. */
  template: Template;
  /** Resolves to the name of the function that answered. */
  ask: (method: string, path: string) => Promise<string>;
  announce: (...detailTypes: string[]) => Promise<void>;
  /** Sends ten messages in one request. */
  sendTen: (queue: string) => Promise<void>;
  batchesOf: (handler: string) => Batch['bodies'][];
  close: () => Promise<void>;
};

/** Packages a definition as `npm start` does, and starts it. */
export const startDefinition = async (root: string): Promise<StartedDefinition> => {
  const { template, bundles } = await packageFunctions(root, join(root, 'cache'));
  const batchFolder = join(root, 'batches');
  mkdirSync(batchFolder);
  const aws = await startAws({
    ...{ template: template as RunnableTemplate, bundles, dataDir: join(root, 'data'), port: 0 },
    ...{ environment: { BATCH_FOLDER: batchFolder }, credentials: awsKey, log: () => {} },
  });
  const common = { region: 'us-east-1', credentials: awsKey };
  const events = new EventBridgeClient({ ...common, endpoint: aws.events });
  const queues = new SQSClient({ ...common, endpoint: aws.sqs });
  return {
    template: template as Template,
    ask: async (method, path) => (await fetch(`${aws.api}${path}`, { method })).text(),
    announce: async (...detailTypes) => {
      const Entries = detailTypes.map((DetailType) => ({
        ...{ EventBusName: aws.bus, Source: 'everytoken', DetailType, Detail: '{}' },
      }));
      const { FailedEntryCount } = await events.send(new PutEventsCommand({ Entries }));
      if (FailedEntryCount) throw new Error(`${FailedEntryCount} events were refused`);
    },
    sendTen: async (queue) => {
      const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: `m${index}`, MessageBody: '{}' }));
      await queues.send(new SendMessageBatchCommand({ QueueUrl: aws.queues[queue], Entries }));
    },
    batchesOf: (handler) =>
      readdirSync(batchFolder)
        .filter((name) => name.endsWith('.json'))
        .map((name): Batch => JSON.parse(readFileSync(join(batchFolder, name), 'utf8')))
        .filter((batch) => batch.handler === handler)
        .map(({ bodies }) => bodies),
    close: async () => {
      events.destroy();
      queues.destroy();
      await aws.close();
    },
  };
};
