import { describe, expect, test } from 'vitest';
import { readAll, refused } from './read-all.ts';

const read = (text: string) => readAll(text, { format: 'jsonl' });
const MIB = 1024 * 1024;

describe('a .jsonl file', () => {
  test('has a run request per line, numbered from 1, with the offset of the byte after each', async () => {
    const { head, records } = await read('{"prompt":"é"}\n\n  \n{"prompt":"two","top_k":40}');
    expect(head).toEqual({ kind: 'requests', defaults: null, columns: null, delimiter: null, bom: false });
    expect(records).toEqual([
      { line: 1, end: 16, nextLine: 2, body: { prompt: 'é' } },
      { line: 4, end: 47, nextLine: 5, body: { prompt: 'two', top_k: 40 } },
    ]);
  });

  test('may have CRLF and byte order marks, also in the middle of concatenated files', async () => {
    const { head, records } = await read('\uFEFF{"prompt":"one"}\r\n\uFEFF{"prompt":"two"}\r\n');
    expect(head.bom).toBe(true);
    expect(records.map(({ body }) => body)).toEqual([{ prompt: 'one' }, { prompt: 'two' }]);
    expect(records.map(({ end }) => end)).toEqual([21, 42]);
  });

  test('reports a bad line by its number, and goes on', async () => {
    const { records } = await read('{"prompt":"one"}\n{"prompt":\n{"prompt":"three"}\n');
    expect(records.map(({ line, error }) => [line, error?.code])).toEqual([
      [1, undefined],
      [2, 'invalid_json'],
      [3, undefined],
    ]);
    expect(records[1]).toMatchObject({ body: null, error: { message: 'line 2 is not valid JSON' } });
  });

  test('accepts a line of 1 MiB and refuses a longer one alone', async () => {
    const line = (bytes: number) => `{"prompt":"${'x'.repeat(bytes - 13)}"}`;
    const { records } = await read(`${line(MIB)}\n${line(MIB + 1)}\n${line(MIB)}\r\n${line(MIB + 1)}`);
    expect(records.map(({ error }) => error?.code)).toEqual([
      undefined,
      'line_too_long',
      // Its CR counts.
      'line_too_long',
      'line_too_long',
    ]);
    expect(records[1]?.error?.message).toMatch(/line 2 is over 1048576 bytes; make it shorter/);
  });

  test('refuses a line that is nested too deeply', async () => {
    const { records } = await read(`${'['.repeat(100_000)}${']'.repeat(100_000)}\n{"prompt":"x"}`);
    expect(records.map(({ error }) => error?.code)).toEqual(['invalid_json', undefined]);
  });

  test('that is one JSON value over many lines is refused with the extension it should have', async () => {
    for (const text of ['[\n {"prompt":"one"},\n {"prompt":"two"}\n]', '{\n "prompt":"one"\n}\n']) {
      await expect(read(text)).rejects.toEqual(refused('invalid_json', /\.json/));
    }
  });
});

describe('the first line of a .jsonl', () => {
  test('may hold defaults, and is then no record', async () => {
    const { head, records } = await read(
      '\n{"defaults":{"model":"m","top_k":null,"max_cost_usd":2.5,"dry_run":true}}\r\n{"prompt":"one"}\n',
    );
    expect(head.defaults).toEqual({ request: { model: 'm' }, max_cost_usd: 2.5, dry_run: true });
    expect(records.map(({ line, body }) => [line, body])).toEqual([[3, { prompt: 'one' }]]);
  });

  test('overrides a sidecar, field by field, and its template', async () => {
    const { head } = await readAll('{"defaults":{"model":"own","prompt":"{{a}}"}}\n{"variables":{"a":"1"}}', {
      format: 'jsonl',
      sidecar: { request: { model: 'beside', seed: 1, messages: [] }, rerun: true },
    });
    expect(head.defaults).toEqual({ request: { model: 'own', seed: 1, prompt: '{{a}}' }, rerun: true });
  });

  test.each([
    ['{"defaults":{"temprature":1}}', /^defaults\.temprature: is not a known field$/],
    [
      '{"defaults":{"temperature":3,"rerun":"yes"}}',
      /defaults\.temperature: .*defaults\.rerun: must be true/,
    ],
    ['{"defaults":{"max_cost_usd":0}}', /defaults\.max_cost_usd: must be an amount in USD above 0/],
    ['{"defaults":{"stream":true}}', /defaults\.stream: .*cannot be streamed/],
    ['{"defaults":{"store":false}}', /defaults\.store: must not be false/],
    ['{"defaults":{"conversation":"x"}}', /defaults\.conversation: is a field of POST/],
    ['{"defaults":{"prompt":"a","messages":[{"role":"user","content":"b"}]}}', /either prompt or messages/],
    ['{"defaults":[]}', /must be an object/],
    ['{"defaults":{"seed":1},"prompt":"x"}', /no other fields beside them/],
    ['{"defaults":{"seed":1}', /line 1, the defaults, is not valid JSON/],
    ['{"defaults":{"__proto__":{}}}', /__proto__/],
  ])('with %s refuses the file before anything is paid for', async (line, message) => {
    await expect(read(`${line}\n{"prompt":"one"}\n`)).rejects.toEqual(refused('bad_defaults', message));
  });

  test('with more than 64 KiB of stop, response_format and extra_body refuses the file, since every line repeats them', async () => {
    const line = JSON.stringify({ defaults: { extra_body: { x: 'x'.repeat(70_000) } } });
    await expect(read(`${line}\n{"prompt":"one"}\n`)).rejects.toEqual(
      refused('bad_defaults', /defaults\.extra_body: .* at most 65536 are allowed/),
    );
  });

  test('with defaults that are too long refuses the file', async () => {
    const line = `{"defaults":{"prompt":"${'x'.repeat(MIB)}"}}`;
    await expect(read(`${line}\n{"prompt":"one"}\n`)).rejects.toEqual(
      refused('bad_defaults', /over 1048576 bytes/),
    );
  });

  test('with defaults and no line after it is refused as empty', async () => {
    await expect(read('{"defaults":{"seed":1}}\n')).rejects.toEqual(refused('empty'));
  });
});

describe('lines for the Batch API', () => {
  const line = (id: unknown) =>
    JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/chat/completions', body: {} });

  test('are recognised by the first line that is JSON, and keep their custom_ids', async () => {
    const { head, records } = await read(`oops\n${line('a')}\n{"prompt":"x"}\n${line('b')}\n`);
    expect(head.kind).toBe('batch');
    expect(records.map(({ customId, error }) => customId ?? error?.code)).toEqual([
      'invalid_json',
      'a',
      undefined,
      'b',
    ]);
  });

  test('fail alone when their custom_id was used before, also by a bad line', async () => {
    const seen = new Set<string>();
    const { records } = await readAll([line('a'), line(1), line('a'), line('b')].join('\n'), {
      format: 'jsonl',
      seen,
    });
    expect(records.map(({ customId, error }) => [customId, error?.code])).toEqual([
      ['a', undefined],
      [undefined, undefined],
      ['a', 'duplicate_custom_id'],
      ['b', undefined],
    ]);
    expect(seen.size).toBe(2);
  });

  test('after a thousand unreadable ones are read as run requests', async () => {
    const { head, records } = await read(`${'oops\n'.repeat(1_000)}${line('a')}\n`);
    expect(head.kind).toBe('requests');
    expect(records).toHaveLength(1_001);
  });
});
