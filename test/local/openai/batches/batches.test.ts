import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OpenaiServer, startOpenai } from '../../../../local/openai/server.ts';
import { pollUntil } from '../../../../tools/poll-until.ts';
import { MODEL_CACHE } from '../../../fixtures/model-cache.ts';

const LIMIT_MS = 50_000;
let dataDir: string;
let server: OpenaiServer;
let client: OpenAI;

const start = async (options: { batchMaxLines?: number } = {}) => {
  server = await startOpenai({ pace: 0, cacheDir: MODEL_CACHE, dataDir, ...options });
  client = new OpenAI({ apiKey: server.apiKey, baseURL: server.url, maxRetries: 0 });
};
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'everytoken-test-'));
});
afterEach(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const line = (id: string, body: object = {}) => ({
  custom_id: id,
  method: 'POST',
  url: '/v1/chat/completions',
  body: {
    model: 'everytoken-ngram',
    messages: [{ role: 'user', content: `What is an index of ${id}?` }],
    max_tokens: 8,
    ...body,
  },
});
const submit = async (
  lines: object[],
  metadata: Record<string, string> = {},
  endpoint: '/v1/chat/completions' | '/v1/responses' = '/v1/chat/completions',
) => {
  const text = lines.map((each) => `${JSON.stringify(each)}\n`).join('');
  const file = await client.files.create({
    file: await toFile(Buffer.from(text), 'in.jsonl'),
    purpose: 'batch',
    expires_after: { anchor: 'created_at', seconds: 3600 },
  });
  return client.batches.create({
    input_file_id: file.id,
    endpoint,
    completion_window: '24h',
    metadata,
  });
};
const ended = (id: string) =>
  pollUntil(
    `the end of ${id}`,
    async () => {
      const batch = await client.batches.retrieve(id);
      return ['completed', 'expired', 'cancelled', 'failed'].includes(batch.status) ? batch : undefined;
    },
    LIMIT_MS,
  );
const rowsOf = async (fileId: string | undefined) => {
  const content = await (await client.files.content(fileId ?? '')).text();
  return content
    .trimEnd()
    .split('\n')
    .map((row) => JSON.parse(row));
};

describe('batches of the local server', () => {
  test('answer each line with a chat completion, and bad lines with the error of a single request', async () => {
    await start();
    const created = await submit([line('a'), line('b'), line('c', { temperature: 9 })], { who: 'me' });
    expect(created).toMatchObject({ object: 'batch', status: 'validating', metadata: { who: 'me' } });
    const batch = await ended(created.id);
    expect(batch.status).toBe('completed');
    expect(batch.request_counts).toEqual({ total: 3, completed: 2, failed: 1 });
    const answers = await rowsOf(batch.output_file_id);
    expect(answers.map(({ custom_id }) => custom_id)).toEqual(['a', 'b']);
    expect(answers[0].response).toMatchObject({
      status_code: 200,
      body: { object: 'chat.completion', usage: { completion_tokens: 8 } },
    });
    const [failed] = await rowsOf(batch.error_file_id);
    expect(failed).toMatchObject({
      custom_id: 'c',
      response: { status_code: 400, body: { error: { param: 'temperature' } } },
    });
  });

  test('answer lines with schemas and functions as single requests are answered', async () => {
    await start();
    const schema = { type: 'object', properties: { is: { const: 1 } }, required: ['is'] };
    const lines = [
      line('schema', { response_format: { type: 'json_schema', json_schema: { name: 'a', schema } } }),
      line('call', { tools: [{ type: 'function', function: { name: 'make_index' } }] }),
      line('bad', { tools: [{ type: 'function', function: { name: 'no name' } }] }),
    ];
    const batch = await ended((await submit(lines)).id);
    const answers = await rowsOf(batch.output_file_id);
    expect(answers.map(({ response }) => response.body.choices[0])).toMatchObject([
      { finish_reason: 'stop', message: { content: '{"is":1}' } },
      { finish_reason: 'tool_calls', message: { tool_calls: [{ function: { arguments: '{}' } }] } },
    ]);
    expect(await rowsOf(batch.error_file_id)).toMatchObject([
      { custom_id: 'bad', response: { body: { error: { param: 'tools[0].function.name' } } } },
    ]);
  });

  test('that expire keep the finished lines, and name the others', async () => {
    await start({ batchMaxLines: 1 });
    const batch = await ended((await submit([line('a'), line('b')])).id);
    expect(batch.status).toBe('expired');
    expect((await rowsOf(batch.output_file_id)).map(({ custom_id }) => custom_id)).toEqual(['a']);
    expect(await rowsOf(batch.error_file_id)).toMatchObject([
      { custom_id: 'b', response: null, error: { code: 'batch_expired' } },
    ]);
  });

  test('fail as a whole when a line is malformed, naming it', async () => {
    await start();
    const batch = await ended((await submit([line('a'), { ...line('b'), url: '/v1/embeddings' }])).id);
    expect(batch).toMatchObject({
      status: 'failed',
      errors: { data: [{ code: 'mismatched_endpoint', line: 2 }] },
    });
  });

  test('continue after a restart, and are listed newest first', async () => {
    await start();
    const lines = Array.from({ length: 40 }, (_, at) => line(`line-${at}`, { max_tokens: 40 }));
    const { id } = await submit(lines);
    await pollUntil(
      'the first lines',
      async () => (await client.batches.retrieve(id)).status !== 'validating',
      LIMIT_MS,
    );
    await server.close();
    await start();
    const batch = await ended(id);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 40, completed: 40 } });
    const ids = (await rowsOf(batch.output_file_id)).map(({ custom_id }) => custom_id);
    expect(ids).toEqual(lines.map(({ custom_id }) => custom_id));
    const listed: string[] = [];
    for await (const each of client.batches.list({ limit: 1 })) listed.push(each.id);
    expect(listed).toEqual([id]);
  });

  test('can be cancelled, and keep the finished lines', async () => {
    await start();
    const lines = Array.from({ length: 500 }, (_, at) => line(`line-${at}`, { max_tokens: 100 }));
    const { id } = await submit(lines);
    expect((await client.batches.cancel(id)).status).toBe('cancelling');
    const batch = await ended(id);
    expect(batch.status).toBe('cancelled');
    await expect(client.batches.cancel(id)).rejects.toMatchObject({ status: 409 });
  });

  test('answer lines of the Responses API with responses', async () => {
    await start();
    const body = { model: 'everytoken-ngram', input: 'What is an index?', max_output_tokens: 16 };
    const lines = ['a', 'b'].map((custom_id) => ({ custom_id, method: 'POST', url: '/v1/responses', body }));
    const created = await submit(lines, {}, '/v1/responses');
    const batch = await ended(created.id);
    expect(batch).toMatchObject({ endpoint: '/v1/responses', request_counts: { completed: 2, failed: 0 } });
    for (const { response } of await rowsOf(batch.output_file_id))
      expect(response).toMatchObject({
        status_code: 200,
        body: { object: 'response', status: 'incomplete' },
      });
    const mixed = await ended((await submit([line('c')], {}, '/v1/responses')).id);
    expect(mixed.errors?.data).toMatchObject([{ code: 'mismatched_endpoint' }]);
  });

  test('require an existing input file', async () => {
    await start();
    const create = client.batches.create({
      input_file_id: 'file-none',
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    await expect(create).rejects.toMatchObject({ status: 404 });
  });
});

