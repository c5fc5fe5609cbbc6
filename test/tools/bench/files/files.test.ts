import { expect, test } from 'vitest';
import { parseOptions } from '../../../../tools/bench/files/files.ts';
import { UsageError } from '../../../../tools/command.ts';

test('the bench runs 100,000 lines, and 5,000 to generate, by default', () => {
  expect(parseOptions([])).toEqual({ lines: 100_000, generate: 5_000 });
  expect(parseOptions(['--lines', '0', '--generate', '20'])).toEqual({ lines: 0, generate: 20 });
});

test.each([
  ['more lines than a file may hold', ['--lines', '100001']],
  ['a fraction', ['--generate', '1.5']],
  ['a negative number', ['--lines=-1']],
  ['an unknown option', ['--rows', '5']],
])('%s is a usage error', (_, args) => {
  expect(() => parseOptions(args)).toThrow(UsageError);
});
