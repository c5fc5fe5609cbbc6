import { describe, expect, test } from 'vitest';
import { parseSidecar } from '../../../../lib/files/formats/file-defaults.ts';
import type { ReadOptions } from '../../../../lib/files/formats/read-records.ts';
import { toRequest } from '../../../../lib/files/formats/to-request.ts';
import { parseRunRequest } from '../../../../lib/runs/request.ts';
import { bytesOf, readAll, refused } from './read-all.ts';

const linesOf = async (text: string, options: Partial<ReadOptions> = {}) => {
  const { head, records } = await readAll(text, { format: 'jsonl', ...options });
  return records.map((record) => toRequest(record, head));
};
const oneOf = async (text: string, options: Partial<ReadOptions> = {}) => (await linesOf(text, options))[0];
const jsonl = (...lines: unknown[]) => lines.map((line) => JSON.stringify(line)).join('\n');
const defaults = (request: Record<string, unknown>) => ({ sidecar: { request } });

describe('defaults', () => {
  test('apply to each line, and null in a line removes one', async () => {
    const lines = await linesOf(
      jsonl({ defaults: { seed: 1, top_k: 40 } }, { prompt: 'a' }, { prompt: 'b', seed: null }),
    );
    expect(lines.map(({ body }) => body)).toEqual([
      { prompt: 'a', seed: 1, top_k: 40 },
      { prompt: 'b', seed: null, top_k: 40 },
    ]);
  });

  test('may hold the prompt, and a line may still set its own prompt or messages', async () => {
    const lines = await linesOf(
      jsonl(
        { seed: 1 },
        { prompt: 'mine' },
        { messages: [{ role: 'user', content: 'm' }] },
        { prompt: null },
      ),
      defaults({ prompt: 'theirs' }),
    );
    expect(lines.map(({ body }) => body)).toEqual([
      { seed: 1, prompt: 'theirs' },
      { prompt: 'mine' },
      { messages: [{ role: 'user', content: 'm' }] },
      { prompt: 'theirs' },
    ]);
  });

  test('in a later line are an error of that line', async () => {
    const lines = await linesOf(jsonl({ prompt: 'a' }, { defaults: { seed: 1 } }));
    expect(lines[1]?.error).toMatchObject({
      code: 'invalid_input',
      message: /^defaults: stand alone in the first/,
    });
  });

  test('in a sidecar are the fields themselves, or stand under "defaults"', () => {
    const expected = { request: { seed: 1 }, rerun: true };
    expect(parseSidecar(bytesOf('\uFEFF{"seed":1,"rerun":true}'))).toEqual(expected);
    expect(parseSidecar(bytesOf('{"defaults":{"seed":1,"rerun":true}}'))).toEqual(expected);
  });

  test.each([
    ['no JSON', '{"seed":', /defaults\.json is not valid JSON/],
    ['a list', '[]', /must be an object/],
    ['an unknown field', '{"sede":1}', /defaults\.sede: is not a known field/],
    ['another encoding', Buffer.from('{"model":"\u00fc"}', 'latin1'), /not UTF-8/],
    ['bytes that were replaced when it was read', Buffer.from('{"prompt":"Gr\uFFFDn {{a}}"}'), /not UTF-8/],
    ['nothing', '', /not valid JSON/],
  ])('in a sidecar with %s are refused', (_, content, message) => {
    expect(() => parseSidecar(bytesOf(content))).toThrow(
      expect.objectContaining({ code: 'bad_defaults', message: expect.stringMatching(message) }),
    );
  });
});

describe('a template', () => {
  const template = defaults({ prompt: 'Describe {{name}} in {{ words }} words to {{name}}.' });

  test('takes its variables from the line', async () => {
    const line = await oneOf(jsonl({ variables: { name: '{{words}} $& é', words: 7 }, seed: 1 }), template);
    expect(line?.body).toEqual({ prompt: 'Describe {{words}} $& é in 7 words to {{words}} $& é.', seed: 1 });
  });

  test('fills messages, too', async () => {
    const messages = [
      { role: 'system', content: 'You sell {{what}}.' },
      { role: 'user', content: 'Hello' },
    ];
    const line = await oneOf(jsonl({ variables: { what: true } }), defaults({ messages }));
    expect(line?.body).toEqual({ messages: [{ role: 'system', content: 'You sell true.' }, messages[1]] });
  });

  test('uses the prompt of the line for {{prompt}}', async () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: '{{prompt}}' },
    ];
    const options = defaults({ messages });
    const filled = { messages: [messages[0], { role: 'user', content: 'Why?' }] };
    expect((await oneOf(jsonl({ prompt: 'Why?' }), options))?.body).toEqual(filled);
    expect((await oneOf('prompt\nWhy?\n', { format: 'csv', ...options }))?.body).toEqual(filled);
    expect((await oneOf('Why?', { format: 'text', ...options }))?.body).toEqual(filled);
  });

  test('names every variable that a line lacks, as an error of that line', async () => {
    const lines = await linesOf(
      jsonl(
        { variables: { name: 'x' } },
        { variables: { words: null } },
        {},
        { variables: { name: [], words: '' } },
      ),
      template,
    );
    expect(lines.map(({ error }) => [error?.code, error?.errors?.map(({ path }) => path)])).toEqual([
      ['missing_variable', ['variables.words']],
      ['missing_variable', ['variables.name', 'variables.words']],
      ['missing_variable', ['variables.name', 'variables.words']],
      ['missing_variable', ['variables.name', 'variables.words']],
    ]);
    expect(lines[0]?.error?.message).toBe('variables.words: is missing; the template asks for {{words}}');
  });

  test('treats names that every object has as ordinary variables', async () => {
    const line = await oneOf(jsonl({ variables: {} }), defaults({ prompt: '{{constructor}}' }));
    expect(line?.error?.message).toMatch(/^variables\.constructor: is missing/);
  });

  test('that would exceed the size of a prompt is refused before it is filled in', async () => {
    const line = await oneOf(
      jsonl({ variables: { a: 'x'.repeat(500_000) } }),
      defaults({ prompt: '{{a}}'.repeat(100_000) }),
    );
    expect(line?.error?.code).toBe('prompt_too_large');
  });

  test('is read from the defaults alone: braces in a line’s own prompt are literal', async () => {
    expect((await oneOf(jsonl({ prompt: 'What is {{x}} in Jinja?' })))?.body).toEqual({
      prompt: 'What is {{x}} in Jinja?',
    });
    const line = await oneOf(jsonl({ prompt: 'Say {{x}}', variables: { x: '1' } }));
    expect(line?.error).toMatchObject({ code: 'invalid_input', message: /^variables: are for a template/ });
  });
});

