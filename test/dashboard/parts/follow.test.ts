import { describe, expect, test } from 'vitest';
import { ApiError, ConnectionError } from '../../../client/errors.ts';
import { followOn } from '../../../dashboard/parts/follow.ts';

const refusal = (status: number): ApiError =>
  new ApiError({ status, code: status === 404 ? 'not_found' : 'upstream_error', title: 'x', detail: 'x' });

/** Follows something that fails with these errors in turn and then ends; resolves to the errors that were told. */
const followed = async (errors: readonly unknown[], signal = new AbortController().signal) => {
  const left = [...errors];
  const told: unknown[] = [];
  let ends = 0;
  await followOn(
    async () => {
      const error = left.shift();
      if (error !== undefined) throw error;
      ends += 1;
    },
    signal,
    (error) => told.push(error),
    1,
  );
  return { told, ends };
};

describe('following', () => {
  test('goes on after failures of the connection and of services behind the API', async () => {
    const errors = [new ConnectionError('gone'), refusal(503), refusal(429)];
    expect(await followed(errors)).toEqual({ told: errors, ends: 1 });
  });

  test('ends when the API refuses, or the page itself is at fault', async () => {
    expect(await followed([refusal(404)])).toMatchObject({ ends: 0 });
    expect(await followed([new TypeError('a fault of ours')])).toMatchObject({ ends: 0 });
  });

  test('ends when the page is left, also between two tries', async () => {
    const aborter = new AbortController();
    const told: unknown[] = [];
    await followOn(
      async () => {
        throw new ConnectionError('gone');
      },
      aborter.signal,
      (error) => {
        told.push(error);
        queueMicrotask(() => aborter.abort());
      },
      60_000,
    );
    expect(told).toHaveLength(1);
  });
});
