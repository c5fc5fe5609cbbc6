import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTable } from '../../../dashboard/files/table.ts';
import { readRecords } from '../../../lib/files/formats/read-records.ts';

const NONE = { variables: new Set<string>(), isWhole: true };

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** The rows by their columns as the API reads them; undefined where it refuses the file or a row. */
const readByApi = async (text: string, template: string) => {
  const sidecar = { request: { prompt: template } };
  try {
    const { head, records } = await readRecords(bytesOf(text), { format: 'csv', sidecar });
    const rows = [];
    for await (const { line, body, error } of records)
      rows.push({ line, body, isRefused: error !== undefined });
    return { columns: head.columns ?? [], rows };
  } catch {
    return undefined;
  }
};

const cell = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('queues', 'a b', '1', '0,5', 'x;y', 'p|q', '', 'said "so"', 'two\nlines'),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
);
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const lineBreaks = fc.constantFrom('\n', '\r\n');
const table = fc
  .record({
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    lineBreak: lineBreaks,
    names: fc.uniqueArray(fc.constantFrom('name', 'audience', 'prompt', 'Model', 'city', 'a b'), {
      minLength: 1,
    }),
    rows: fc.array(fc.array(cell, { minLength: 1, maxLength: 6 }), { maxLength: 6 }),
    hint: fc.boolean(),
    mark: fc.boolean(),
  })
  .map(({ delimiter, lineBreak, names, rows, hint, mark }) => {
    const needs = (text: string) => text === '' || /[",;\t|\r\n]/.test(text);
    const line = (cells: string[]) =>
      cells.map((text) => (needs(text) ? quoted(text) : text)).join(delimiter);
    const lines = [
      ...(hint ? [`sep=${delimiter}`] : []),
      line(names),
      ...rows.map((row) => line(row.slice(0, names.length))),
    ];
    return (mark ? '\u{feff}' : '') + lines.join(lineBreak);
  });

describe('a table in the browser', () => {
  test('has the columns, the rows and the lines that the API reads', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom('{{name}}', '{{city}} {{audience}}'),
        async (text, template) => {
          const expected = await readByApi(text, template);
          if (expected === undefined) return;
          compared += 1;
          const variables = new Set([...template.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name));
          const { columns, rows } = readTable(text, { variables, isWhole: true });
          expect(columns).toEqual(expected.columns);
          expect(rows.map(({ line }) => line)).toEqual(expected.rows.map(({ line }) => line));
          for (const [at, { body, isRefused }] of expected.rows.entries())
            if (!isRefused)
              expect(
                Object.fromEntries(columns.map((name, place) => [name, rows[at]?.cells[place] ?? ''])),
              ).toEqual(body);
        },
      ),
      { numRuns: 300 },
    );
    expect(compared).toBeGreaterThan(100);
  });

  test('needs no delimiter for one column', () => {
    expect(readTable('prompt\nExplain queues, briefly.\n', NONE)).toMatchObject({
      columns: ['prompt'],
      rows: [{ cells: ['Explain queues, briefly.'], line: 2 }],
    });
  });

  test('leaves out a row that may go on behind the part of the file', () => {
    const text = 'name,audience\nqueues,engineers\n"caches\nand m';
    expect(readTable(text, { variables: new Set(), isWhole: false }).rows).toEqual([
      { cells: ['queues', 'engineers'], line: 2, end: 31, isSound: true },
    ]);
  });

  test('is read in time that grows with its length alone', () => {
    const text = `name,audience\n${'queues,"engineers, mostly"\n'.repeat(20_000)}`;
    const begin = performance.now();
    expect(readTable(text, NONE).rows).toHaveLength(20_000);
    expect(performance.now() - begin).toBeLessThan(5_000);
  });
});
