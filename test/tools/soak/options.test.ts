import { expect, test } from 'vitest';
import { UsageError } from '../../../tools/command.ts';
import { readCrashOptions, readOptions } from '../../../tools/soak/options.ts';

test('a soak runs five minutes with a kill every half minute and a fresh seed by default', () => {
  expect(readOptions([])).toEqual({
    minutes: 5,
    pauseMs: 400,
    awsFaultRate: 0.03,
    oddAnswerRate: 0.5,
    killEverySeconds: 30,
    seed: expect.any(Number),
    requests: 2_000,
    files: 400,
  });
  const given = readOptions(['--minutes', '0.5', '--seed', '7', '--kill-every', '0']);
  expect(given).toEqual({
    ...{ minutes: 0.5, pauseMs: 400, awsFaultRate: 0.03, oddAnswerRate: 0.5, killEverySeconds: 0, seed: 7 },
    ...{ requests: 200, files: 40 },
  });
  expect(readOptions(['--minutes', '60', '--files', '0'])).toMatchObject({ requests: 10_000, files: 0 });
});

test.each([
  ['--minutes', '0'],
  ['--minutes', 'long'],
  ['--minutes', ''],
  ['--seed', '1.5'],
  ['--kill-every', 'x'],
  ['--requests', '-1'],
  ['--files', 'many'],
  ['--hours', '1'],
])('the option %s %j is refused', (...args) => {
  expect(() => readOptions(args)).toThrow(UsageError);
});

test('pairs of crash points are all tried, or some drawn by a seed', () => {
  expect(readCrashOptions(['--minutes', '5'])).toBeUndefined();
  expect(readCrashOptions(['--crash'])).toEqual({ pairs: Infinity, seed: expect.any(Number) });
  expect(readCrashOptions(['--crash', '--pairs', '500', '--seed', '3'])).toEqual({ pairs: 500, seed: 3 });
  for (const wrong of [
    ['--pairs', '0'],
    ['--pairs', ''],
    ['--seed', 'x'],
    ['--minutes', '5'],
  ])
    expect(() => readCrashOptions(['--crash', ...wrong])).toThrow(UsageError);
});
