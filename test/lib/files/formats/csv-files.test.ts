import { describe, expect, test } from 'vitest';
import { readAll, refused } from './read-all.ts';

const read = (text: string) => readAll(text, { format: 'csv' });
const bodies = async (text: string) => (await read(text)).records.map(({ body }) => body);

describe('a .csv file', () => {
  test('has a prompt per row, each row an object of its cells', async () => {
    const { head, records } = await read('prompt,sku\nDescribe é,1\n\n"a ""b"", c",\n');
    expect(head).toEqual({
      kind: 'csv',
      defaults: null,
      columns: ['prompt', 'sku'],
      delimiter: ',',
      bom: false,
    });
    expect(records).toEqual([
      { line: 2, end: 25, nextLine: 3, body: { prompt: 'Describe é', sku: '1' } },
      { line: 4, end: 40, nextLine: 5, body: { prompt: 'a "b", c', sku: '' } },
    ]);
  });

  test('is read as a German Excel writes it: semicolons, BOM, CRLF, line breaks in cells', async () => {
    const { head, records } = await read(
      '\uFEFFprompt;temperature;Notiz\r\n"Zeile 1\nZeile 2; ""Zitat""";0,7;Grüße\r\nzwei;1;\r\n',
    );
    expect(head).toMatchObject({ delimiter: ';', bom: true, columns: ['prompt', 'temperature', 'Notiz'] });
    expect(records).toEqual([
      {
        line: 2,
        end: 71,
        nextLine: 4,
        body: { prompt: 'Zeile 1\nZeile 2; "Zitat"', temperature: '0,7', Notiz: 'Grüße' },
      },
      { line: 4, end: 80, nextLine: 5, body: { prompt: 'zwei', temperature: '1', Notiz: '' } },
    ]);
  });

  test.each([
    ['a,b,prompt\n1,2,x', ','],
    ['a;b;prompt\n1;2;x', ';'],
    ['a\tb\tprompt\n1\t2\tx', '\t'],
    ['a|b|prompt\n1|2|x', '|'],
    // The name of a run field outweighs the number of columns.
    ['prompt;a, b, c\nx;1', ';'],
    ['"prompt"|"a,b;c,d"\nx|1', '|'],
    ['name;sku\nx;1', ';'],
    ['sep=|\na;b;c|name\nx|y', '|'],
  ])('that begins with %j has the delimiter %j', async (text, delimiter) => {
    const { head } = await readAll(text, { format: 'csv', sidecar: { request: { prompt: '{{name}}' } } });
    expect(head.delimiter).toBe(delimiter);
  });

  test('of one column needs no quotes around its commas', async () => {
    const { head, records } = await read('prompt\nOne, two; three\n"Four, ""five"""\n');
    expect(head).toMatchObject({ columns: ['prompt'], delimiter: null });
    expect(records.map(({ body }) => body)).toEqual([
      { prompt: 'One, two; three' },
      { prompt: 'Four, "five"' },
    ]);
  });

  test('may lack the last line break, and end in empty rows', async () => {
    expect(await bodies('prompt,a\nx,1\ny,2')).toHaveLength(2);
    expect(await bodies('prompt,a\nx,1\n,\n,,,\n""," "\n')).toEqual([{ prompt: 'x', a: '1' }]);
  });

  test('may contain a quote within a cell, which is kept', async () => {
    expect(await bodies('prompt,a\n5" pipe,say "hi"\n"x"  ,1')).toEqual([
      { prompt: '5" pipe', a: 'say "hi"' },
      { prompt: 'x', a: '1' },
    ]);
  });

  test('may leave out the empty last cells of a row, or write empty ones behind it', async () => {
    expect(
      await bodies('prompt,max_tokens,note\r\none,5,a\r\ntwo\r\nthree,,,,\r\n\r\n,\r\nfour,7\r\n'),
    ).toEqual([
      { prompt: 'one', max_tokens: '5', note: 'a' },
      { prompt: 'two', max_tokens: '', note: '' },
      { prompt: 'three', max_tokens: '', note: '' },
      { prompt: 'four', max_tokens: '7', note: '' },
    ]);
  });

  test('refuses a row with more cells than the header alone, with both numbers and a remedy', async () => {
    const { records } = await read('prompt,a\nx\ny,1,2\nz,1,\nw,1\n');
    expect(records.map(({ line, error }) => [line, error?.code])).toEqual([
      [2, undefined],
      [3, 'invalid_row'],
      [4, undefined],
      [5, undefined],
    ]);
    expect(records[1]?.error?.message).toBe(
      'line 3: the row has 3 cells, the header 2; put quotes around a cell that contains the delimiter',
    );
  });

  test('refuses a row with text after a closing quote alone', async () => {
    const { records } = await read('prompt,a\n1,"x" y\n2,ok\n');
    expect(records[0]?.error).toMatchObject({ code: 'invalid_row', message: /cell 2: .* closing quote/ });
    expect(records[1]?.body).toEqual({ prompt: '2', a: 'ok' });
  });

  test('names the place of a quote that is never closed', async () => {
    const { records } = await read('prompt,a\nx,1\n"y,2\nz,3\n');
    expect(records.map(({ line, error }) => [line, error?.message])).toEqual([
      [2, undefined],
      [3, expect.stringMatching(/^line 3: a quote in this row is never closed/)],
    ]);
  });

  test('finds the row after one over 1 MiB, even one with line breaks in quotes', async () => {
    const long = `"${'word, "" word\n'.repeat(100_000)}"`;
    const { records } = await read(`prompt,a\nx,1\n${long},2\ny,"3"\n`);
    expect(records.map(({ line, error, body }) => [line, error?.code ?? body])).toEqual([
      [2, { prompt: 'x', a: '1' }],
      [3, 'line_too_long'],
      [100_004, { prompt: 'y', a: '3' }],
    ]);
  });

  test('accepts a row of 1 MiB', async () => {
    const row = (bytes: number) => `"${'ü'.repeat((bytes - 4) / 2)}",1`;
    const { records } = await read(`prompt,a\n${row(1024 * 1024)}\n${row(1024 * 1024 + 2)}`);
    expect(records.map(({ error }) => error?.code)).toEqual([undefined, 'line_too_long']);
  });
});

