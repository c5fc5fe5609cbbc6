import { describe, expect, test } from 'vitest';
import { toRequest } from '../../../../lib/files/formats/to-request.ts';
import { readAll, refused } from './read-all.ts';

const read = (text: string) => readAll(text, { format: 'text' });
const requestOf = async (text: string) => {
  const { head, records } = await read(text);
  return records.map((record) => toRequest(record, head).body);
};

describe('a .txt or .md file', () => {
  test('is one prompt, with its lines, trimmed of white space', async () => {
    const { head, records } = await read('  Explain this.\n\nAnd that. \n');
    expect(head).toEqual({ kind: 'text', defaults: null, columns: null, delimiter: null, bom: false });
    expect(records).toEqual([
      { line: 1, end: 28, nextLine: 2, body: { prompt: 'Explain this.\n\nAnd that.' } },
    ]);
  });

  test('may have CRLF and a byte order mark, and gives the same prompt', async () => {
    const { head, records } = await read('\uFEFFone\r\ntwo\r\n');
    expect(head.bom).toBe(true);
    expect(records).toEqual([{ line: 1, end: 13, nextLine: 2, body: { prompt: 'one\ntwo' } }]);
  });

  test('may begin with a front matter of run fields', async () => {
    const front = [
      '---',
      'model: gpt-6-luna # the small one',
      'temperature: 0.7',
      'stop: [END, "\\n\\n"]',
      'metadata:',
      '  team: docs',
      'settings:',
      '  - label: wide',
      '    top_k: 40',
      '---',
      '# Title',
      '',
      '---',
      'Text.',
    ];
    for (const ending of ['\n', '\r\n']) {
      expect(await requestOf(front.join(ending))).toEqual([
        {
          prompt: '# Title\n\n---\nText.',
          model: 'gpt-6-luna',
          temperature: 0.7,
          stop: ['END', '\n\n'],
          metadata: { team: 'docs' },
          settings: [{ label: 'wide', top_k: 40 }],
        },
      ]);
    }
  });

  test('may have fields of the file in its front matter', async () => {
    const { head } = await read('---\nrerun: true\nmax_cost_usd: 0.5\n---\nHello');
    expect(head.defaults).toEqual({ rerun: true, max_cost_usd: 0.5, request: {} });
  });

  test.each([
    ['a rule that is never closed', '---\nsome text\nmore'],
    ['a rule further down', 'some text\n---\nmore\n---\nend'],
    ['an empty line above its rules', '\n---\na: b\n---\nend'],
  ])('with %s has no front matter', async (_, text) => {
    expect(await requestOf(text)).toEqual([{ prompt: text.trim() }]);
  });

  test('keeps the other fields of its front matter as they are written, lists and objects as JSON', async () => {
    const front = [
      'title: "On vector databases"',
      'date: 2026-10-01',
      'version: 1.10',
      'draft: false',
      'empty:',
      'tags: [a, b]',
      'author:',
      '  name: Ada',
      'constructor: x',
      '__proto__: y',
      'max_tokens: 20',
      'Temperature: 0.5',
    ].join('\n');
    const { head, records } = await read(`---\n${front}\n---\nText.`);
    const [line] = records.map((record) => toRequest(record, head));
    expect(line?.body).toEqual({ prompt: 'Text.', max_tokens: 20, temperature: 0.5 });
    expect(Object.entries(line?.columns ?? {})).toEqual([
      ['title', 'On vector databases'],
      ['date', '2026-10-01'],
      ['version', '1.10'],
      ['draft', 'false'],
      ['empty', ''],
      ['tags', '["a","b"]'],
      ['author', '{"name":"Ada"}'],
      ['constructor', 'x'],
      ['__proto__', 'y'],
    ]);
  });

  test('gives the other fields of its front matter to a template beside it', async () => {
    const sidecar = { request: { prompt: 'Sum up {{title}} ({{date}}): {{prompt}}' } };
    const { head, records } = await readAll('---\ntitle: On caches\ndate: 2026-10-01\n---\nThey are.', {
      ...{ format: 'text', sidecar },
    });
    expect(records.map((record) => toRequest(record, head).body)).toEqual([
      { prompt: 'Sum up On caches (2026-10-01): They are.' },
    ]);
    const bare = await readAll('They are.', { format: 'text', sidecar });
    expect(bare.records.map((record) => toRequest(record, bare.head).error?.code)).toEqual([
      'missing_variable',
    ]);
  });

  test('may have an empty front matter', async () => {
    expect(await requestOf('---\n---\nHello')).toEqual([{ prompt: 'Hello' }]);
  });

  test('follows the YAML core schema in its front matter: yes is a string, not true', async () => {
    await expect(read('---\nindex: yes\n---\nHello')).rejects.toEqual(
      refused('bad_header', /front matter\.index/),
    );
  });

  test.each([
    ['a value out of range', 'temperature: 3', /front matter\.temperature: .*from 0 to 2/],
    ['a prompt of its own', 'prompt: x', /front matter\.prompt: leave it out; .* is the prompt/],
    ['a stream', 'stream: true', /front matter\.stream/],
    ['a broken line', 'model: gpt\ntop_p: [1', /line \d.*begin the file with an empty line/],
    ['prose', 'Once upon a time', /must be an object of fields; .*begin the file with an empty line/],
    ['an alias bomb', 'a: &a [1,1]\nb: &b [*a,*a]\nstop: [*b,*b]', /not valid YAML/],
    ['a field named twice', 'seed: 1\nseed: 2', /not valid YAML/],
  ])('with %s in its front matter is refused with the reason', async (_, yaml, message) => {
    await expect(read(`---\n${yaml}\n---\nHello`)).rejects.toEqual(refused('bad_header', message));
  });

  test('with a front matter alone is refused as empty', async () => {
    await expect(read('---\nseed: 1\n---\n \n')).rejects.toEqual(refused('empty', /no prompt/));
  });
});
