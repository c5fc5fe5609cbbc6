import { own } from '../../json.ts';

/** The codes that SQS's older protocol writes in another way; SDKs show them as `error.Code`. */
const QUERY_CODES: Record<string, string> = {
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  QueueNameExists: 'QueueAlreadyExists',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  UnsupportedOperation: 'AWS.SimpleQueueService.UnsupportedOperation',
};

/** A refusal by a code of SQS's, always the sender's fault. */
export class SqsError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'SqsError';
    this.code = code;
  }

  /** The value of the header `x-amzn-query-error`. */
  get queryError(): string {
    return `${own(QUERY_CODES, this.code) ?? this.code};Sender`;
  }
}

export const invalidParameter = (message: string): SqsError => new SqsError('InvalidParameterValue', message);