describe('the header of a .csv', () => {
  test('may come after blank lines, with white space, capitals, quotes and line breaks', async () => {
    const { head, records } = await read('\r\n \n Prompt ,"Product\nname",\n x,y,z\n');
    expect(head.columns).toEqual(['Prompt', 'Product\nname', 'column_3']);
    expect(records).toMatchObject([{ line: 5, body: { Prompt: ' x' } }]);
  });

  test.each([
    ['prompt,a,a\n', /names a twice; rename/],
    ['prompt,Prompt\n', /names Prompt twice/],
    ['"prompt,a\nx,1\n', /never closed/],
    [`prompt,${'x'.repeat(70_000)}\n`, /over 65536 characters/],
    [`${'\n'.repeat(300_000)}prompt\nx`, /no header in the first 196608 characters/],
  ])('that reads %j refuses the file', async (text, message) => {
    await expect(read(text)).rejects.toEqual(refused('bad_header', message));
  });

  test('may come after empty rows of cells', async () => {
    const { head, records } = await read(';;\r\n"";"";\r\nprompt;a;\r\nx;1;\r\n');
    expect(head).toMatchObject({ delimiter: ';', columns: ['prompt', 'a', 'column_3'] });
    expect(records).toMatchObject([{ line: 4, body: { prompt: 'x', a: '1', column_3: '' } }]);
  });

  test('may have a quote within an unquoted name', async () => {
    expect((await read('prompt;5" pipe\nx;1\n')).head.columns).toEqual(['prompt', '5" pipe']);
  });

  test.each([
    ['no sidecar can stand beside it', 'Frage, kurz;model\nx;y', undefined],
    ['the file has a name', 'Frage, kurz;model\nx;y', 'faq.csv'],
  ])('without prompts says which template would give some, where %s', async (_, text, name) => {
    const remedy =
      name === undefined
        ? 'give one in defaults, such as {"prompt":"{{Frage, kurz}}"}'
        : 'write faq.csv.defaults.json with {"prompt":"{{Frage, kurz}}"}, then drop faq.csv again';
    await expect(readAll(text, { format: 'csv', name })).rejects.toThrow(
      `there is no column prompt (columns: Frage, kurz, model), and no template; ${remedy}`,
    );
  });

  test('of run fields alone asks for a column prompt', async () => {
    await expect(read('model;{x}\na;b')).rejects.toThrow(
      /and no template; name the column of the prompts prompt/,
    );
  });

  test('without rows is refused as empty', async () => {
    await expect(read('prompt,a\n\n,\n')).rejects.toEqual(refused('empty', /no prompt/));
  });
});
