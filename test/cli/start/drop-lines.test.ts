import { expect, test } from 'vitest';
import { dropLineOf } from '../../../cli/start/drop-lines.ts';

test.each([
  [{ type: 'taken_in', file: 'drop/a.csv' }, 'drop/a.csv was taken in'],
  [
    { type: 'passed_over', file: 'drop/a.xlsx', reason: 'it is a table', remedy: 'save it as a.csv' },
    'drop/a.xlsx is passed over: it is a table; save it as a.csv',
  ],
  [
    { type: 'passed_over', file: 'drop/~$a.csv', reason: 'it is temporary', remedy: undefined },
    'drop/~$a.csv is passed over: it is temporary',
  ],
  [
    { type: 'waiting', file: 'drop/a.csv', code: 'EACCES' },
    'drop/a.csv has to wait: it may not be read; change its permissions (EACCES)',
  ],
  [{ type: 'waiting', file: 'drop/a.csv', code: 'Odd' }, 'drop/a.csv has to wait: Odd; it is tried again'],
  [
    { type: 'taken_in', file: 'drop/a\u202Etxt\u001b[2K\n.csv' },
    'drop/a\\u202etxt\\u001b[2K\\n.csv was taken in',
  ],
] as const)('%j reads: %s', (event, text) => {
  expect(dropLineOf(event).text).toBe(text);
});

test('a result is told with --verbose alone: the end of its file names it', () => {
  expect(dropLineOf({ type: 'result', file: 'results/a.csv.jsonl' }).isQuiet).toBe(true);
});
