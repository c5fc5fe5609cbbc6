import fc from 'fast-check';
import { expect, test } from 'vitest';
import { derivedRunId, isRunId, timedRunId, vectorId, vectorIdsOfRun } from '../../../lib/runs/keys.ts';
import { makeFigures, makeRun } from '../../factories/run.ts';

const random = fc.uint8Array({ minLength: 10, maxLength: 10 });
const instant = fc.integer({ min: 0, max: 2 ** 48 - 1 });

test('timed ids sort by their times, whatever the random part', () => {
  fc.assert(
    fc.property(instant, instant, random, random, (a, b, ra, rb) => {
      fc.pre(a !== b);
      expect(timedRunId(a, ra) < timedRunId(b, rb)).toBe(a < b);
    }),
    { numRuns: 200 },
  );
});

test('timed ids of one instant differ when their random bytes do', () => {
  fc.assert(
    fc.property(instant, random, random, (now, a, b) => {
      expect(timedRunId(now, a) === timedRunId(now, b)).toBe(Buffer.compare(a, b) === 0);
    }),
    { numRuns: 100 },
  );
});

test('every generated id is recognised as one', () => {
  fc.assert(
    fc.property(instant, random, fc.array(fc.string()), (now, bytes, parts) => {
      expect(isRunId(timedRunId(now, bytes))).toBe(true);
      expect(isRunId(derivedRunId(...parts))).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('a derived id is the same for the same parts, and different when they are split differently', () => {
  expect(derivedRunId('key', 'docs', 'order-1')).toBe(derivedRunId('key', 'docs', 'order-1'));
  expect(derivedRunId('a', 'bc')).not.toBe(derivedRunId('ab', 'c'));
  expect(derivedRunId('key', 'docs', 'order-1')).not.toBe(derivedRunId('key', 'other', 'order-1'));
});

test('a derived id is the same as in earlier versions', () => {
  expect(derivedRunId('key', 'docs', 'order-1')).toBe('run_k1vmzgzed27fj9tkhgba0s1s4m');
});

test.each([
  '',
  'run_',
  'run_0123456789abcdefghjkmnpqr',
  'run_0123456789abcdefghjkmnpqrst',
  'RUN_0123456789abcdefghjkmnpqr',
  'run_0123456789abcdefghjkmnpqi',
  'run_0123456789abcdefghjkmnpq\n',
  ' run_0123456789abcdefghjkmnpq',
])('%j is no run id', (text) => {
  expect(isRunId(text)).toBe(false);
});

test('a vector has the same id whenever it is made', () => {
  expect(vectorId('run_1', 3, 0)).toBe('run_1#3#0');
});

test('every vector id is computed from the run', () => {
  const generations = [
    makeFigures({ chunks: 2 }),
    makeFigures({ status: 'failed', chunks: 0 }),
    makeFigures({ chunks: 1 }),
  ];
  const run = makeRun({ generations });
  expect(vectorIdsOfRun(run)).toEqual([`${run.id}#0#0`, `${run.id}#0#1`, `${run.id}#2#0`]);
  expect(vectorIdsOfRun({ ...run, index: false })).toEqual([]);
});
