import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { type Column, printTable, tableLines } from '../../../cli/terminal/print-table.ts';
import { makeScreen } from '../../../cli/terminal/screen.ts';

type Row = { id: string; cost: number; preview: string };

const COLUMNS: Column<Row>[] = [
  { title: 'run', text: ({ id }) => id, left: true },
  { title: 'cost', text: ({ cost }) => `$${cost}`, csv: ({ cost }) => cost, optional: true },
  { title: 'text', text: ({ preview }) => preview, fills: true },
];

const ROWS: Row[] = [
  { id: 'run_1', cost: 0.25, preview: 'A vector database stores vectors and finds the nearest ones.' },
  { id: 'run_22', cost: 12, preview: 'short' },
];

test('cuts the column of previews to the width', () => {
  expect(tableLines(COLUMNS, ROWS, 40)).toEqual([
    'run      cost  text',
    'run_1   $0.25  A vector database stores…',
    'run_22    $12  short',
  ]);
});

test('leaves optional columns out on a narrow terminal', () => {
  expect(tableLines(COLUMNS, ROWS, 23)).toEqual(['run     text', 'run_1   A vector datab…', 'run_22  short']);
});

test('leaves out first what is least important, and the last of equals', () => {
  const column = (title: string, optional?: true | number): Column<object> => ({
    title,
    text: () => 'wide enough',
    ...(optional && { optional }),
  });
  const columns = [column('a'), column('b', 2), column('c', true), column('d', 2), column('e', 1)];
  const shown = (width: number) => tableLines(columns, [], width)[0]?.trim().split(/ +/).join('');
  expect([13, 10, 7, 4, 1].map(shown)).toEqual(['abcde', 'abce', 'ace', 'ac', 'a']);
});

test('leaves out first a column in which nothing is known', () => {
  const column = (title: string, cell: string, optional: number): Column<object> => ({
    title,
    text: () => cell,
    optional,
  });
  const columns = [column('cost', '—', 1), column('label', '', 2), column('tokens', '100', 3)];
  expect(tableLines(columns, [{}], 19)[0]).toBe('cost  label  tokens');
  expect(tableLines(columns, [{}], 12)[0]).toBe('cost  tokens');
  expect(tableLines(columns, [{}], 7)[0]).toBe('tokens');
});

test('has every column, exact, in CSV', () => {
  let printed = '';
  const screen = makeScreen({ write: (text) => (printed += text) }, {});
  printTable(screen, COLUMNS, [{ id: 'a', cost: 0.1, preview: 'x, "y"' }], { csv: true });
  expect(printed).toBe('run,cost,text\r\na,0.1,"x, ""y"""\r\n');
});

test('no line is wider than the width, and no cell holds an escape, for any texts', () => {
  const row = fc.record({
    id: fc.string({ maxLength: 8 }),
    cost: fc.nat(),
    preview: fc.string({ unit: 'binary' }),
  });
  fc.assert(
    fc.property(fc.array(row), fc.integer({ min: 40, max: 200 }), (rows, width) => {
      for (const line of tableLines(COLUMNS, rows, width)) {
        expect(stringWidth(line)).toBeLessThanOrEqual(width);
        expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
      }
    }),
  );
});
