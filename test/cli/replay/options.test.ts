import { expect, test } from 'vitest';
import { parseReplayOptions } from '../../../cli/replay/options.ts';

test('a replay defaults to all queues, 1000 letters each, without dry run', () => {
  const plain = { queue: undefined, queueUrl: undefined, deadLettersUrl: undefined };
  expect(parseReplayOptions([])).toEqual({ ...plain, limit: 1_000, dryRun: false });
  expect(parseReplayOptions(['--queue', 'JobsQueue', '--limit', '5', '--dry-run'])).toEqual({
    ...plain,
    queue: 'JobsQueue',
    limit: 5,
    dryRun: true,
  });
});

test.each([
  [['--limit', '0']],
  [['--limit', '1.5']],
  [['--limit', 'all']],
  [['--unknown']],
  [['a-word']],
  [['--dead-letters-url', 'http://127.0.0.1/a']],
  [['--queue', 'JobsQueue', '--queue-url', 'http://127.0.0.1/a']],
])('%j is refused with the usage', (args) => {
  expect(() => parseReplayOptions(args)).toThrow('usage: npx everytoken replay');
});
