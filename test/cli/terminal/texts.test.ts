import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { printable } from '../../../cli/terminal/printable.ts';
import { makeScreen } from '../../../cli/terminal/screen.ts';
import { columns, showTexts } from '../../../cli/terminal/texts.ts';
import { makeTerminal } from './terminal.ts';

const pipe = () => {
  const written: string[] = [];
  return { written, write: (text: string) => written.push(text) };
};

test('without a terminal, each text is printed once, one below the other, without escape sequences', () => {
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

test('on a terminal, the texts grow in place', () => {
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

test('texts stand side by side below their titles', () => {
  const blocks = [
    { title: 'Top-k 40', text: 'Vector databases store vectors' },
    { title: 'Top-p 0.9', text: 'An index' },
  ];
  expect(columns(blocks, 29)).toEqual([
    'Top-k 40      │ Top-p 0.9',
    'Vector        │ An index',
    'databases     │',
    'store vectors │',
  ]);
});

const text = fc
  .oneof(fc.lorem({ maxCount: 40 }), fc.string({ unit: 'grapheme', maxLength: 80 }))
  .map((each) => printable(each).replaceAll('│', ''));

test('no line is wider than the width, and each text is complete in its column', () => {
  fc.assert(
    fc.property(text, text, fc.integer({ min: 20, max: 120 }), (left, right, width) => {
      const lines = columns(
        [left, right].map((each, at) => ({ title: `${at}`, text: each })),
        width,
      );
      expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
      for (const [at, whole] of [left, right].entries()) {
        const column = lines.slice(1).map((line) => line.split('│')[at] ?? '');
        expect(column.join('').replace(/\s/gu, '')).toBe(whole.normalize().replace(/\s/gu, ''));
      }
    }),
    { numRuns: 100 },
  );
});
