import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../lib/errors.ts';
import { readGetWaitMs, untilChanged } from '../../../lib/http/wait.ts';
import { readQueryParameters } from '../../../lib/runs/query-parameters.ts';
import { makeMemoryClock } from '../../memory/clock.ts';

const waitOf = (query: string, prefer?: string) => {
  const parameters = readQueryParameters(new URLSearchParams(query));
  const waitMs = readGetWaitMs(parameters, new Headers(prefer === undefined ? {} : { prefer }));
  parameters.finish();
  return waitMs;
};

describe('readGetWaitMs', () => {
  test.each([
    ['', undefined, 0],
    ['wait=0', undefined, 0],
    ['wait=20', undefined, 20_000],
    ['', 'wait=5', 5_000],
    ['', 'respond-async, wait=5', 5_000],
    ['', 'wait=60', 20_000],
    ['wait=1', 'wait=9', 1_000],
    ['', 'respond-async', 0],
  ])('of ?%s and Prefer %s is %s ms', (query, prefer, ms) => expect(waitOf(query, prefer)).toBe(ms));

  test.each([
    ['wait=21', undefined, 'wait'],
    ['wait=1.5', undefined, 'wait'],
    ['wait=-1', undefined, 'wait'],
    ['', 'wait=soon', 'Prefer'],
    ['', 'wait', 'Prefer'],
  ])('refuses ?%s with Prefer %s, naming %s', (query, prefer, path) => {
    const refused = (() => {
      try {
        return waitOf(query, prefer);
      } catch (error) {
        return error instanceof InvalidInputError ? error.issues.map((issue) => issue.path) : error;
      }
    })();
    expect(refused).toEqual([path]);
  });
});

/** Something whose status is `statuses[n]` after n seconds, and over with the last one; counts its reads. */
const changing = (clock: ReturnType<typeof makeMemoryClock>, statuses: string[], isOver = true) => {
  const reads: number[] = [];
  return {
    reads,
    read: async () => {
      reads.push(clock.monotonic());
      return Math.min(statuses.length - 1, Math.floor(clock.monotonic() / 1_000));
    },
    watch: (at: number) => ({
      status: statuses[at] ?? '',
      isOver: isOver && at === statuses.length - 1,
    }),
  };
};

describe('untilChanged', () => {
  const waited = async (statuses: string[], waitMs: number, isOver = true) => {
    const clock = makeMemoryClock();
    const { reads, read, watch } = changing(clock, statuses, isOver);
    const waiting = untilChanged(read, watch, waitMs, { clock, sleep: clock.sleep });
    await clock.advance(60_000);
    return { found: statuses[await waiting], reads };
  };

  test('returns what it read at the first change, reading once a second', async () => {
    expect(await waited(['queued', 'queued', 'queued', 'generating', 'completed'], 20_000)).toEqual({
      found: 'generating',
      reads: [0, 1_000, 2_000, 3_000],
    });
  });

  test('returns at once what is over', async () => {
    expect(await waited(['completed'], 20_000)).toEqual({ found: 'completed', reads: [0] });
  });

  test('returns what stands after the wait, and reads once without one', async () => {
    expect(await waited(['queued'], 2_500, false)).toEqual({
      found: 'queued',
      reads: [0, 1_000, 2_000, 2_500],
    });
    expect(await waited(['queued'], 0, false)).toEqual({ found: 'queued', reads: [0] });
  });

  test('never reads more often than once a second, nor after the wait but for the last read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('queued', 'generating'), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 0, max: 20_000 }),
        async (statuses, waitMs) => {
          const { reads } = await waited(statuses, waitMs);
          expect(reads.at(-1)).toBeLessThanOrEqual(waitMs);
          expect(reads.length).toBeLessThanOrEqual(2 + waitMs / 1_000);
        },
      ),
      { numRuns: 50 },
    );
  });
});
