import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { columns } from '../../../cli/demo/columns.ts';
import { printable } from '../../../cli/demo/layout.ts';

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

test('no line is wider than asked, and each text stands whole in its column', () => {
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
