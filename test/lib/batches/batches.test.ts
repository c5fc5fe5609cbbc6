import { describe, expect, test } from 'vitest';
import { createBatch } from '../../../lib/batches/create-batch.ts';
import { listBatches } from '../../../lib/batches/list-batches.ts';
import { batchIdOf, deleteStoredFile } from '../../../lib/batches/stored-files.ts';
import { deleteFile } from '../../../lib/files/delete-file.ts';
import { moveFile } from '../../../lib/files/move-file.ts';
import { retryFile } from '../../../lib/files/retry-file.ts';
import { stopFile } from '../../../lib/files/stop-file.ts';
import { SMALL } from '../files/file-world.ts';
import { chatLine, makeBatchWorld, request } from './batch-world.ts';

describe('a batch', () => {
  test('is validated, answered line by line, and has its answers and its errors in the order of the input', async () => {
    const world = makeBatchWorld({ limits: SMALL });
    const input = await world.upload([
      chatLine('a', 'one'),
      chatLine('b', 'fail'),
      chatLine('c', 'two', { url: '/v1/embeddings' }),
      chatLine('d', 'four'),
      chatLine('d', 'again'),
      chatLine('e', 'six'),
    ]);
    const created = await world.create(request(input, { metadata: { team: 'docs' } }));
    expect(created).toMatchObject({
      id: expect.stringMatching(/^batch_[0-9a-z]{26}$/),
      object: 'batch',
      status: 'validating',
      input_file_id: input,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      metadata: { team: 'docs' },
      request_counts: { total: 0, completed: 0, failed: 0 },
      output_file_id: null,
      error_file_id: null,
      errors: null,
    });
    await world.announce();
    expect(await world.read(created.id)).toMatchObject({
      status: 'in_progress',
      in_progress_at: expect.any(Number),
      request_counts: { total: 6, completed: 0, failed: 2 },
    });
    await world.finish();
    const ended = await world.read(created.id);
    expect(ended).toMatchObject({
      status: 'completed',
      completed_at: expect.any(Number),
      request_counts: { total: 6, completed: 3, failed: 3 },
      usage: { input_tokens: 27, output_tokens: 6, total_tokens: 33 },
    });
    const output = await world.rowsOf(ended.output_file_id);
    expect(output.map((row) => [row.custom_id, row.response.body.choices[0].message.content])).toEqual([
      ['a', 'About one'],
      ['d', 'About four'],
      ['e', 'About six'],
    ]);
    const errors = await world.rowsOf(ended.error_file_id);
    expect(errors.map((row) => [row.custom_id, row.response, row.error.code])).toEqual([
      ['b', null, 'server_error'],
      ['c', null, 'invalid_input'],
      ['d', null, 'duplicate_custom_id'],
    ]);
    expect(errors[1].error.message).toContain('url: must be "/v1/chat/completions"');
  });

  test('without errors has no error file, and one without answers has no output', async () => {
    const world = makeBatchWorld();
    const good = await world.create(request(await world.upload([chatLine('a', 'one')])));
    const bad = await world.create(request(await world.upload([chatLine('a', 'fail')])));
    await world.finish();
    expect(await world.read(good.id)).toMatchObject({
      output_file_id: good.id.replace('batch_', 'file-').concat('-output'),
      error_file_id: null,
    });
    expect(await world.read(bad.id)).toMatchObject({
      status: 'completed',
      output_file_id: null,
      error_file_id: bad.id.replace('batch_', 'file-').concat('-errors'),
    });
  });

  test('of a file without lines fails, and says why', async () => {
    const world = makeBatchWorld();
    const { id } = await world.create(request(await world.upload([])));
    await world.finish();
    expect(await world.read(id)).toMatchObject({
      status: 'failed',
      failed_at: expect.any(Number),
      errors: { object: 'list', data: [{ code: 'empty', line: null, param: null }] },
      output_file_id: null,
      error_file_id: null,
    });
  });

  test('treats a line with defaults as any other that is wrong, since OpenAI has none', async () => {
    const world = makeBatchWorld();
    const lines = [{ defaults: { dry_run: true } }, chatLine('a', 'one')];
    const { id } = await world.create(request(await world.upload(lines)));
    await world.finish();
    expect(await world.read(id)).toMatchObject({ request_counts: { total: 2, completed: 1, failed: 1 } });
  });

  test('asks the model again for lines that another batch of the same input has', async () => {
    const world = makeBatchWorld();
    const input = await world.upload([chatLine('a', 'one')]);
    await world.create(request(input));
    await world.create(request(input));
    await world.finish();
    expect(world.prompted()).toEqual(['one', 'one']);
  });

  test('that is retried as a file is another batch, of which only the failed lines are asked', async () => {
    const world = makeBatchWorld();
    const { id } = await world.create(
      request(await world.upload([chatLine('a', 'one'), chatLine('b', 'fail')])),
    );
    await world.finish();
    const { file } = await retryFile(id.replace('batch_', 'file_'), { caller: 'local' }, world.deps);
    await world.finish();
    const again = await world.read(batchIdOf(file));
    expect(again.request_counts).toEqual({ total: 2, completed: 1, failed: 1 });
    expect((await world.rowsOf(again.output_file_id)).map(({ custom_id }) => custom_id)).toEqual(['a']);
    expect(world.prompted()).toEqual(['one', 'fail', 'fail']);
  });

  test('for /v1/responses is answered with responses, which tell back what was asked', async () => {
    const world = makeBatchWorld();
    const line = (id: string, own: Record<string, unknown> = {}) => ({
      custom_id: id,
      method: 'POST',
      url: '/v1/responses',
      body: { model: 'gpt-6-luna', input: id, instructions: 'Be brief.', max_output_tokens: 50, ...own },
    });
    const input = await world.upload([
      line('one', { metadata: { team: 'docs' } }),
      line('fail'),
      line('streamed', { stream: true }),
      line('later', { previous_response_id: `resp_${'0'.repeat(26)}` }),
      line('forgotten', { store: false }),
      line('unnamed', { model: undefined }),
      chatLine('chat', 'one'),
    ]);
    const { id } = await world.create(request(input, { endpoint: '/v1/responses' }));
    await world.finish();
    const ended = await world.read(id);
    expect(ended).toMatchObject({ endpoint: '/v1/responses', request_counts: { completed: 1, failed: 6 } });
    const [answer] = await world.rowsOf(ended.output_file_id);
    expect(answer).toMatchObject({
      custom_id: 'one',
      response: {
        status_code: 200,
        body: {
          object: 'response',
          status: 'completed',
          instructions: 'Be brief.',
          max_output_tokens: 50,
          metadata: { team: 'docs' },
          output: [{ type: 'message', content: [{ type: 'output_text', text: 'About one' }] }],
          usage: { input_tokens: 9, output_tokens: 2 },
        },
      },
    });
    const errors = await world.rowsOf(ended.error_file_id);
    expect(errors.map(({ custom_id, error }) => [custom_id, error.message])).toEqual([
      ['fail', expect.anything()],
      ['streamed', expect.stringContaining('body.stream: must be false')],
      ['later', expect.stringContaining('body.previous_response_id: is not supported')],
      ['forgotten', expect.stringContaining('body.store: must not be false')],
      ['unnamed', expect.stringContaining('body.model: is required')],
      ['chat', expect.stringContaining('url: must be "/v1/responses"')],
    ]);
  });

  const chat = '/v1/chat/completions' as const;
  const responses = '/v1/responses' as const;

  test.each([
    [chat, { temperature: 9 }, /^body\.temperature: must be a number/],
    [chat, { max_completion_tokens: 0 }, /^body\.max_completion_tokens: must be a whole number/],
    [chat, { max_tokens: 0 }, /^body\.max_tokens: must be a whole number/],
    [chat, { foo: 1 }, /^body\.foo: is not a field that this server is known to take/],
    [chat, { extra_body: { foo: 1 } }, /^body\.extra_body\.foo: is not a field/],
    [chat, { tools: [{ type: 'function' }] }, /^body\.tools\.0\.function: is missing/],
    [chat, { conversation: 'x' }, /^body\.conversation: .*; lines of a file are no turns/],
    [responses, { foo: 1 }, /^body\.foo: is not a field that this server is known to take/],
    [responses, { extra_body: { foo: 1 } }, /^body\.extra_body\.foo: is not a field/],
    [responses, { truncation: 'auto' }, /^body\.truncation: is not a field/],
    [responses, { top_k: 5, strict_sampling: true }, /^body\.top_k: this server is not known/],
    [responses, { conversation: 'x' }, /^body\.conversation: .*; send all items as input$/],
  ])('for %s names the wrong field of %j as it stands in the line', async (endpoint, own, message) => {
    const world = makeBatchWorld();
    const { body, ...line } = chatLine('a', 'one', { url: endpoint });
    const asked = endpoint === chat ? body : { model: 'gpt-6-luna', input: 'one' };
    const input = await world.upload([{ ...line, body: { ...asked, ...own } }]);
    const { id } = await world.create(request(input, { endpoint }));
    await world.finish();
    const [row] = await world.rowsOf((await world.read(id)).error_file_id);
    expect(row.error.message).toMatch(message);
    expect(row.everytoken.errors).toHaveLength(1);
  });

  test.each([
    ['endpoint', { endpoint: '/v1/moderations' }, 'endpoint'],
    ['window', { completion_window: '1h' }, 'completion_window'],
    [
      'metadata',
      { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [at, 'x'])) },
      'metadata',
    ],
    [
      'expiry of its output',
      { output_expires_after: { anchor: 'created_at', seconds: 3600 } },
      'output_expires_after',
    ],
    ['input that does not exist', { input_file_id: `file-${'0'.repeat(26)}` }, 'input_file_id'],
    ['input that is no input file', { input_file_id: `file_${'0'.repeat(26)}` }, 'input_file_id'],
  ])('with a wrong %s is refused by the field’s name, and nothing is stored', async (_, own, path) => {
    const world = makeBatchWorld();
    const input = await world.upload([chatLine('a', 'one')]);
    await expect(world.create(request(input, own))).rejects.toMatchObject({
      code: 'invalid_input',
      issues: [{ path: expect.stringMatching(new RegExp(`^${path}`)) }],
    });
    expect(world.files.files.size).toBe(0);
  });

  test('is found, used and listed by its own caller alone', async () => {
    const world = makeBatchWorld();
    const input = await world.upload([chatLine('a', 'one')]);
    await expect(world.create(request(input), { caller: 'other' })).rejects.toMatchObject({
      issues: [{ path: 'input_file_id' }],
    });
    const { id } = await world.create(request(input));
    await world.finish();
    const { output_file_id } = await world.read(id);
    await expect(world.read(id, 'other')).rejects.toMatchObject({ code: 'not_found' });
    await expect(world.rowsOf(input, 'other')).rejects.toMatchObject({ code: 'not_found' });
    await expect(world.rowsOf(output_file_id, 'other')).rejects.toMatchObject({ code: 'not_found' });
    expect(await listBatches({ limit: 9 }, 'other', world.deps)).toEqual({ batches: [], hasMore: false });
  });
});

