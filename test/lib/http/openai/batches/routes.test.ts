import OpenAI, { toFile } from 'openai';
import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import {
  batchListSchema,
  batchResultSchema,
  batchSchema,
  deletedFileSchema,
  fileObjectListSchema,
  fileObjectSchema,
} from '../../../../../lib/http/openai/batches/schemas.ts';
import { MAX_FORM_BYTES } from '../../../../../lib/http/openai/batches/upload-form.ts';
import { openaiSdk } from '../../../../fixtures/openai-sdk.ts';
import { makeWorldApi } from '../../../../memory/world-api.ts';
import { chatLine, makeBatchWorld } from '../../../batches/batch-world.ts';
import { jsonLines } from '../../../files/file-world.ts';
import { propertiesOf } from '../sdk-properties.ts';

const setUp = (caller?: string) => {
  const world = makeBatchWorld();
  const { api } = makeWorldApi(world, {}, caller);
  return { world, api, openai: openaiSdk(api) };
};

/** A value whose fields are exactly those of its published schema. */
const expectShape = (schema: z.ZodType, value: unknown) =>
  expect(schema.parse(JSON.parse(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)));

const lines = [chatLine('a', 'one'), chatLine('b', 'fail'), chatLine('c', 'zwei Häuser')];
const upload = async (openai: OpenAI, ...own: unknown[]) =>
  openai.files.create({
    file: await toFile(Buffer.from(jsonLines(...(own.length > 0 ? own : lines))), 'Häuser.jsonl'),
    purpose: 'batch',
  });
const create = (openai: OpenAI, input_file_id: string) =>
  openai.batches.create({
    ...{ input_file_id, endpoint: '/v1/chat/completions', completion_window: '24h' },
    metadata: { team: 'docs' },
  });

