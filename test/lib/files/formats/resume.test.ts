import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PromptFormat } from '../../../../lib/files/formats/format-of-key.ts';
import { readRecords } from '../../../../lib/files/formats/read-records.ts';
import { bytesOf, chunked, listOf, readAll } from './read-all.ts';

const word = fc.string({
  unit: fc.constantFrom('a', 'é', '漢', '😀', ' ', ',', ';', '"', '\n', '\r', '\t', '|', '=', '\uFEFF'),
  maxLength: 12,
});
const ending = fc.constantFrom('\n', '\r\n');
const bom = fc.constantFrom('', '\uFEFF');

const batchLine = fc.record({ custom_id: fc.constantFrom('a', 'b', 'c'), url: word, body: fc.constant({}) });
const jsonLine = fc.oneof(
  fc.record({ prompt: word }).map((value) => JSON.stringify(value)),
  batchLine.map((value) => JSON.stringify(value)),
  fc.constantFrom('', ' ', '{"defaults":{"seed":1}}', '{oops', '7'),
);
const jsonl = fc
  .tuple(bom, fc.array(jsonLine, { minLength: 1, maxLength: 12 }), ending)
  .map(([mark, lines, end]) => `${mark}{"prompt":"first"}${end}${lines.join(end)}`);

const quoted = (cell: string, delimiter: string) =>
  cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
const table = fc.record({
  mark: bom,
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  end: ending,
  rows: fc.array(fc.tuple(word, word, word), { minLength: 1, maxLength: 8 }),
});
const written = ({ mark, delimiter, end, rows }: typeof table extends fc.Arbitrary<infer T> ? T : never) =>
  mark +
  [['prompt', 'b', 'c'], ...rows]
    .map((row) => row.map((cell) => quoted(cell, delimiter)).join(delimiter))
    .join(end);
const rawCsv = word.map((text) => `prompt,b\n${text}\n1,2\n${text}${text}\n`);

const file = fc.oneof(
  jsonl.map((text): [PromptFormat, string] => ['jsonl', text]),
  table.map((rows): [PromptFormat, string] => ['csv', `${written(rows)}\nlast`]),
  rawCsv.map((text): [PromptFormat, string] => ['csv', text]),
);

describe('a file read as a stream', () => {
  test('yields the same records, wherever its chunks end', async () => {
    await fc.assert(
      fc.asyncProperty(file, fc.array(fc.nat(400), { maxLength: 30 }), async ([format, text], at) => {
        const bytes = bytesOf(text);
        const cuts = at.map((cut) => Math.min(cut, bytes.length));
        expect(await readAll(bytes, { format, cuts })).toEqual(await readAll(bytes, { format }));
      }),
      { numRuns: 300 },
    );
  });

  test('yields the same records byte by byte', async () => {
    await fc.assert(
      fc.asyncProperty(file, async ([format, text]) => {
        const bytes = bytesOf(text);
        const cuts = [...bytes.keys()];
        expect(await readAll(bytes, { format, cuts })).toEqual(await readAll(bytes, { format }));
      }),
      { numRuns: 50 },
    );
  });

  test('yields the remaining records when resumed after any record', async () => {
    await fc.assert(
      fc.asyncProperty(file, async ([format, text]) => {
        const bytes = bytesOf(text);
        const { head, records } = await readAll(bytes, { format });
        for (const at of records.keys()) {
          const seen = new Set<string>();
          const first = await readRecords(chunked(bytes), { format, seen });
          const before = await listOf(first.records, at + 1);
          const { end = 0, nextLine = 0 } = before.at(-1) ?? {};
          const from = { byte: end, line: nextLine, records: at + 1 };
          const kept = JSON.parse(JSON.stringify({ head, from, seen: [...seen] }));
          const rest = await readAll(bytes.subarray(end), {
            format,
            resume: { from: kept.from, head: kept.head },
            seen: new Set(kept.seen),
          });
          expect(rest.head).toEqual(head);
          expect([...before, ...rest.records]).toEqual(records);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('counts the prompts before the place where it is resumed', async () => {
    const { head } = await readAll('{"prompt":"x"}\n', { format: 'jsonl' });
    const from = { byte: 15, line: 2, records: 99_999 };
    const more = (text: string) => readAll(text, { format: 'jsonl', resume: { from, head } });
    expect((await more('{"prompt":"x"}\n')).records).toHaveLength(1);
    expect((await more('')).records).toEqual([]);
    await expect(more('{"prompt":"x"}\n{"prompt":"x"}\n')).rejects.toMatchObject({
      code: 'too_many_prompts',
    });
  });
});

describe('a table written by another program', () => {
  const isShown = (row: string[]) => row.some((cell) => cell.trim() !== '');

  test('is read back cell by cell', async () => {
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const { head, records } = await readAll(
          `${written(rows)}${rows.end}x${rows.delimiter}${rows.delimiter}`,
          {
            format: 'csv',
          },
        );
        expect(head.delimiter).toBe(rows.delimiter);
        expect(records.map(({ body }) => Object.values(body ?? {}))).toEqual([
          ...rows.rows.filter(isShown),
          ['x', '', ''],
        ]);
      }),
      { numRuns: 300 },
    );
  });

  test('is read as csv-parse reads it', async () => {
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const text = `${written(rows)}${rows.end}`;
        const [, ...expected] = parse(text, {
          bom: true,
          delimiter: rows.delimiter,
          record_delimiter: rows.end,
        }) as string[][];
        const shown = expected.filter(isShown);
        if (shown.length === 0) return;
        const { records } = await readAll(text, { format: 'csv' });
        expect(records.map(({ body }) => Object.values(body ?? {}))).toEqual(shown);
      }),
      { numRuns: 200 },
    );
  });
});
