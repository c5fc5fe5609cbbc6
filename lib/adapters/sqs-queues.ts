import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { FileQueue, JobQueue } from '../runs/ports.ts';

export const makeSqsJobQueue = (client: SQSClient, queueUrl: string): JobQueue => ({
  send: async (job, { delaySeconds } = {}) => {
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify(job),
        ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
      }),
    );
  },
});

export const makeSqsFileQueue = (client: SQSClient, queueUrl: string): FileQueue => ({
  send: async (message) => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(message) }));
  },
});