describe('the list of batches', () => {
  test('has the newest first, page after page, and no other prompt files', async () => {
    const world = makeBatchWorld();
    const input = await world.upload([chatLine('a', 'one')]);
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      await world.clock.advance(1_000);
      await world.take(`prompts/@local/${name}.jsonl`, '{"prompt": "x"}\n');
      ids.unshift((await world.create(request(input))).id);
    }
    const pageAfter = async (after?: string) => {
      const { batches, hasMore } = await listBatches({ limit: 2, after }, 'local', world.deps);
      return { ids: batches.map(batchIdOf), hasMore };
    };
    expect(await pageAfter()).toEqual({ ids: ids.slice(0, 2), hasMore: true });
    expect(await pageAfter(ids[1])).toEqual({ ids: ids.slice(2), hasMore: false });
    await expect(pageAfter('batch_x')).rejects.toMatchObject({ issues: [{ path: 'after' }] });
  });
});

describe('a request with an Idempotency-Key', () => {
  const by = { idempotencyKey: 'k' };

  test('is answered with its batch again, also once its input is deleted', async () => {
    const world = makeBatchWorld();
    const input = await world.upload([chatLine('a', 'one')]);
    const first = await world.create(request(input), by);
    await deleteStoredFile(input, 'local', world.deps);
    expect((await world.create(request(input), by)).id).toBe(first.id);
    await world.finish();
    expect((await world.read(first.id)).status).toBe('completed');
    expect(world.files.files.size).toBe(1);
  });

  test('is refused for another batch', async () => {
    const world = makeBatchWorld();
    const input = await world.upload([chatLine('a', 'one')]);
    await world.create(request(input), by);
    await expect(world.create(request(input, { metadata: { a: 'b' } }), by)).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });
});

