import { describe, expect, test } from 'vitest';
import { batchIdOf } from '../../../lib/batches/stored-files.ts';
import { UpstreamError } from '../../../lib/errors.ts';
import { deleteFile } from '../../../lib/files/delete-file.ts';
import { estimateFile } from '../../../lib/files/estimate/estimate-file.ts';
import { moveFile } from '../../../lib/files/move-file.ts';
import { lineResults } from '../../../lib/files/results/line-results.ts';
import { retryFile } from '../../../lib/files/retry-file.ts';
import { stopFile } from '../../../lib/files/stop-file.ts';
import { viewFile } from '../../../lib/files/view.ts';
import { generateJob } from '../../../lib/files/work/generate-job.ts';
import { audit } from '../../../lib/operate/audit/audit.ts';
import { sweep } from '../../../lib/operate/sweep.ts';
import { makeMemoryScan } from '../../memory/audit-ports.ts';
import { makeMemoryEmbedder } from '../../memory/embedder.ts';
import { SMALL } from '../files/file-world.ts';
import { chatLine, embeddingsLine, makeBatchWorld, request } from './batch-world.ts';

const ENDPOINT = '/v1/embeddings';
const MODEL = 'bag-of-words';
const DIMENSIONS = 64;

/** A world whose embedder refuses the texts that begin with "bad". */
const makeWorldOfEmbeddings = (options: Parameters<typeof makeBatchWorld>[0] = {}) => {
  const embedder = makeMemoryEmbedder({ refuses: (text) => text.startsWith('bad') });
  const world = makeBatchWorld({ embedder, ...options });
  return {
    ...world,
    embedder,
    /** The texts of each request that the embeddings server was sent. */
    sent: () => embedder.requests,
    begin: async (lines: unknown[], own: Record<string, unknown> = {}) =>
      world.create(request(await world.upload(lines), { endpoint: ENDPOINT, ...own })),
    vectorsOf: async (inputs: string[], dimensions = DIMENSIONS) => {
      const { vectors } = await makeMemoryEmbedder().embedInputs(inputs, { dimensions });
      return vectors.map((vector) => [...vector]);
    },
    answersOf: (fileId: string) =>
      [...world.content.objects.keys()].filter((key) => key.startsWith(`files/${fileId}/answers/`)),
  };
};
type WorldOfEmbeddings = ReturnType<typeof makeWorldOfEmbeddings>;