describe('files of the local server', () => {
  test('can be read and deleted', async () => {
    await start();
    const { id } = await client.files.create({
      file: await toFile(Buffer.from('{"ö":1}\n'), 'ö.jsonl'),
      purpose: 'batch',
    });
    expect(await client.files.retrieve(id)).toMatchObject({
      bytes: 9,
      filename: 'ö.jsonl',
      purpose: 'batch',
    });
    expect(await (await client.files.content(id)).text()).toBe('{"ö":1}\n');
    const { data } = await client.files.list();
    expect(data.map((file) => file.id)).toEqual([id]);
    await client.files.delete(id);
    await expect(client.files.retrieve(id)).rejects.toMatchObject({ status: 404 });
  });

  test('are listed page by page, each with its first and last id', async () => {
    await start();
    const upload = async () => toFile(Buffer.from('{}\n'), 'x.jsonl');
    const created: string[] = [];
    for (let count = 0; count < 3; count += 1)
      created.push((await client.files.create({ file: await upload(), purpose: 'batch' })).id);
    const headers = { authorization: `Bearer ${server.apiKey}` };
    type Page = { data: { id: string }[] };
    const answer = async (query: string) =>
      (await (await fetch(`${client.baseURL}/files${query}`, { headers })).json()) as Page;
    const all = await answer('');
    const ids = all.data.map(({ id }) => id);
    expect(ids.toSorted()).toEqual(created.toSorted());
    expect(all).toMatchObject({ object: 'list', first_id: ids[0], last_id: ids[2], has_more: false });
    expect(await answer('?limit=2')).toMatchObject({ first_id: ids[0], last_id: ids[1], has_more: true });
    expect(await answer(`?after=${ids[2]}`)).toMatchObject({ data: [], first_id: null, last_id: null });
    const listed: string[] = [];
    for await (const { id } of client.files.list({ limit: 1 })) listed.push(id);
    expect(listed).toEqual(ids);
  });
});
