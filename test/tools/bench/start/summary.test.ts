import { describe, expect, test } from 'vitest';
import { peerId } from '../../../../tools/bench/start/cold-stack.ts';
import type { Start } from '../../../../tools/bench/start/measure.ts';
import { parseOptions } from '../../../../tools/bench/start/start.ts';
import { rowsOf, tableOf } from '../../../../tools/bench/start/summary.ts';
import { UsageError } from '../../../../tools/command.ts';

const start = (functionId: string, round: number, loadMs: number, rest: Partial<Start> = {}): Start => ({
  ...{ functionId, round, loadMs, firstMs: 10, secondMs: 2, firstAnswerMs: 30, secondAnswerMs: 3 },
  ...{ peakBytes: 100e6 },
  ...rest,
});

/** The second round was on a machine of half the speed. */
const starts = [
  start(peerId('empty'), 1, 20),
  start(peerId('clients'), 1, 220),
  start('SweepLambdaFunction', 1, 60, { firstMs: 5 }),
  start(peerId('empty'), 2, 40),
  start(peerId('clients'), 2, 440),
  start('SweepLambdaFunction', 2, 120, { firstMs: 7 }),
];

describe('the rows of the starts', () => {
  const [empty, clients, sweep] = rowsOf(starts);

  test('count the load beyond the empty handler of the same round', () => {
    expect(empty).toMatchObject({ name: 'an empty handler', loadMs: 0, share: 0 });
    expect(clients).toMatchObject({ name: 'five clients, unbundled', share: 1 });
  });

  test('have the share of the five clients of the same round, so that a slow round changes nothing', () => {
    expect(sweep).toMatchObject({ name: 'sweep', share: 0.2 });
  });

  test('count the events whole, and leave out answers that nobody waits for', () => {
    expect(sweep?.firstMs).toBe(6);
    const file = start('EmbedLambdaFunction', 1, 90, { firstAnswerMs: null, secondAnswerMs: null });
    expect(rowsOf([...starts, file]).at(-1)).toMatchObject({ name: 'embed', firstAnswerMs: null });
  });

  test('stand in the table with the share that is aimed at', () => {
    expect(tableOf(rowsOf(starts))).toContain('| sweep | 60 | 0.20 | 0.24 | 6 | 2 | 30 | 3 | 100 |');
  });
});

test('the command line is refused by its flag before anything is measured', () => {
  expect(parseOptions(['--rounds', '3'])).toMatchObject({ rounds: 3, json: undefined });
  expect(() => parseOptions(['--rounds', '0'])).toThrow(UsageError);
  expect(() => parseOptions(['--json', '/nowhere/x.json'])).toThrow('--json');
  expect(() => parseOptions(['--cold'])).toThrow('usage: npm run bench -- start');
  expect(() => parseOptions(['--functions', '/nowhere'])).toThrow(
    '--functions: /nowhere has no serverless.yml; name a checkout in which npm install was run',
  );
});