describe('a process that dies while it creates a batch', () => {
  const died = async () => {
    throw new Error('died');
  };

  test('before it is recorded leaves nothing', async () => {
    const world = makeBatchWorld();
    const input = await world.upload([chatLine('a', 'one')]);
    const deps = { ...world.deps, files: { ...world.deps.files, create: died } };
    await expect(createBatch(request(input), { caller: 'local' }, deps)).rejects.toThrow('died');
    await world.finish();
    expect(world.prompted()).toEqual([]);
  });

  test('before its object is copied leaves a batch that the sweep starts, once', async () => {
    const world = makeBatchWorld();
    const input = await world.upload([chatLine('a', 'one')]);
    const deps = { ...world.deps, content: { ...world.deps.content, copy: died } };
    const { file } = await createBatch(request(input), { caller: 'local' }, deps);
    expect((await world.read(batchIdOf(file))).status).toBe('validating');
    await moveFile({ pk: `FILE#${file.id}`, sk: 'FILE' }, world.deps);
    await world.work();
    expect(world.prompted()).toEqual([]); // it is not due yet
    await world.clock.advance(60_000);
    for (const _ of [1, 2]) {
      await moveFile({ pk: `FILE#${file.id}`, sk: 'FILE' }, world.deps);
      await world.work();
      await world.finish();
    }
    expect((await world.read(batchIdOf(file))).status).toBe('completed');
    expect(world.prompted()).toEqual(['one']);
  });

  test('before its object is copied, and its input is deleted then, leaves a batch that fails with the reason', async () => {
    const world = makeBatchWorld();
    const input = await world.upload([chatLine('a', 'one')]);
    const deps = { ...world.deps, content: { ...world.deps.content, copy: died } };
    const { file } = await createBatch(request(input), { caller: 'local' }, deps);
    await deleteStoredFile(input, 'local', world.deps);
    await world.clock.advance(60_000);
    await moveFile({ pk: `FILE#${file.id}`, sk: 'FILE' }, world.deps);
    await world.work();
    expect(await world.read(batchIdOf(file))).toMatchObject({
      status: 'failed',
      errors: { data: [{ code: 'input_file_deleted' }] },
    });
  });

  test('is mended by the same request again', async () => {
    const world = makeBatchWorld();
    const input = await world.upload([chatLine('a', 'one')]);
    const by = { caller: 'local', idempotencyKey: 'k' };
    const deps = { ...world.deps, content: { ...world.deps.content, copy: died } };
    await createBatch(request(input), by, deps);
    expect((await createBatch(request(input), by, world.deps)).isReplay).toBe(true);
    await world.finish();
    expect(world.prompted()).toEqual(['one']);
  });
});

