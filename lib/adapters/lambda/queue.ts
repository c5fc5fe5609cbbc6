import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { errorFields, type Log } from '../../observe/log.ts';
import { aboutMessage } from '../../runs/queue-message.ts';

/**
 * Handles all records concurrently and reports those whose handler throws as failures of the batch. SQS delivers them
 * again, and moves them to the dead-letter queue after the last try. Each failure is logged; its `message_id` does not
 * survive a redrive, which gives the message a new id.
 */
export const failuresOf = async (
  records: SQSRecord[],
  handle: (record: SQSRecord) => Promise<void>,
  log: Log,
): Promise<SQSBatchResponse> => {
  const results = await Promise.allSettled(records.map(async (record) => handle(record)));
  const batchItemFailures = results.flatMap((result, at) => {
    const record = records[at];
    if (result.status === 'fulfilled' || !record) return [];
    log.error('message.failed', {
      ...aboutMessage(record.body),
      message_id: record.messageId,
      receives: Number(record.attributes.ApproximateReceiveCount),
      ...errorFields(result.reason),
    });
    return [{ itemIdentifier: record.messageId }];
  });
  return { batchItemFailures };
};

/** How long a message waited until it was received for the first time; undefined when SQS does not say. */
export const waitedMsOf = ({ attributes }: SQSRecord): number | undefined => {
  const waited = Number(attributes.ApproximateFirstReceiveTimestamp) - Number(attributes.SentTimestamp);
  return Number.isFinite(waited) ? Math.max(0, waited) : undefined;
};

/** Whether a message was not received before, so that no worker can have begun it. */
export const isFirstReceive = ({ attributes }: SQSRecord): boolean =>
  attributes.ApproximateReceiveCount === '1';

/** Aborts `reserveMs` before Lambda's timeout, to leave time to save finished work and put the rest back. */
export const outOfTime = (context: { getRemainingTimeInMillis(): number }, reserveMs = 10_000): AbortSignal =>
  AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - reserveMs));
