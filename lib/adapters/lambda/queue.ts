import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { errorFields, type Log } from '../../observe/log.ts';
import { aboutMessage } from '../../runs/queue-message.ts';

/**
 * Handles each record by itself, all at once; those whose handling throws are reported, come back, and reach the
 * dead-letter queue in the end. The message's id is only for the report: a redriven message has a new one.
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

/** Aborts when the invocation has only `reserveMs` left: time to save what is finished and give the rest back. */
export const outOfTime = (context: { getRemainingTimeInMillis(): number }, reserveMs = 10_000): AbortSignal =>
  AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - reserveMs));
