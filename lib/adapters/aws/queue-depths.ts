import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DepthsOf } from '../../operate/operations.ts';

/** Reads how many messages a queue has by SQS's approximate counts, which settle within a minute. */
export const makeQueueDepths =
  (client: SQSClient): DepthsOf =>
  async (url, signal) => {
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl: url,
        AttributeNames: [
          'ApproximateNumberOfMessages',
          'ApproximateNumberOfMessagesNotVisible',
          'ApproximateNumberOfMessagesDelayed',
        ],
      }),
      { abortSignal: signal },
    );
    return {
      visible: Number(Attributes.ApproximateNumberOfMessages),
      inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
      delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed),
    };
  };
