import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { checkResults } from '../../../../tools/bench/files/check-results.ts';
import { answerOf, requestOf } from '../../../../tools/bench/files/prompt-lines.ts';

const idOf = (line: number): string => `run_${line}`;
const resultOf = (line: number, changes: object = {}) => ({
  line,
  run_id: idOf(line),
  status: 'completed',
  run: { ...requestOf(line), generations: [{ text: answerOf(line) }] },
  ...changes,
});
const check = (results: unknown[]) =>
  checkResults(Readable.from([Buffer.from(results.map((one) => `${JSON.stringify(one)}\n`).join(''))]), idOf);

describe('results compared with their input', () => {
  test('are right when each line is present, in order', async () => {
    const { lines, bytes, wrong } = await check([1, 2, 3].map((line) => resultOf(line)));
    expect([lines, wrong]).toEqual([3, undefined]);
    expect(bytes).toBeGreaterThan(3_000);
  });

  test.each([
    ['two lines changed places', [resultOf(1), resultOf(3), resultOf(2)], 'line 2: line is 3, not 2'],
    ['a line is there twice', [resultOf(1), resultOf(1)], 'line 2: line is 1, not 2'],
    ['a run is another line’s', [resultOf(1, { run_id: 'run_2' })], 'line 1: run_id is "run_2", not "run_1"'],
    ['a line failed', [resultOf(1, { status: 'failed', run: null })], 'line 1: status is "failed"'],
    [
      'a text is another line’s',
      [resultOf(1, { run: { ...requestOf(1), generations: [{ text: answerOf(9) }] } })],
      'line 1: text is "This answers row-000009."',
    ],
  ])('are wrong when %s', async (_, results, fault) => {
    expect((await check(results)).wrong).toContain(fault);
  });

  test('include the number of lines checked', async () => {
    expect((await check([resultOf(1)])).lines).toBe(1);
    expect((await check([])).lines).toBe(0);
  });
});
