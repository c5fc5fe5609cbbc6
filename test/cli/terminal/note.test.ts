import { expect, test } from 'vitest';
import { printNote } from '../../../cli/terminal/note.ts';
import { makeScreen } from '../../../cli/terminal/screen.ts';
import { makeTerminal } from './terminal.ts';

const LONG = 'error: there is no such run; everytoken runs lists those that are stored';

test('wraps between words on a terminal', () => {
  const terminal = makeTerminal(40, 10);
  printNote(makeScreen(terminal, {}), `${LONG}\n  two  spaces`);
  expect(terminal.lines()).toEqual([
    'error: there is no such run; everytoken',
    'runs lists those that are stored',
    '  two  spaces',
  ]);
});

test('prints one line elsewhere', () => {
  let written = '';
  printNote(makeScreen({ write: (text) => (written += text) }, {}), LONG.repeat(3));
  expect(written).toBe(`${LONG.repeat(3)}\n`);
});
