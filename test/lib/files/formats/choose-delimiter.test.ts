import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRecords } from '../../../../lib/files/formats/read-records.ts';
import { bytesOf, chunked, listOf, readAll } from './read-all.ts';

const read = async (text: string, prompt?: string) => {
  const sidecar = prompt === undefined ? null : { request: { prompt } };
  const { head, records } = await readAll(text, { format: 'csv', sidecar });
  return { ...head, rows: records.map(({ body, error }) => error?.code ?? Object.values(body ?? {})) };
};
const prose = 'Bern, Basel, and Chur; all of it, please';

describe('the delimiter of a table', () => {
  test.each([
    [
      'a template names the columns',
      'Frage;Ort, Land\nWas kostet das?;Bern, Schweiz\nWo ist es?;Rom, Italien\n',
      '{{Frage}} {{Ort, Land}}',
      ';',
    ],
    [
      'no template does, and its cells begin with no space',
      'prompt;Ort, Land\na;Bern, Schweiz\n',
      undefined,
      ';',
    ],
    [
      'rows have other numbers of commas',
      `Name;Preis, netto\n${prose.replace(';', ' ')};1,5\nb;2\n`,
      '{{Preis}}',
      ';',
    ],
    ['cells have decimal commas', 'Preis,netto;Menge,kg\n1,5;2,5\n3,5;4,5\n', 'Hallo', ';'],
    ['a tab is between cells of prose', `a, b; c\td\n${prose}\tx\n`, 'Hello', '\t'],
    ['most rows leave their last cells out', 'prompt,a;b,c\nx\ny\nz,1\n', undefined, ','],
    ['the semicolon is only in a name', 'name,a;b\nx,1\ny,2\n', '{{name}}', ','],
    ['a quoted cell ends before it', '"a, b";"c, d"\n"x, y";"1, 2"\n', 'Hello', ';'],
    ['there is one row', 'Frage;Ort, Land\nWo?;Rom, Italien', '{{Ort, Land}}', ';'],
    ['there is a row of many commas', `prompt;a, b\n${prose.replace(';', ' ')};1`, undefined, ';'],
    [
      'line breaks are quoted',
      'Frage;Ort, Land\r\n"Was,\r\nwie, wo?";"Bern,\nSchweiz"\r\n',
      '{{Frage}}',
      ';',
    ],
  ])('is chosen where %s', async (_, text, prompt, delimiter) => {
    const { rows, ...head } = await read(text, prompt);
    expect(head.delimiter).toBe(delimiter);
    expect(rows).not.toContain('invalid_row');
  });

  test('is none where the one column that the template names has commas', async () => {
    const { delimiter, rows } = await read('Frage, kurz\nWas, wie, wo?\nWann?\n', '{{Frage, kurz}}');
    expect(delimiter).toBeNull();
    expect(rows).toEqual([['Was, wie, wo?'], ['Wann?']]);
  });

  test('is not the one of a column prompt that no row agrees with', async () => {
    await expect(read('prompt, lang;Ort\nWo?;Bern\nWas?;Rom\n')).rejects.toThrow(
      /columns: prompt, lang, Ort/,
    );
  });

  test('is chosen from the same rows wherever chunks end, and in each reading of a long table', async () => {
    const text = `Frage;Ort, Land\n${'Wo?;Rom, Italien\n'.repeat(20_000)}${'a,b,c,d\n'.repeat(10)}`;
    const sidecar = { request: { prompt: '{{Ort, Land}}' } };
    const heads = await Promise.all(
      [[], [3, 17], [262_144], [262_143, 262_145, 300_000]].map(async (cuts) => {
        const { head, records } = await readRecords(chunked(bytesOf(text), cuts), { format: 'csv', sidecar });
        return { head, count: (await listOf(records)).length };
      }),
    );
    expect(new Set(heads.map((found) => JSON.stringify(found))).size).toBe(1);
    expect(heads[0]).toMatchObject({ head: { delimiter: ';' }, count: 20_010 });
  });
});

