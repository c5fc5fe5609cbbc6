import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvRow } from '../../../../lib/files/results/csv-cells.ts';

const DELIMITERS = [',', ';', '\t', '|'];
const SIGNS = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫'];

/**
 * Splits a text as spreadsheets do, which refuse nothing: a cell that begins with a quote goes on to the closing one,
 * and what follows that still belongs to it.
 */
const cellsIn = (text: string, delimiter: string): string[] => {
  const cells: string[] = [];
  let at = 0;
  while (at < text.length) {
    let cell = '';
    if (text[at] === '"') {
      const [whole = '', inner = ''] = /^"((?:[^"]|"")*)"?/.exec(text.slice(at)) ?? [];
      cell = inner.replaceAll('""', '"');
      at += whole.length;
    }
    while (at < text.length && text[at] !== delimiter && !/[\r\n]/.test(text[at] ?? '')) {
      cell += text[at];
      at += 1;
    }
    cells.push(cell);
    at += 1;
  }
  return cells;
};

/** As a spreadsheet sees a cell that it trims, or whose quotes it takes away. */
const bare = (cell: string) => cell.replace(/^[\s\p{Cf}\p{Cc}"]+/u, '');
const isFormula = (cell: string) =>
  SIGNS.some((sign) => bare(cell).startsWith(sign)) && !/^[+-]?[\d.,]+$/.test(bare(cell));
const PASSED_OVER = String.raw`[[\p{Z}\p{Cf}\p{Cc}"'‘’“”]--[\t\r\n]]*`;
const ADDED = new RegExp(
  String.raw`(?<=^|[,;\|\t\r\n])'(?=${PASSED_OVER}(?:[=+\-@\t＝＋－＠﹦﹢﹣﹫]|\r(?!\n)))|^'(?=${PASSED_OVER}\r)`,
  'gv',
);
/** Takes out the apostrophes that were added, by the rule in docs/files.md. */
const undone = (cell: string) => cell.replace(ADDED, '');

const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(...SIGNS, ...DELIMITERS),
      fc.constantFrom(
        'a',
        '1',
        ' ',
        '"',
        "'",
        '\n',
        '\r\n',
        '\uFEFF',
        '\u200b',
        '\u00a0',
        '“',
        "cmd|'/c calc'!A0",
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

describe('a row of results', () => {
  test.each([
    ['=1+1', "'=1+1"],
    ['＝1+1', "'＝1+1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['+49-30', "'+49-30"],
    [' =1', "' =1"],
    ['"=1"', '"\'""=1"""'],
    ['\uFEFF=1', "'\uFEFF=1"],
    ['\tx', "'\tx"],
    ['\rx', '"\'\rx"'],
    ['Pros:\n- fast', '"Pros:\n\'- fast"'],
    ['a;=1', "a;'=1"],
    ["'=1", "''=1"],
    ['apples,\r\npears', '"apples,\r\npears"'],
    ['1 - 2 = -1', '1 - 2 = -1'],
  ])('has %j as %j', (cell, written) => {
    expect(csvRow([cell], ',')).toBe(`${written}\r\n`);
  });

  test('keeps numbers as numbers, with the decimal comma of a table with semicolons', () => {
    const cells = ['-1.5', '+2', '-1,5', '-1.234,56', '-5%', '-1e-7', -1.5, 0.0000108, null, undefined];
    expect(csvRow(cells, ';')).toBe('-1.5;+2;-1,5;-1.234,56;-5%;-1e-7;-1,5;0,0000108;;\r\n');
    expect(csvRow([-1.5, 2], ',')).toBe('-1.5,2\r\n');
  });

  test('separates a number with a sign from the text behind it, for a spreadsheet that splits elsewhere', () => {
    expect(csvRow(['-2', "5+cmd|'/c calc'!A0", 'x'], ',')).toBe(`-2,"5+cmd|'/c calc'!A0",x\r\n`);
  });

  test('begins no cell with a formula, whichever delimiter a spreadsheet takes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(text, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...DELIMITERS),
        fc.constantFrom(...DELIMITERS),
        (rows, own, taken) => {
          const table = rows.map((row) => csvRow(row, own)).join('');
          // A number with a sign begins a cell that only ends at another delimiter: it cannot be run either.
          const runs = cellsIn(table, taken)
            .filter(isFormula)
            .filter((cell) => !/^[+-]\d+[^\d]*["\s,;|]/.test(bare(cell)));
          expect(runs).toEqual([]);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('is read back cell by cell once the added apostrophes are taken out', () => {
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...DELIMITERS),
        (row, delimiter) => {
          const [cells = []]: string[][] = parse(`${csvRow([...row, 'x'], delimiter)}`, {
            delimiter,
            record_delimiter: '\r\n',
          });
          expect(cells.slice(0, -1).map((cell) => undone(cell))).toEqual(row);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
