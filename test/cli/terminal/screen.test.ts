import { expect, test } from 'vitest';
import { makeScreen } from '../../../cli/terminal/screen.ts';
import { makeTerminal } from './terminal.ts';

test('redrawn lines replace the earlier ones, even if they are fewer', () => {
  const terminal = makeTerminal(80, 24);
  const live = makeScreen(terminal, {}).live();
  live.show(['one line', 'a longer second line', 'third']);
  live.show(['1', '2']);
  expect(terminal.lines()).toEqual(['1', '2']);
  live.show([]);
  expect(terminal.lines()).toEqual([]);
});

test('text taller than the screen is cut while it grows, and complete once finished', () => {
  const terminal = makeTerminal(80, 6);
  const live = makeScreen(terminal, {}).live();
  const lines = Array.from({ length: 9 }, (_, at) => `line ${at}`);
  live.show(lines);
  live.show(lines);
  expect(terminal.lines()).toEqual(lines.slice(-5));
  live.finish(lines);
  expect(terminal.lines()).toEqual(lines);
});

test('NO_COLOR disables colours, not redrawing', () => {
  const coloured = makeScreen(makeTerminal(80, 24), {});
  const plain = makeScreen(makeTerminal(80, 24), { NO_COLOR: '1' });
  expect(coloured.dim('x')).toBe('\x1b[2mx\x1b[22m');
  expect(plain.dim('x')).toBe('x');
  expect(plain.bold('x')).toBe('x');
  expect(plain.isLive).toBe(true);
});

test('a dumb or narrow terminal gets no redrawing', () => {
  expect(makeScreen(makeTerminal(80, 24), { TERM: 'dumb' }).isLive).toBe(false);
  expect(makeScreen(makeTerminal(59, 24), {}).isLive).toBe(false);
  expect(makeScreen(makeTerminal(60, 24), {}).isLive).toBe(true);
});
