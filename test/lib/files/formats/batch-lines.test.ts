import { describe, expect, test } from 'vitest';
import { toRequest } from '../../../../lib/files/formats/to-request.ts';
import { parseRunRequest } from '../../../../lib/runs/request.ts';
import { readAll, refused } from './read-all.ts';

const BODY = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] };
const LINE = { custom_id: 'one', method: 'POST', url: '/v1/chat/completions', body: BODY };

const read = async (line: Record<string, unknown>) => {
  const { head, records } = await readAll(JSON.stringify(line), { format: 'jsonl' });
  const made = records.map((record) => toRequest(record, head))[0];
  return { ...made, places: made?.error?.errors?.map(({ path }) => path) };
};
const withBody = (fields: Record<string, unknown>) => read({ ...LINE, body: { ...BODY, ...fields } });

describe('a line for the Batch API', () => {
  test('is a run request with its custom_id', async () => {
    const line = await read(LINE);
    expect(line).toMatchObject({ line: 1, customId: 'one', body: BODY });
    expect(line.columns).toBeUndefined();
  });

  test('that is no object is told what a line has', async () => {
    const { head, records } = await readAll(`${JSON.stringify(LINE)}\n[1]\n7`, { format: 'jsonl' });
    const messages = records.map((record) => toRequest(record, head).error?.message);
    const remedy = 'must be a JSON object with custom_id, method, url and body';
    expect(messages).toEqual([undefined, remedy, remedy]);
  });

  test('is kept whole: run fields become run fields, the rest goes to the model unchanged', async () => {
    const schema = { type: 'json_schema', json_schema: { name: 'x', schema: {} } };
    const { body } = await withBody({
      max_completion_tokens: 50,
      temperature: 0.2,
      response_format: schema,
      n: 1,
      stream: false,
      stream_options: null,
      seed: null,
      metadata: { team: 'docs' },
      logit_bias: { 50256: -100 },
      store: null,
      user: 'u',
      tools: [{ type: 'function', function: { name: 'f' } }],
    });
    expect(body).toEqual({
      ...BODY,
      max_tokens: 50,
      temperature: 0.2,
      response_format: schema,
      seed: null,
      metadata: { team: 'docs' },
      tools: [{ type: 'function', function: { name: 'f' } }],
      extra_body: { logit_bias: { 50256: -100 }, user: 'u' },
    });
    expect(parseRunRequest(body, { model: 'm' }).settings).toMatchObject([
      { maxTokens: 50, temperature: 0.2 },
    ]);
  });

  test('may have messages of several text parts, which are joined, with nulls between', async () => {
    const content = [
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
    ];
    const { body } = await withBody({
      messages: [{ role: 'user', content, name: null, refusal: null }],
    });
    expect(body).toEqual(BODY);
  });

  test.each([
    [{ ...LINE, url: '/v1/embeddings' }, ['url']],
    [{ ...LINE, url: 'https://api.openai.com/v1/chat/completions' }, ['url']],
    [{ ...LINE, method: 'GET' }, ['method']],
    [{ ...LINE, custom_id: '' }, ['custom_id']],
    [{ ...LINE, custom_id: 7 }, ['custom_id']],
    [{ ...LINE, custom_id: '\ud800' }, ['custom_id']],
    [{ ...LINE, custom_id: 'x'.repeat(513) }, ['custom_id']],
    [{ ...LINE, body: null }, ['body']],
    [{ ...LINE, priority: 1 }, ['priority']],
    [{ url: '/v1/responses' }, ['custom_id', 'method', 'url', 'body']],
  ])('such as %j is refused, with each wrong field named', async (line, places) => {
    const made = await read(line);
    expect(made.body).toBeNull();
    expect(made.error?.code).toBe('invalid_input');
    expect(made.places).toEqual(places);
  });

  test.each([
    [{ model: null }, ['body.model']],
    [{ stream: true }, ['body.stream']],
    [{ n: 2 }, ['body.n']],
    [{ store: false }, ['body.store']],
    [{ extra_body: 'x' }, ['body.extra_body']],
    [{ stream_options: { include_usage: true } }, ['body.stream_options']],
    [{ max_tokens: 1, max_completion_tokens: 1 }, ['body.max_tokens']],
    [{ messages: [] }, ['body.messages']],
    [{ messages: 'Hello' }, ['body.messages']],
    [{ prompt: 'x', settings: [], samples: 2 }, ['body.prompt', 'body.settings', 'body.samples']],
    [
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'What is this?' },
              { type: 'image_url', image_url: {} },
            ],
          },
        ],
      },
      ['body.messages.0.content.1'],
    ],
  ])('with %j in its body is refused, with each wrong field named', async (fields, places) => {
    expect((await withBody(fields)).places).toEqual(places);
  });

  test('may be completed by defaults', async () => {
    const text = [{ defaults: { temperature: 0, max_tokens: 9 } }, LINE]
      .map((line) => JSON.stringify(line))
      .join('\n');
    const { head, records } = await readAll(text, { format: 'jsonl' });
    expect(head.kind).toBe('batch');
    expect(records.map((record) => toRequest(record, head).body)).toEqual([
      { ...BODY, temperature: 0, max_tokens: 9 },
    ]);
  });

  test('has one answer, so defaults for several refuse the file', async () => {
    for (const field of ['settings', 'samples']) {
      const sidecar = { request: { [field]: field === 'samples' ? 2 : [{ label: 'a' }] } };
      await expect(readAll(JSON.stringify(LINE), { format: 'jsonl', sidecar })).rejects.toEqual(
        refused('bad_defaults', new RegExp(`defaults\\.${field}: .* one answer`)),
      );
    }
  });
});
