import { expect, it } from 'vitest';
import { readOptions } from '../../soak/options.ts';
import { UsageError } from '../../soak/usage-error.ts';

it('runs five minutes with a kill every half minute and a fresh seed unless told otherwise', () => {
  expect(readOptions([])).toEqual({
    minutes: 5,
    pauseMs: 400,
    killEverySeconds: 30,
    seed: expect.any(Number),
  });
  const given = readOptions(['--minutes', '0.5', '--seed', '7', '--kill-every', '0']);
  expect(given).toEqual({ minutes: 0.5, pauseMs: 400, killEverySeconds: 0, seed: 7 });
});

it.each([
  ['--minutes', '0'],
  ['--minutes', 'long'],
  ['--minutes', ''],
  ['--seed', '1.5'],
  ['--kill-every', 'x'],
  ['--hours', '1'],
])('refuses %s %j', (...args) => {
  expect(() => readOptions(args)).toThrow(UsageError);
});