describe('a row of a table', () => {
  const row = async (header: string, cells: string, options: Partial<ReadOptions> = {}) =>
    oneOf(`${header}\n${cells}\n`, { format: 'csv', ...options });

  test('becomes typed run fields, and keeps all cells', async () => {
    const line = await row(
      'Prompt|temperature|max_tokens|index|stop|settings|metadata|model|Notiz',
      'Hi|0,7| 50 |FALSE|END|[{"label":"a","top_k":40}]|{"team":"docs"}||x',
    );
    expect(line?.body).toEqual({
      prompt: 'Hi',
      temperature: 0.7,
      max_tokens: 50,
      index: false,
      stop: 'END',
      settings: [{ label: 'a', top_k: 40 }],
      metadata: { team: 'docs' },
    });
    expect(line?.columns).toMatchObject({ Prompt: 'Hi', temperature: '0,7', model: '', Notiz: 'x' });
    expect(parseRunRequest(line?.body, { model: 'm' }).settings).toMatchObject([{ label: 'a', topK: 40 }]);
  });

  test('may have a JSON list of stops, and true as Excel writes it', async () => {
    const line = await row('prompt;stop;logprobs', 'x;"[""A"",""B""]";WAHR');
    expect(line?.body).toEqual({ prompt: 'x', stop: ['A', 'B'], logprobs: true });
  });

  test('has each wrong cell named by its column, and still keeps all cells', async () => {
    const line = await row('prompt,Temperature,max_tokens,index,metadata', 'x,warm,few,maybe,{team}');
    expect(line?.error).toMatchObject({
      code: 'invalid_input',
      errors: [
        { path: 'Temperature', message: 'must be a number, such as 0.7' },
        { path: 'max_tokens', message: 'must be a whole number, such as 60' },
        { path: 'index', message: 'must be true or false' },
        { path: 'metadata', message: 'is not valid JSON; this column takes JSON' },
      ],
    });
    expect(line).toMatchObject({ body: null, columns: { Temperature: 'warm' } });
  });

  test.each(['1.000', '1,000', '-12.000'])(
    'does not read %s as 1 where a whole number is required',
    async (cell) => {
      const line = await row('prompt;max_tokens;temperature', `x;${cell};0.125`);
      expect(line?.error?.errors).toEqual([
        {
          path: 'max_tokens',
          message: 'must be a whole number without a thousands separator, such as 1000',
        },
      ]);
      expect((await row('prompt;max_tokens', 'x;40,00'))?.body).toEqual({ prompt: 'x', max_tokens: 40 });
    },
  );

  test('without a prompt fails alone, naming its empty cell', async () => {
    const line = await row('prompt,city', ',Rome');
    expect(line).toMatchObject({ body: null, columns: { city: 'Rome' } });
    expect(line?.error?.message).toBe(
      'prompt: is empty, and there is no template in a .defaults.json beside the file; fill it in',
    );
  });

  test('fills a template from its other columns; an empty cell counts as missing', async () => {
    const template = defaults({ prompt: 'Describe {{Product name}}.' });
    expect((await row('Product name,seed', 'A lamp,1', template))?.body).toEqual({
      prompt: 'Describe A lamp.',
      seed: 1,
    });
    expect((await row('Product name,seed', ',1', template))?.error?.code).toBe('missing_variable');
  });

  test('without a column that the template needs refuses the whole table', async () => {
    await expect(row('name,seed', 'A lamp,1')).rejects.toEqual(
      refused('bad_header', /no column prompt.*template/),
    );
  });
});

describe('a line that is not a request', () => {
  test.each([7, null, 'text', ['a'], true])(
    'such as %j is an error of that line, with the remedy',
    async (body) => {
      const lines = await linesOf(jsonl(body, { prompt: 'x' }));
      expect(lines[0]?.error).toMatchObject({
        code: 'invalid_input',
        message: /must be a JSON object, such as/,
      });
      expect(lines[1]?.body).toEqual({ prompt: 'x' });
    },
  );

  test('keeps the error and the place found while reading', async () => {
    expect(await oneOf('\n{oops')).toEqual({
      line: 2,
      body: null,
      error: expect.objectContaining({ code: 'invalid_json' }),
    });
  });

  test('because of a __proto__ key is refused by parseRunRequest, and changes no prototype', async () => {
    const line = await oneOf('{"prompt":"x","__proto__":{"polluted":true}}', defaults({ seed: 1 }));
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(() => parseRunRequest(line?.body, { model: 'm' })).toThrow('__proto__');
  });
});