describe('OpenAI’s SDK with only its base URL changed', () => {
  test('stores a file, and lists, reads and deletes it', async () => {
    const { openai, api } = setUp();
    const file = await upload(openai);
    expectShape(fileObjectSchema, file);
    expect(file).toMatchObject({ object: 'file', purpose: 'batch', filename: 'Häuser.jsonl' });
    expect(file.bytes).toBe(Buffer.byteLength(jsonLines(...lines)));
    expect(await openai.files.retrieve(file.id)).toEqual(file);
    const page = await openai.files.list();
    expectShape(fileObjectListSchema, await (await api.request('/v1/files')).json());
    expect(page.data).toEqual([file]);
    expect(await (await openai.files.content(file.id)).text()).toBe(jsonLines(...lines));
    expectShape(deletedFileSchema, await openai.files.delete(file.id));
    await expect(openai.files.retrieve(file.id)).rejects.toMatchObject({ status: 404, code: 'not_found' });
    await expect(openai.files.delete(file.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  test('creates a batch, reads it until it has ended, and downloads its output and its errors', async () => {
    const { openai, world } = setUp();
    const batch = await create(openai, (await upload(openai)).id);
    expectShape(batchSchema, batch);
    expect(batch).toMatchObject({ status: 'validating', metadata: { team: 'docs' } });
    expect(await openai.files.waitForProcessing(batch.input_file_id)).toMatchObject({ status: 'processed' });
    await world.finish();
    const ended = await openai.batches.retrieve(batch.id);
    expectShape(batchSchema, ended);
    expect(ended).toMatchObject({
      status: 'completed',
      request_counts: { total: 3, completed: 2, failed: 1 },
    });
    const rowsOf = async (id: string | null | undefined) =>
      (await (await openai.files.content(id ?? '')).text())
        .trimEnd()
        .split('\n')
        .map((row) => JSON.parse(row));
    const output = await rowsOf(ended.output_file_id);
    for (const row of output) batchResultSchema.parse(row);
    expect(output.map((row) => row.response.body.choices[0].message.content)).toEqual([
      'About one',
      'About zwei Häuser',
    ]);
    expect(await rowsOf(ended.error_file_id)).toMatchObject([
      { custom_id: 'b', response: null, error: { code: 'server_error' } },
    ]);
    expect(await openai.files.retrieve(ended.output_file_id ?? '')).toMatchObject({
      purpose: 'batch_output',
      filename: `${batch.id}_output.jsonl`,
      bytes: expect.any(Number),
    });
  });

  test('goes through all pages of batches and of files', async () => {
    const { openai, world, api } = setUp();
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      await world.clock.advance(1_000);
      ids.unshift((await create(openai, (await upload(openai)).id)).id);
    }
    const seen: string[] = [];
    for await (const { id } of openai.batches.list({ limit: 2 })) seen.push(id);
    expect(seen).toEqual(ids);
    const page = await openai.batches.list({ limit: 2 });
    expect(page.data.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expectShape(batchListSchema, await (await api.request('/v1/batches')).json());
    const files: string[] = [];
    for await (const { filename } of openai.files.list({ limit: 2, purpose: 'batch' })) files.push(filename);
    expect(files).toHaveLength(3);
  });

  test('cancels a batch', async () => {
    const { openai, world } = setUp();
    const batch = await create(openai, (await upload(openai)).id);
    await world.announce();
    expect(await openai.batches.cancel(batch.id)).toMatchObject({ id: batch.id, status: 'cancelling' });
    await world.clock.advance(30_000);
    await world.finish();
    expect(await openai.batches.retrieve(batch.id)).toMatchObject({ status: 'cancelled' });
  });

  test('gets the same batch for the same Idempotency-Key', async () => {
    const { openai } = setUp();
    const { id } = await upload(openai);
    const body = { input_file_id: id, endpoint: '/v1/chat/completions', completion_window: '24h' } as const;
    const headers = { 'Idempotency-Key': 'k' };
    const first = await openai.batches.create(body, { headers });
    const { data, response } = await openai.batches.create(body, { headers }).withResponse();
    expect(data.id).toBe(first.id);
    expect(response.headers.get('idempotent-replayed')).toBe('true');
  });

  test('finds nothing of another caller', async () => {
    const { openai, world } = setUp('mine');
    const file = await upload(openai);
    const batch = await create(openai, file.id);
    const { api } = makeWorldApi(world, {}, 'other');
    const other = openaiSdk(api);
    expect((await other.files.list()).data).toEqual([]);
    expect((await other.batches.list()).data).toEqual([]);
    for (const asked of [
      other.files.retrieve(file.id),
      other.files.content(file.id),
      other.files.delete(file.id),
      other.batches.retrieve(batch.id),
      other.batches.cancel(batch.id),
    ])
      await expect(asked).rejects.toMatchObject({ status: 404 });
    await expect(create(other, file.id)).rejects.toMatchObject({ status: 400, param: 'input_file_id' });
  });
});

describe('a batch and a file', () => {
  test('have every field that OpenAI’s SDK names', async () => {
    const { openai } = setUp();
    const file = await upload(openai);
    const batch = await create(openai, file.id);
    const own = { model: 'is that of each line' };
    expect(propertiesOf('FileObject', 'files.d.ts').filter((name) => !(name in file))).toEqual([]);
    expect(propertiesOf('Batch', 'batches.d.ts').filter((name) => !(name in { ...batch, ...own }))).toEqual(
      [],
    );
  });
});

describe('POST /v1/files', () => {
  const form = (fields: Record<string, string | File>) => async (): Promise<RequestInit> => {
    const made = new FormData();
    for (const [name, value] of Object.entries(fields)) made.append(name, value);
    const encoded = new Response(made);
    const { headers } = encoded;
    return { method: 'POST', headers, body: await encoded.arrayBuffer() };
  };
  const twice = (name: string) => async (): Promise<RequestInit> => {
    const made = new FormData();
    made.append('file', file);
    made.append('purpose', 'batch');
    made.append(name, name === 'file' ? file : 'fine-tune');
    const { headers, body } = new Response(made);
    return { method: 'POST', headers, body: await new Response(body).arrayBuffer() };
  };
  const raw = (body: string, type: string) => async (): Promise<RequestInit> => ({
    method: 'POST',
    headers: { 'content-type': type },
    body,
  });
  const file = new File(['{}\n'], 'a.jsonl');

  test.each<[string, () => Promise<RequestInit>, number, string | null, string]>([
    ['another purpose', form({ file, purpose: 'fine-tune' }), 400, 'purpose', 'must be "batch"'],
    ['two purposes', twice('purpose'), 400, 'purpose', 'given twice'],
    ['two files', twice('file'), 400, 'file', 'given twice'],
    ['no purpose', form({ file }), 400, 'purpose', 'is missing'],
    ['no file', form({ purpose: 'batch' }), 400, 'file', 'is missing'],
    ['a text in place of the file', form({ purpose: 'batch', file: '{}' }), 400, 'file', 'has no file name'],
    [
      'an expiry',
      form({ file, purpose: 'batch', 'expires_after[anchor]': 'created_at' }),
      400,
      'expires_after',
      'kept until it is deleted',
    ],
    ['an unknown field', form({ file, purpose: 'batch', note: 'x' }), 400, 'note', 'not a known field'],
    [
      'bytes that are not UTF-8',
      form({ file: new File([new Uint8Array([255])], 'a'), purpose: 'batch' }),
      400,
      'file',
      'UTF-8',
    ],
    ['JSON', raw('{}', 'application/json'), 415, null, 'multipart/form-data'],
    [
      'a form that ends early',
      raw('--x\r\n', 'multipart/form-data; boundary=x'),
      400,
      null,
      'not a valid form',
    ],
    [
      'more bytes than the form may have',
      form({ file: new File(['x'.repeat(MAX_FORM_BYTES)], 'a.jsonl'), purpose: 'batch' }),
      413,
      null,
      'POST /files with "purpose": "batch"',
    ],
  ])('refuses %s in OpenAI’s shape', async (_, init, status, param, message) => {
    const { api, world } = setUp();
    const response = await api.request('/v1/files', await init());
    expect([response.status, await response.json()]).toEqual([
      status,
      { error: expect.objectContaining({ param, message: expect.stringContaining(message) }) },
    ]);
    expect([...world.content.objects.keys()]).toEqual([]);
  });

  test('leads, for a larger file, to POST /files, whose id is an input file once its bytes are there', async () => {
    const { api, world, openai } = setUp();
    const response = await api.request('/files', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ filename: 'large.jsonl', size_bytes: 9, purpose: 'batch' }),
    });
    const { id, upload: to } = (await response.json()) as { id: string; upload: { url: string } };
    expect(response.headers.get('location')).toBe(`/v1/files/${id}`);
    await expect(create(openai, id)).rejects.toMatchObject({ status: 400, param: 'input_file_id' });
    const key = decodeURI(/^memory:put\/(.+)\?bytes=9$/.exec(to.url)?.[1] ?? '');
    await world.content.put(key, jsonLines(...lines), 'application/x-ndjson');
    await create(openai, id);
    await world.finish();
    expect(world.prompted()).toEqual(['one', 'fail', 'zwei Häuser']);
  });

  test.each([
    [{ filename: 'large.csv', size_bytes: 9, purpose: 'batch' }, 'filename'],
    [{ filename: 'large.jsonl', size_bytes: 9, purpose: 'batch', defaults: { max_tokens: 1 } }, 'defaults'],
    [{ filename: 'large.jsonl', size_bytes: 9, purpose: 'assistants' }, 'purpose'],
  ])('and POST /files refuses an input that no batch could have: %j', async (body, path) => {
    const { api } = setUp();
    const init = {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    };
    const response = await api.request('/files', init);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ path }] });
  });
});

test.each([
  '/v1/batches?limit=101',
  '/v1/files?purpose=vision',
  '/v1/files?order=up',
  '/v1/batches?after=x',
  '/v1/files?after=x',
])('GET %s is refused by the parameter’s name', async (path) => {
  const { api } = setUp();
  const response = await api.request(path);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { param: /\?(\w+)/.exec(path)?.[1] } });
});

test('a file of many bytes is streamed piece by piece', async () => {
  const { api, world } = setUp();
  const text = `${'x'.repeat(999)}\n`.repeat(9_000);
  await world.content.put(`uploads/@local/file-${'0'.repeat(26)}/a.jsonl`, text, 'application/x-ndjson');
  const response = await api.request(`/v1/files/file-${'0'.repeat(26)}/content`);
  const sizes: number[] = [];
  for await (const chunk of response.body ?? []) sizes.push(chunk.byteLength);
  expect(sizes.length).toBeGreaterThan(1);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(text.length);
});
