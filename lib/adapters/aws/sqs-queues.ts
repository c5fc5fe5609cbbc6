import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { UpstreamError } from '../../errors.ts';
import type { ExportQueue } from '../../export/job.ts';
import type { BulkJobQueue, FileQueue, Job } from '../../runs/ports.ts';
import { clientOptions, withUnreadableRetry } from './client-options.ts';

/** SQS's limit on one SendMessageBatch. */
const PER_REQUEST = 10;
const CONCURRENT_REQUESTS = 5;
const TRIES = 3;

export const makeSqs = () => withUnreadableRetry(new SQSClient(clientOptions()));

export const makeSqsJobQueue = (client: SQSClient, queueUrl: string): BulkJobQueue => ({
  send: async (job, { delaySeconds, traceHeader } = {}) => {
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify(job),
        ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
        ...(traceHeader !== undefined && {
          MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } },
        }),
      }),
    );
  },

  sendAll: async (jobs, { delaySeconds } = {}) => {
    const batches = Array.from({ length: Math.ceil(jobs.length / PER_REQUEST) }, (_, at) =>
      jobs.slice(at * PER_REQUEST, (at + 1) * PER_REQUEST),
    );
    const send = makeSendBatch(client, queueUrl, delaySeconds);
    let next = 0;
    const sender = async () => {
      for (let batch = batches[next++]; batch; batch = batches[next++]) await send(batch);
    };
    await Promise.all(Array.from({ length: CONCURRENT_REQUESTS }, sender));
  },
});

const makeSendBatch =
  (client: SQSClient, queueUrl: string, delaySeconds: number | undefined) =>
  async (jobs: readonly Job[]): Promise<void> => {
    let entries = jobs.map((job, at) => ({
      Id: String(at),
      MessageBody: JSON.stringify(job),
      ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
    }));
    for (let tries = 0; entries.length > 0; tries += 1) {
      if (tries === TRIES)
        throw new UpstreamError('sqs', `SQS refused ${entries.length} messages ${TRIES} times`);
      const { Failed = [] } = await client.send(
        new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }),
      );
      const refused = new Set(Failed.map(({ Id }) => Id));
      entries = entries.filter(({ Id }) => refused.has(Id));
    }
  };

export const makeSqsFileQueue = (client: SQSClient, queueUrl: string): FileQueue => ({
  send: async (message, { delaySeconds } = {}) => {
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify(message),
        ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
      }),
    );
  },
});

export const makeSqsExportQueue = (client: SQSClient, queueUrl: string): ExportQueue => ({
  send: async (message) => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(message) }));
  },
});