describe('a batch that is cancelled', () => {
  test('before it is read is cancelled at once, and its object is not read', async () => {
    const world = makeBatchWorld();
    const { id } = await world.create(request(await world.upload([chatLine('a', 'one')])));
    await stopFile(id.replace('batch_', 'file_'), 'cancelled', world.deps);
    await world.finish();
    expect(await world.read(id)).toMatchObject({ status: 'cancelled', cancelled_at: expect.any(Number) });
    expect(world.prompted()).toEqual([]);
  });

  test('half way keeps the answers that it has, and tells of the other lines in its errors', async () => {
    const world = makeBatchWorld({ limits: { ...SMALL, firstWindow: 1 } });
    const lines = ['one', 'two', 'three'].map((text) => chatLine(text, text));
    const { id } = await world.create(request(await world.upload(lines)));
    await world.announce();
    await world.workJob();
    await stopFile(id.replace('batch_', 'file_'), 'cancelled', world.deps);
    expect(await world.read(id)).toMatchObject({
      status: 'cancelling',
      cancelling_at: expect.any(Number),
      cancelled_at: null,
    });
    await world.finish();
    await world.clock.advance(30_000);
    await world.finish();
    const ended = await world.read(id);
    expect(ended).toMatchObject({
      status: 'cancelled',
      cancelled_at: expect.any(Number),
      request_counts: { total: 3, completed: 1, failed: 2 },
    });
    expect((await world.rowsOf(ended.output_file_id)).map(({ custom_id }) => custom_id)).toEqual(['one']);
    expect(
      (await world.rowsOf(ended.error_file_id)).map(({ custom_id, error }) => [custom_id, error.code]),
    ).toEqual([
      ['two', 'cancelled'],
      ['three', 'cancelled'],
    ]);
  });
});

test('deleting the file of a batch deletes the batch and its results, and leaves its input', async () => {
  const world = makeBatchWorld();
  const input = await world.upload([chatLine('a', 'one'), chatLine('b', 'fail')]);
  const { id } = await world.create(request(input));
  await world.finish();
  const { output_file_id } = await world.read(id);
  await deleteFile(id.replace('batch_', 'file_'), world.deps);
  await world.finish();
  await expect(world.read(id)).rejects.toMatchObject({ code: 'gone' });
  await expect(world.rowsOf(output_file_id)).rejects.toMatchObject({ code: 'not_found' });
  expect([...world.content.objects.keys()].filter((key) => /^(results|prompts)\//.test(key))).toEqual([]);
  expect(await world.rowsOf(input)).toHaveLength(2);
});
