import { describe, expect, test } from 'vitest';
import { failedMessageIds } from '../../../../local/aws/triggers/sqs-event.ts';

const batch = [{ MessageId: 'a' }, { MessageId: 'b' }];
const failures = (...ids: unknown[]) =>
  JSON.stringify({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

describe('a batch of SQS messages', () => {
  test.each([undefined, 'null', '{}', '{"batchItemFailures":[]}', '{"batchItemFailures":null}'])(
    'succeeds as a whole on %s',
    (payload) => {
      expect(failedMessageIds(payload, batch)).toEqual(new Set());
    },
  );

  test('fails in the named messages alone', () => {
    expect(failedMessageIds(failures('b'), batch)).toEqual(new Set(['b']));
  });

  test.each([failures('c'), failures(''), failures(null), '{"batchItemFailures":"a"}', '"text"', 'no json'])(
    'fails as a whole on %s',
    (payload) => {
      expect(failedMessageIds(payload, batch)).toEqual(new Set(['a', 'b']));
    },
  );
});
