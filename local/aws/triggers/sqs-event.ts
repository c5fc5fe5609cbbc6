import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import { isObject } from '../../json.ts';

const attribute = ({ DataType, StringValue, BinaryValue }: MessageAttributeValue) => ({
  dataType: DataType,
  ...(StringValue !== undefined && { stringValue: StringValue }),
  ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
  stringListValues: [],
  binaryListValues: [],
});

/**
 * The event that a Lambda function receives for a batch of SQS messages.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export const sqsEvent = (messages: readonly Message[], queueArn: string, region: string) => ({
  Records: messages.map((message) => ({
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, attribute(value)]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  })),
});

/**
 * The ids of the messages that a function reports as failed. As on AWS, an empty or missing list means that all
 * succeeded; an answer that cannot be read, or an id that is not in the batch, means that all failed.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export const failedMessageIds = (payload: string | undefined, batch: readonly Message[]): Set<string> => {
  const all = new Set(batch.map(({ MessageId = '' }) => MessageId));
  let answer: unknown;
  try {
    answer = payload ? JSON.parse(payload) : null;
  } catch {
    return all;
  }
  if (!isObject(answer)) return answer === null ? new Set() : all;
  const failures = answer.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return all;
  const ids = failures.map((failure: unknown) => (isObject(failure) ? failure.itemIdentifier : undefined));
  return ids.every((id): id is string => typeof id === 'string' && all.has(id)) ? new Set(ids) : all;
};
