import { expect, test } from 'vitest';
import { makeScreen } from '../../../cli/demo/screen.ts';
import { showTexts } from '../../../cli/demo/show-texts.ts';
import { makeTerminal } from './terminal.ts';

const pipe = () => {
  const written: string[] = [];
  return { written, write: (text: string) => written.push(text) };
};

test('without a terminal texts are printed once, below each other, without escape sequences', () => {
  const output = pipe();
  const screen = makeScreen(output, {});
  const texts = showTexts(screen, ['Top-k 40', 'Top-p 0.9']);
  texts.update(0, 'A vector');
  texts.update(0, 'A vector\x1b[31m database');
  texts.update(1, 'An index');
  texts.finish();
  screen.entry('stored', screen.dim('18 vectors'), 'S3');
  expect(output.written.join('')).toBe(
    'Top-k 40\nA vector database\n\nTop-p 0.9\nAn index\n\nstored       18 vectors · S3\n',
  );
});

test('on a terminal the texts grow in place', () => {
  const terminal = makeTerminal(80, 24);
  const screen = makeScreen(terminal, {});
  screen.line('before');
  const texts = showTexts(screen, ['Top-k 40', 'Top-p 0.9']);
  texts.update(0, 'A vector database stores vectors with hundreds of dimensions.');
  texts.update(1, 'An index');
  texts.finish();
  screen.line('after');
  expect(terminal.lines()).toEqual([
    'before',
    'Top-k 40                               │ Top-p 0.9',
    'A vector database stores vectors with  │ An index',
    'hundreds of dimensions.                │',
    'after',
  ]);
});

test('lines shown again replace what was there, also when they are fewer', () => {
  const terminal = makeTerminal(80, 24);
  const live = makeScreen(terminal, {}).live();
  live.show(['one line', 'a longer second line', 'third']);
  live.show(['1', '2']);
  expect(terminal.lines()).toEqual(['1', '2']);
  live.show([]);
  expect(terminal.lines()).toEqual([]);
});

test('what is taller than the screen is cut while it grows, and whole when it is finished', () => {
  const terminal = makeTerminal(80, 6);
  const live = makeScreen(terminal, {}).live();
  const lines = Array.from({ length: 9 }, (_, at) => `line ${at}`);
  live.show(lines);
  live.show(lines);
  expect(terminal.lines()).toEqual(lines.slice(-5));
  live.finish(lines);
  expect(terminal.lines()).toEqual(lines);
});

test('NO_COLOR takes the colours, not the changes in place', () => {
  const coloured = makeScreen(makeTerminal(80, 24), {});
  const plain = makeScreen(makeTerminal(80, 24), { NO_COLOR: '1' });
  expect(coloured.dim('x')).toBe('\x1b[2mx\x1b[22m');
  expect(plain.dim('x')).toBe('x');
  expect(plain.bold('x')).toBe('x');
  expect(plain.isLive).toBe(true);
});

test('a dumb or narrow terminal gets no changes in place', () => {
  expect(makeScreen(makeTerminal(80, 24), { TERM: 'dumb' }).isLive).toBe(false);
  expect(makeScreen(makeTerminal(59, 24), {}).isLive).toBe(false);
  expect(makeScreen(makeTerminal(60, 24), {}).isLive).toBe(true);
});
