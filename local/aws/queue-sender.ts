import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SendToQueue } from './events/deliver.ts';

/** The queue's name: the last part of an SQS ARN. */
export const queueNameOf = (queueArn: string): string => queueArn.split(':').at(-1) ?? '';

/** Makes a function that sends text messages by a queue's ARN. The SDK's errors pass through. */
export const makeQueueSender =
  (client: SQSClient, queueUrl: (queueName: string) => string): SendToQueue =>
  async (queueArn, body, attributes = {}) => {
    const texts = Object.entries(attributes).map(([name, value]) => [
      name,
      { DataType: 'String', StringValue: value },
    ]);
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl(queueNameOf(queueArn)),
        MessageBody: body,
        MessageAttributes: Object.fromEntries(texts),
      }),
    );
  };