const fileIdOf = (batch: { id: string }) => batch.id.replace('batch_', 'file_');
const decoded = (base64: string) => {
  const bytes = Buffer.from(base64, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
};

describe('a batch for /v1/embeddings', () => {
  test('is answered with the vectors of each line, in the order of the input', async () => {
    const world = makeWorldOfEmbeddings({ limits: SMALL });
    const { id } = await world.begin([
      embeddingsLine('one', 'one text'),
      embeddingsLine('many', ['two texts', 'of one line']),
      embeddingsLine('base64', 'three', { encoding_format: 'base64', user: 'u-1' }),
      embeddingsLine('short', 'four', { dimensions: 8 }),
      embeddingsLine('tokens', [[5, 6], [7]]),
    ]);
    await world.finish();
    const batch = await world.read(id);
    expect(batch).toMatchObject({
      endpoint: ENDPOINT,
      status: 'completed',
      request_counts: { total: 5, completed: 5, failed: 0 },
      usage: { input_tokens: 12, output_tokens: 0, total_tokens: 12 },
      everytoken: { cost_usd: 0.0000012 },
      error_file_id: null,
    });
    const rows = await world.rowsOf(batch.output_file_id);
    expect(rows.map(({ custom_id }) => custom_id)).toEqual(['one', 'many', 'base64', 'short', 'tokens']);
    const [one, many, base64, short, tokens] = rows.map(({ response }) => response.body);
    const embeddings = ({ data }: { data: { embedding: unknown }[] }) => data.map((each) => each.embedding);
    expect(embeddings(one)).toEqual(await world.vectorsOf(['one text']));
    expect(embeddings(many)).toEqual(await world.vectorsOf(['two texts', 'of one line']));
    expect(decoded(base64.data[0].embedding)).toEqual((await world.vectorsOf(['three']))[0]);
    expect(embeddings(short)).toEqual(await world.vectorsOf(['four'], 8));
    expect(embeddings(tokens)).toEqual(await world.vectorsOf(['5 6', '7']));
    expect(many).toMatchObject({
      object: 'list',
      data: [{ object: 'embedding', index: 0 }, { index: 1 }],
      model: MODEL,
      usage: { prompt_tokens: 5, total_tokens: 5 },
    });
    expect(rows[0]).toEqual({
      id: expect.stringMatching(/^batch_req_[0-9a-f]+$/),
      custom_id: 'one',
      response: { status_code: 200, request_id: expect.stringMatching(/^req_[0-9a-f]+$/), body: one },
      error: null,
      everytoken: { line: 1, run_id: null, status: 'completed', timing: { e2e_ms: 0 }, cost_usd: 2e-7 },
    });
    expect(new Set(rows.map((row) => row.id)).size).toBe(5);
    expect(world.runs.runs.size).toBe(0);
    expect(world.file().estimate).toBeNull();
    expect(await world.summary()).toMatchObject({
      counts: { lines: 5, accepted: 5, completed: 5, failed: 0, generated: 5, generations: 0 },
      usage: { prompt_tokens: 12, completion_tokens: 0 },
      cost_usd: 0.0000012,
      paid_usd: 0.0000012,
    });
  });

  test.each<[string, unknown, Record<string, unknown>, RegExp]>([
    ['no input', undefined, {}, /^body\.input: is missing/],
    ['an empty text', '', {}, /^body\.input: must not be empty/],
    ['an empty text among others', ['a', ''], {}, /^body\.input\.1: must not be empty/],
    ['an object', { text: 'a' }, {}, /^body\.input: must be a text/],
    ['texts and tokens', ['a', [1]], {}, /^body\.input: must be texts or token lists/],
    ['tokens that are no ids', [[-1]], {}, /^body\.input\.0: must be a list of token ids/],
    ['a lone surrogate', '\ud800', {}, /^body\.input: must be valid Unicode/],
    ['2,049 inputs', Array(2_049).fill('a'), {}, /^body\.input: must have at most 2048 items/],
    [
      'more vectors than an answer holds',
      Array(2_048).fill('a'),
      { dimensions: 1_536 },
      /^body\.input: has 2048 items, and one answer holds 209 vectors .*; give them several lines, or ask for fewer dimensions$/,
    ],
    [
      'another model',
      'a',
      { model: 'gpt-6-luna' },
      /^body\.model: is not one that embeds here; .*bag-of-words$/,
    ],
    ['no model', 'a', { model: undefined }, /^body\.model: /],
    ['a format', 'a', { encoding_format: 'int8' }, /^body\.encoding_format: /],
    ['dimensions', 'a', { dimensions: 0.5 }, /^body\.dimensions: /],
    ['a user', 'a', { user: 5 }, /^body\.user: /],
    ['a field of other endpoints', 'a', { max_tokens: 5 }, /^body\.max_tokens: is not a known field/],
    ['a name of any object', 'a', { constructor: 5 }, /^body\.constructor: is not a known field/],
  ])('refuses a line with %s alone, by its name, and sends nothing of it', async (_, input, own, message) => {
    const world = makeWorldOfEmbeddings();
    const { id } = await world.begin([embeddingsLine('wrong', input, own), embeddingsLine('right', 'a')]);
    await world.finish();
    const batch = await world.read(id);
    expect(batch.request_counts).toEqual({ total: 2, completed: 1, failed: 1 });
    const [row] = await world.rowsOf(batch.error_file_id);
    expect(row).toMatchObject({ custom_id: 'wrong', response: null, everytoken: { status: 'failed' } });
    expect(row.error.message).toMatch(message);
    expect(world.sent()).toEqual([['a']]);
  });

  test('refuses a body that is no object, a line for another endpoint and a second custom_id', async () => {
    const world = makeWorldOfEmbeddings();
    const { id } = await world.begin([
      { ...embeddingsLine('array', ''), body: ['a'] },
      chatLine('chat', 'one'),
      embeddingsLine('twice', 'a'),
      embeddingsLine('twice', 'b'),
      'text',
    ]);
    await world.finish();
    const errors = await world.rowsOf((await world.read(id)).error_file_id);
    expect(errors.map(({ custom_id, error }) => [custom_id, error.code])).toEqual([
      ['array', 'invalid_input'],
      ['chat', 'invalid_input'],
      ['twice', 'duplicate_custom_id'],
      [null, 'invalid_input'],
    ]);
    expect(errors[0].error.message).toBe('body: must be an object');
    expect(errors[1].error.message).toContain('url: must be "/v1/embeddings"');
    expect(world.sent()).toEqual([['a']]);
  });

  test('takes 2,048 inputs in a line where their vectors fit', async () => {
    const world = makeWorldOfEmbeddings();
    const inputs = Array.from({ length: 2_048 }, (_, at) => `text ${at}`);
    const { id } = await world.begin([embeddingsLine('all', inputs, { encoding_format: 'base64' })]);
    await world.finish();
    const [row] = await world.rowsOf((await world.read(id)).output_file_id);
    expect(row.response.body.data).toHaveLength(2_048);
  });

  test('fails as a whole with over 50,000 inputs, before any is sent', async () => {
    const world = makeWorldOfEmbeddings();
    const lines = Array.from({ length: 26 }, (_, at) =>
      embeddingsLine(String(at), Array(2_000).fill('a'), { encoding_format: 'base64' }),
    );
    const { id } = await world.begin(lines);
    await world.finish();
    expect(await world.read(id)).toMatchObject({
      status: 'failed',
      errors: { data: [{ code: 'too_many_prompts', message: expect.stringContaining('50000 inputs') }] },
    });
    expect(world.sent()).toEqual([]);
  });

  test('counts the inputs of all lines when its reading is interrupted', async () => {
    const world = makeWorldOfEmbeddings({ remainingMs: () => 20_000 });
    const lines = Array.from({ length: 26 }, (_, at) =>
      embeddingsLine(String(at), Array(2_000).fill('a'), { encoding_format: 'base64' }),
    );
    const { id } = await world.begin(lines);
    await world.finish();
    expect(await world.read(id)).toMatchObject({ status: 'failed' });
  });

  test('ends a line that the server refuses with the words of the server, which its items do not hold', async () => {
    const world = makeWorldOfEmbeddings();
    const refusing: typeof world.deps.createEmbeddings = async () => {
      throw new UpstreamError('embeddings', 'the embeddings server answered 400: too long for this model', {
        ownWords: 'the embeddings server answered 400',
        code: 'invalid_request',
        retryable: false,
        status: 400,
      });
    };
    world.deps.createEmbeddings = refusing;
    const { id } = await world.begin([embeddingsLine('a', 'much too long')]);
    await world.finish();
    const batch = await world.read(id);
    expect(batch.request_counts).toEqual({ total: 1, completed: 0, failed: 1 });
    expect((await world.rowsOf(batch.error_file_id))[0]).toMatchObject({
      custom_id: 'a',
      response: null,
      error: {
        code: 'invalid_request',
        message: 'the embeddings server answered 400: too long for this model',
      },
      everytoken: { line: 1, status: 'failed' },
    });
    const [block] = world.files.blocks.values();
    expect(block?.errors).toEqual({
      1: { code: 'invalid_request', message: 'the embeddings server answered 400' },
    });
    expect(await world.summary()).toMatchObject({ counts: { failed: 1, refused: 0, generated: 1 } });
  });

  test('names the refused input of a line as it stands there', async () => {
    const world = makeWorldOfEmbeddings();
    const { id } = await world.begin([embeddingsLine('a', 'bad one')]);
    await world.finish();
    const [row] = await world.rowsOf((await world.read(id)).error_file_id);
    expect(row.error).toEqual({
      code: 'invalid_request',
      message: 'body.input: is refused: the embeddings server answered 400',
    });
  });

  test('has no estimate, and says so', async () => {
    const world = makeWorldOfEmbeddings();
    const batch = await world.begin([embeddingsLine('a', 'one')]);
    await world.finish();
    await expect(
      estimateFile({ file_id: fileIdOf(batch) }, 'local', { ...world.deps, workers: null }),
    ).rejects.toMatchObject({
      issues: [{ path: 'file_id', message: expect.stringContaining('embeddings') }],
    });
    const { key } = world.file();
    await expect(estimateFile({ key }, 'local', { ...world.deps, workers: null })).rejects.toMatchObject({
      issues: [{ path: 'key' }],
    });
  });
});

/** Delivers the next job with a fault, and then again until it is done. */
const redelivered = async (world: WorldOfEmbeddings, faulty: Partial<WorldOfEmbeddings['deps']>) => {
  const job = world.jobs.receive();
  if (!job) throw new Error('there is no job');
  await expect(generateJob(job.body, { ...world.deps, ...faulty })).rejects.toThrow();
  job.release();
  await world.finish();
};

describe('a line of embeddings has one result, and nothing that can be seen is paid again,', () => {
  const died = async () => {
    throw new Error('died');
  };

  test('when its worker dies between saving the answer and marking the line', async () => {
    const world = makeWorldOfEmbeddings();
    const batch = await world.begin([embeddingsLine('a', 'one')]);
    await world.announce();
    await redelivered(world, { files: { ...world.files, addDone: died } });
    expect(world.sent()).toEqual([['one']]);
    expect(world.answersOf(fileIdOf(batch))).toHaveLength(1);
    expect(await world.rowsOf((await world.read(batch.id)).output_file_id)).toHaveLength(1);
  });

  test('when its worker dies after it has marked the line', async () => {
    const world = makeWorldOfEmbeddings();
    const batch = await world.begin([embeddingsLine('a', 'one')]);
    await world.announce();
    const addDone: typeof world.files.addDone = async (...given) => {
      await world.files.addDone(...given);
      return died();
    };
    await redelivered(world, { files: { ...world.files, addDone } });
    expect(world.sent()).toEqual([['one']]);
    expect((await world.read(batch.id)).request_counts).toEqual({ total: 1, completed: 1, failed: 0 });
  });

  test('when two workers embed it at once: the first one that marks it has its object shown', async () => {
    const world = makeWorldOfEmbeddings();
    const batch = await world.begin([embeddingsLine('a', 'one')]);
    await world.announce();
    const job = world.jobs.receive();
    if (!job) throw new Error('there is no job');
    // The second worker marks the line between the answer and the mark of the first.
    let isFirst = true;
    const addDone: typeof world.files.addDone = async (...given) => {
      if (isFirst) {
        isFirst = false;
        await generateJob(job.body, world.deps, undefined, { isFirst: true });
      }
      return world.files.addDone(...given);
    };
    const deps = { ...world.deps, files: { ...world.files, addDone } };
    await generateJob(job.body, deps, undefined, { isFirst: true });
    job.delete();
    await world.finish();
    expect(world.sent()).toEqual([['one'], ['one']]);
    expect(world.answersOf(fileIdOf(batch))).toHaveLength(2);
    const [block] = world.files.blocks.values();
    const { token = '' } = block?.answers[1] ?? {};
    const [row, ...others] = await world.rowsOf((await world.read(batch.id)).output_file_id);
    expect([row.response.request_id, others]).toEqual([`req_${token}`, []]);
    expect(world.file().counts).toMatchObject({ completed: 1, promptTokens: 1 });
  });

  test('when the answer was of a model that the deployment no longer has: it is embedded anew', async () => {
    const world = makeWorldOfEmbeddings();
    const batch = await world.begin([embeddingsLine('a', 'one')]);
    await world.announce();
    const other = { ...world.deps.embeddingModel, dimensions: 32 };
    await redelivered(world, { files: { ...world.files, addDone: died }, embeddingModel: other });
    expect(world.sent()).toEqual([['one'], ['one']]);
    expect(world.answersOf(fileIdOf(batch))).toHaveLength(2);
  });
});

describe('a line of embeddings waits', () => {
  test('until the next day when the budget of its caller is used up, and costs no attempt', async () => {
    const world = makeWorldOfEmbeddings();
    await world.budgets.set('local', { tokens: 12, costUsd: null });
    const { id } = await world.begin([embeddingsLine('a', 'one two'), embeddingsLine('b', 'three four')]);
    await world.finish();
    expect(world.sent()).toEqual([['one two']]);
    expect((await world.read(id)).status).toBe('in_progress');
    await world.clock.advance(11 * 60 * 60_000 + 60_000);
    await sweep(world.deps);
    await world.finish();
    expect((await world.read(id)).request_counts).toEqual({ total: 2, completed: 2, failed: 0 });
  });

  test('for no day when no budget covers it: it fails', async () => {
    const world = makeWorldOfEmbeddings();
    await world.budgets.set('local', { tokens: 3, costUsd: null });
    const { id } = await world.begin([embeddingsLine('a', 'far too long')]);
    await world.finish();
    const [row] = await world.rowsOf((await world.read(id)).error_file_id);
    expect(row.error.code).toBe('over_budget');
  });

  const failing = (world: WorldOfEmbeddings, code: string) => {
    let asked = 0;
    world.deps.createEmbeddings = async () => {
      asked += 1;
      throw new UpstreamError('embeddings', 'the embeddings server answered 503', { code });
    };
    return () => asked;
  };
  /** Lets the time pass, a quarter of an hour at a time. */
  const hours = async (world: WorldOfEmbeddings, count: number) => {
    for (let quarter = 0; quarter < 4 * count; quarter += 1) {
      await world.clock.advance(15 * 60_000);
      await sweep(world.deps);
      await world.finish();
    }
  };

  test('longer each time when the server fails, and ends with its error after five attempts', async () => {
    const world = makeWorldOfEmbeddings();
    const asked = failing(world, 'unreachable');
    const { id } = await world.begin([embeddingsLine('a', 'one')]);
    await world.finish();
    expect(asked()).toBe(1);
    await world.clock.advance(30_000);
    await world.finish();
    expect(asked()).toBe(2);
    await hours(world, 2);
    expect(asked()).toBe(5);
    const [row] = await world.rowsOf((await world.read(id)).error_file_id);
    expect(row.error.code).toBe('unreachable');
  });

  test('for a day while the server limits the rate', async () => {
    const world = makeWorldOfEmbeddings();
    const { createEmbeddings } = world.deps;
    const asked = failing(world, 'rate_limited');
    const { id } = await world.begin([embeddingsLine('a', 'one')]);
    await world.finish();
    await hours(world, 6);
    expect(asked()).toBeGreaterThan(20);
    world.deps.createEmbeddings = createEmbeddings;
    await hours(world, 1);
    expect((await world.read(id)).request_counts).toEqual({ total: 1, completed: 1, failed: 0 });
  });

  test('no longer than a day while the server limits the rate', async () => {
    const world = makeWorldOfEmbeddings();
    failing(world, 'rate_limited');
    const { id } = await world.begin([embeddingsLine('a', 'one')]);
    await world.finish();
    await hours(world, 25);
    const [row] = await world.rowsOf((await world.read(id)).error_file_id);
    expect(row.error.code).toBe('rate_limited');
  });

  test('and ends as attempts_exhausted when five workers were lost with it', async () => {
    const world = makeWorldOfEmbeddings();
    const { id } = await world.begin([embeddingsLine('a', 'one')]);
    await world.announce();
    const dying = async () => {
      throw new Error('died');
    };
    world.deps.createEmbeddings = dying;
    for (let hour = 0; hour < 200; hour += 1) {
      const job = world.jobs.receive();
      if (job) {
        await generateJob(job.body, world.deps).catch(() => {});
        job.delete();
      }
      await world.workMessage();
      await world.clock.advance(60 * 60_000);
      await moveFile({ pk: `FILE#${id.replace('batch_', 'file_')}`, sk: 'BLOCK#000000' }, world.deps);
    }
    await world.finish();
    const [row] = await world.rowsOf((await world.read(id)).error_file_id);
    expect(row.error.code).toBe('attempts_exhausted');
  });
});

describe('a batch of embeddings that is', () => {
  test('cancelled half way keeps its answers, and tells of the other lines in its errors', async () => {
    const world = makeWorldOfEmbeddings({ limits: { ...SMALL, firstWindow: 1 } });
    const batch = await world.begin(['one', 'two', 'three'].map((text) => embeddingsLine(text, text)));
    await world.announce();
    await world.workJob();
    await stopFile(fileIdOf(batch), 'cancelled', world.deps);
    await world.workMessage();
    await world.clock.advance(30_000);
    await world.workMessage();
    await world.finish();
    const ended = await world.read(batch.id);
    expect(ended).toMatchObject({
      status: 'cancelled',
      request_counts: { total: 3, completed: 1, failed: 2 },
    });
    expect((await world.rowsOf(ended.output_file_id)).map(({ custom_id }) => custom_id)).toEqual(['one']);
    const errors = await world.rowsOf(ended.error_file_id);
    expect(errors.map(({ error }) => error.code)).toEqual(['cancelled', 'cancelled']);
    expect(world.sent()).toEqual([['one']]);
  });

  test('cancelled while a line is under way keeps the answer of that line, too', async () => {
    const world = makeWorldOfEmbeddings();
    const batch = await world.begin([embeddingsLine('a', 'one')]);
    await world.announce();
    const { createEmbeddings } = world.deps;
    world.deps.createEmbeddings = async (...given) => {
      await stopFile(fileIdOf(batch), 'cancelled', world.deps);
      await world.workMessage();
      return createEmbeddings(...given);
    };
    await world.workJob();
    await world.finish();
    await world.clock.advance(30_000);
    await world.finish();
    expect(await world.read(batch.id)).toMatchObject({
      status: 'cancelled',
      request_counts: { total: 1, completed: 1, failed: 0 },
    });
  });

  test('retried as a file takes over its answers, and embeds the other lines alone', async () => {
    const world = makeWorldOfEmbeddings();
    const first = await world.begin([embeddingsLine('a', 'one'), embeddingsLine('b', 'bad two')]);
    await world.finish();
    expect((await world.read(first.id)).request_counts).toEqual({ total: 2, completed: 1, failed: 1 });
    expect(world.sent()).toEqual([['one'], ['bad two']]);
    const { file } = await retryFile(fileIdOf(first), { caller: 'local' }, world.deps);
    await world.finish();
    const again = await world.read(batchIdOf(file));
    expect(again.request_counts).toEqual({ total: 2, completed: 1, failed: 1 });
    expect(await viewFile(file, world.deps)).toMatchObject({ retry_of: fileIdOf(first), endpoint: ENDPOINT });
    expect(world.sent().slice(2)).toEqual([['bad two']]);
    expect((await world.files.get(file.id))?.counts).toMatchObject({
      completed: 1,
      reused: 1,
      costNano: 100,
      reusedCostNano: 100,
    });
    // The earlier file may be purged, and a retry of the retry still finds the answer.
    const output = await world.rowsOf(again.output_file_id);
    await purge(world, fileIdOf(first));
    const { file: third } = await retryFile(file.id, { caller: 'local' }, world.deps);
    await world.finish();
    expect(world.sent().slice(3)).toEqual([['bad two']]);
    expect(await world.rowsOf((await world.read(batchIdOf(third))).output_file_id)).toEqual(output);
  });

  test('retried after another model was configured is embedded by that', async () => {
    const world = makeWorldOfEmbeddings();
    const first = await world.begin([embeddingsLine('a', 'one'), embeddingsLine('b', 'bad two')]);
    await world.finish();
    world.deps.embeddingModel = { ...world.deps.embeddingModel, dimensions: 32 };
    await retryFile(fileIdOf(first), { caller: 'local' }, world.deps);
    await world.finish();
    expect(world.sent().slice(2)).toEqual([['one'], ['bad two']]);
  });

  test('completed has no audit findings, in its budget either', async () => {
    const world = makeWorldOfEmbeddings();
    await world.budgets.set('local', { tokens: 1_000, costUsd: null });
    await world.begin([embeddingsLine('a', 'one'), embeddingsLine('b', 'bad'), embeddingsLine('c', '')]);
    await world.finish();
    const { findings } = await audit({ ...world.deps, scan: makeMemoryScan(world) });
    expect(findings).toEqual([]);
  });

  test('purged leaves nothing of its answers, at once', async () => {
    const world = makeWorldOfEmbeddings();
    const batch = await world.begin([embeddingsLine('a', 'one'), embeddingsLine('b', 'two')]);
    await world.finish();
    await deleteFile(fileIdOf(batch), world.deps);
    await world.finish();
    expect(world.answersOf(fileIdOf(batch))).toEqual([]);
    await world.clock.advance(20 * 60_000);
    await moveFile({ pk: `FILE#${fileIdOf(batch)}`, sk: 'FILE' }, world.deps);
    await world.finish();
    expect([...world.content.objects.keys()].filter((key) => key.includes(fileIdOf(batch)))).toEqual([]);
    expect((await world.files.get(fileIdOf(batch)))?.status).toBe('deleted');
  });
});

const purge = async (world: WorldOfEmbeddings, id: string) => {
  await deleteFile(id, world.deps);
  await world.finish();
  await world.clock.advance(20 * 60_000);
  await moveFile({ pk: `FILE#${id}`, sk: 'FILE' }, world.deps);
  await world.finish();
};

describe('large answers of embeddings', () => {
  test('are read for the results a few at a time: 8 MiB of them, however many there are', async () => {
    const world = makeWorldOfEmbeddings({
      limits: { ...SMALL, blockLines: 12, blockBytes: 1_000_000_000 },
    });
    const texts = Array.from({ length: 200 }, (_, at) => `text ${at}`);
    const own = { dimensions: 1_536, encoding_format: 'base64' };
    const lines = Array.from({ length: 12 }, (_, at) => embeddingsLine(String(at), texts, own));
    const batch = await world.begin(lines);
    await world.announce();
    while (await world.workJob()) {}
    expect(world.files.blocks.size).toBe(1);
    let held = 0;
    let most = 0;
    const { get } = world.content;
    const content: typeof world.content = {
      ...world.content,
      get: async (key, range) => {
        const text = await get(key, range);
        if (key.includes('/answers/')) held += text.length;
        most = Math.max(most, held);
        return text;
      },
    };
    const file = world.file();
    let bytes = 0;
    for await (const { embeddings } of lineResults(file, 0, { ...world.deps, content })) {
      bytes += embeddings?.body.length ?? 0;
      held -= embeddings?.body.length ?? 0;
    }
    expect(bytes).toBeGreaterThan(19_000_000);
    expect(most).toBeGreaterThan(4_000_000);
    expect(most).toBeLessThan(9 * 1024 * 1024);
    await world.finish();
    const rows = await world.rowsOf((await world.read(batch.id)).output_file_id);
    expect(rows.map(({ custom_id }) => custom_id)).toEqual(lines.map(({ custom_id }) => custom_id));
  });

  test('make blocks of few lines, so that the results of a block are written in seconds', async () => {
    const world = makeWorldOfEmbeddings({
      limits: { ...SMALL, blockLines: 250, blockBytes: 4 * 1024 * 1024 },
    });
    const lines = Array.from({ length: 12 }, (_, at) =>
      embeddingsLine(String(at), ['a', 'b'], { dimensions: 40_000 }),
    );
    await world.begin(lines);
    await world.announce();
    expect(world.file().blocks).toBe(6);
  });
});