describe('a line sep= above a table', () => {
  test.each([
    ['sep=;', ';'],
    ['"sep=;"', ';'],
    ['"sep=";""', ';'],
    ['SEP=;', ';'],
    ['  sep = ; ', ';'],
    ['sep=;;;;', ';'],
    ['"sep=;";;', ';'],
    ['\uFEFFsep=;', ';'],
    ['sep=\t', '\t'],
    ['Sep =\t', '\t'],
    ['sep=|', '|'],
    // A program that knows no such line wrote the table again, with a delimiter of its own.
    ['"sep=;",,', ','],
    ['"sep=,";;', ';'],
    // An editor removed the tab at the end.
    ['sep=', ';'],
  ])('such as %j names the delimiter', async (hint, delimiter) => {
    const row = ['prompt', 'a', 'b'].join(delimiter);
    for (const end of ['\n', '\r\n', '\r']) {
      const text = `\uFEFF${hint}${end}${row}${end}x${delimiter}1${end}`;
      expect(await read(text)).toMatchObject({ delimiter, rows: [['x', '1', '']] });
    }
  });

  test('is a row like any other below the header', async () => {
    expect(await read('prompt;a\nsep=;\n')).toMatchObject({ rows: [['sep=', '']] });
  });
});

const DELIMITERS = [',', ';', '\t', '|'];
const word = fc.string({
  unit: fc.constantFrom('a', 'é', '😀', ' ', ',', ';', '"', '\n', '\r', '\t', '|', '-', '=', '\uFEFF'),
  maxLength: 8,
});
const name = fc
  .array(fc.constantFrom('Ort', 'Land', 'Preis', ' ', ',', ';', '\t', '|', ', ', '"', '\n'), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join('').trim())
  .filter((text) => /\p{L}/u.test(text));
const how = fc.record({
  mark: fc.constantFrom('', '\uFEFF'),
  delimiter: fc.constantFrom(...DELIMITERS),
  end: fc.constantFrom('\n', '\r\n', '\r'),
  isQuoted: fc.boolean(),
  blank: fc.constantFrom('', ' ', 'delimiters'),
  /** Empty last cells are left out, kept, or followed by further ones. */
  last: fc.constantFrom('out', 'kept', 'more'),
});
type How = typeof how extends fc.Arbitrary<infer T> ? T : never;

const cellOf = (cell: string, { delimiter, isQuoted }: How): string =>
  isQuoted || cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

const written = (rows: string[][], form: How): string => {
  const { mark, delimiter, end, blank, last } = form;
  const lines = rows.map((row) => {
    const empty = row.length - row.findLastIndex((cell) => cell !== '') - 1;
    const kept =
      last === 'out' ? row.slice(0, row.length - empty) : [...row, ...(last === 'more' ? ['', ''] : [])];
    return kept.map((cell) => (cell === '' ? '' : cellOf(cell, form))).join(delimiter);
  });
  const between = blank === 'delimiters' ? delimiter.repeat(2) : blank;
  return `${mark}${lines.join(end + (blank === '' ? '' : between + end))}${end}`;
};
const shown = (rows: string[][]) => rows.filter((row) => row.some((cell) => cell.trim() !== ''));

describe('a table of any delimiter, quoting and line ends', () => {
  test('is read back cell by cell, with the same delimiter', async () => {
    await fc.assert(
      fc.asyncProperty(
        how,
        fc.array(fc.tuple(word, word, word), { minLength: 1, maxLength: 6 }),
        async (form, own) => {
          const rows = [...own, ['x', 'y', 'z']].map((row) =>
            row.map((cell) => cell.replaceAll('\r', form.end === '\r' ? '\n' : '\r')),
          );
          const text = written([['prompt', 'b', 'c'], ...rows], form);
          const { head, records } = await readAll(text, { format: 'csv' });
          expect(head.delimiter).toBe(form.delimiter);
          expect(records.map(({ body }) => Object.values(body ?? {}).slice(0, 3))).toEqual(shown(rows));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('is read back whatever its columns are called, where a template asks for them', async () => {
    await fc.assert(
      fc.asyncProperty(
        how,
        fc.uniqueArray(name, { minLength: 2, maxLength: 4 }),
        fc.array(fc.array(word, { minLength: 4, maxLength: 4 }), { maxLength: 5 }),
        async (form, names, own) => {
          const rows = [...own, ['v', 'x', 'y', 'z']].map((row) =>
            row.slice(0, names.length).map((cell) => cell.replaceAll('\r', ' ')),
          );
          const prompt = names.map((column) => `{{${column}}}`).join(' ');
          const { delimiter, columns, rows: found } = await read(written([names, ...rows], form), prompt);
          expect([delimiter, columns?.slice(0, names.length)]).toEqual([form.delimiter, names]);
          expect(found.map((row) => row.slice(0, names.length))).toEqual(shown(rows));
        },
      ),
      { numRuns: 500 },
    );
  });
});
