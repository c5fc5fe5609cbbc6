import { isObject, type JsonObject } from '../../json.ts';
import { SqsError } from './sqs-error.ts';

const MAX_ENTRIES = 10;
const ENTRY_ID = /^[\w-]{1,80}$/;

/** The result of one entry of a batch. */
export type Outcome<T> = { Id: string; value: T } | { Id: string; error: SqsError };

/** @throws {SqsError} for a batch that SQS refuses as a whole. */
const batchOf = ({ Entries }: JsonObject): (JsonObject & { Id: string })[] => {
  const entries = (Array.isArray(Entries) ? Entries : []).filter(isObject);
  if (entries.length === 0)
    throw new SqsError('EmptyBatchRequest', "The batch request doesn't contain any entries.");
  if (entries.length > MAX_ENTRIES) {
    throw new SqsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`,
    );
  }
  const batch = entries.map((entry) => ({ ...entry, Id: String(entry.Id ?? '') }));
  if (!batch.every(({ Id }) => ENTRY_ID.test(Id))) {
    throw new SqsError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    );
  }
  if (new Set(batch.map(({ Id }) => Id)).size < batch.length)
    throw new SqsError(
      'BatchEntryIdsNotDistinct',
      'Two or more batch entries have the same Id in the request.',
    );
  return batch;
};

/**
 * Does each entry of a batch on its own: a refusal of one says nothing of the others.
 *
 * @throws {SqsError} for a batch that SQS refuses as a whole.
 */
export const eachOf = <T>(input: JsonObject, work: (entry: JsonObject) => T): Outcome<T>[] =>
  batchOf(input).map((entry) => {
    try {
      return { Id: entry.Id, value: work(entry) };
    } catch (error) {
      if (error instanceof SqsError) return { Id: entry.Id, error };
      throw error;
    }
  });

export const succeeded = <T>(outcomes: readonly Outcome<T>[]) =>
  outcomes.flatMap((outcome) => ('value' in outcome ? [outcome] : []));

export const failed = (outcomes: readonly Outcome<unknown>[]): object[] =>
  outcomes.flatMap((outcome) =>
    'error' in outcome
      ? [{ Id: outcome.Id, Code: outcome.error.code, Message: outcome.error.message, SenderFault: true }]
      : [],
  );
