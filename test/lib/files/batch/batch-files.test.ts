import { beforeEach, describe, expect, test } from 'vitest';
import { ConfigurationError, UpstreamError } from '../../../../lib/errors.ts';
import { moveBatch } from '../../../../lib/files/batch/move-batch.ts';
import { stopFile } from '../../../../lib/files/stop-file.ts';
import { audit } from '../../../../lib/operate/audit/audit.ts';
import { sweep } from '../../../../lib/operate/sweep.ts';
import { makeRouteOf, makeServer } from '../../../../lib/sampling/server.ts';
import { makeMemoryScan } from '../../../memory/audit-ports.ts';
import { jsonLines, makeFileWorld, prompts, SMALL } from '../file-world.ts';

const MINUTE = 60_000;
const BATCH = { defaults: { mode: 'batch', model: 'gpt-6-luna', max_tokens: 50 } };
const SEVEN = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'];
const KEY = 'prompts/later.jsonl';

let world: ReturnType<typeof makeFileWorld>;
beforeEach(() => {
  world = makeFileWorld({ limits: SMALL });
});

const dropped = async (...texts: string[]) => {
  await world.take(KEY, jsonLines(BATCH) + prompts(...texts));
  await world.work();
};
/** Runs the sweep after `ms`, then processes everything that can be received. */
const after = async (ms: number) => {
  await world.clock.advance(ms);
  await sweep(world.deps);
  await world.work();
};
const submitted = () => [...world.batchServer.batches.values()];
const ended = () => world.file().endedAt !== null;

describe('a file of mode "batch"', () => {
  test('is submitted as one batch, and nothing of it is generated line by line', async () => {
    await dropped(...SEVEN);
    const [batch] = submitted();
    expect(submitted()).toHaveLength(1);
    expect(batch?.requests).toHaveLength(7);
    expect(batch?.requests[0]).toEqual({
      custom_id: `${world.file().id}.0.2`,
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model: 'gpt-6-luna', max_tokens: 50, messages: [{ role: 'user', content: 'one' }] },
    });
    await after(10 * MINUTE);
    expect(world.prompted()).toEqual([]);
    expect(world.file()).toMatchObject({ status: 'generating', sentBlocks: 0 });
    expect(submitted()).toHaveLength(1);
  });

  test('gives each line the answer of the batch, in the order of the file, at half the price and without timings', async () => {
    await dropped(...SEVEN);
    world.batchServer.end('batch_1', 'completed');
    await after(MINUTE);
    expect(world.file().status).toBe('completed');
    const rows = await world.rows();
    expect(rows.map(({ run }) => run.generations[0].text)).toEqual(SEVEN.map((text) => `Batch: ${text}`));
    const [generation] = rows[0].run.generations;
    expect(generation).toMatchObject({
      timing: null,
      model: 'gpt-6-luna-2026-10-01',
      usage: { prompt_tokens: 10, completion_tokens: 4 },
      sampling: { sent: { max_tokens: 50 } },
      price: { source: 'genai-prices, half of it for a batch', input: 0.05, cached: 0.005, output: 0.2 },
    });
    expect(generation.cost_usd).toBeCloseTo((10 * 0.05 + 4 * 0.2) / 1e6, 12);
    expect(world.prompted()).toEqual([]);
    expect(world.generatedEvents()).toHaveLength(7);
  });

  test('keeps the finished lines of an expired batch; the others report that it expired', async () => {
    await dropped(...SEVEN);
    world.batchServer.end('batch_1', 'expired', (text) => (text === 'five' ? null : { text }));
    await after(MINUTE);
    expect(world.file().status).toBe('completed_with_errors');
    const rows = await world.rows();
    expect(rows.filter(({ status }) => status === 'completed')).toHaveLength(6);
    expect(rows[4]).toMatchObject({ line: 6, status: 'failed', error: { code: 'batch_expired' } });
  });

  test('submits only the expired lines again when it is dropped again', async () => {
    await dropped('one', 'two');
    world.batchServer.end('batch_1', 'expired', (text) => (text === 'two' ? null : { text }));
    await after(MINUTE);
    await dropped('one', 'two');
    expect(submitted()[1]?.requests.map(({ body }) => body.messages.at(-1)?.content)).toEqual(['two']);
    world.batchServer.end('batch_2', 'completed');
    await after(MINUTE);
    const [, again] = [...world.files.files.values()];
    expect(again).toMatchObject({ status: 'completed', counts: { completed: 2, reused: 1 } });
  });

  test('generates a line on its own when its completed batch has no answer for it', async () => {
    await dropped('one', 'two');
    world.batchServer.end('batch_1', 'completed', (text) => (text === 'two' ? null : { text }));
    await after(MINUTE);
    expect(world.file().status).toBe('completed');
    expect(world.prompted()).toEqual(['two']);
  });

  test("reports a line's own error, without its prompt", async () => {
    await dropped('one', 'the secret word');
    world.batchServer.end('batch_1', 'completed', (text) =>
      text === 'one' ? { text } : { status: 400, message: `cannot say ${text}` },
    );
    await after(MINUTE);
    const [, row] = await world.rows();
    expect(row.error.code).toBe('invalid_request');
    expect(row.error.message).not.toContain('secret');
  });

  test('fails every line with the reason for which a batch failed as a whole', async () => {
    await dropped('one', 'two');
    const error = { code: 'invalid_file', message: 'the batch failed: no such model' };
    world.batchServer.end('batch_1', 'failed', () => null, error);
    await after(MINUTE);
    expect((await world.rows()).map((row) => row.error)).toEqual([error, error]);
  });

  test('fails every line with the reason for which the server accepts no batch', async () => {
    const message = 'the model server has no batches';
    world.batchServer.refusals.push(
      new UpstreamError('openai', message, { code: 'no_batches', retryable: false }),
    );
    await dropped('one', 'two');
    expect(world.file().status).toBe('completed_with_errors');
    expect((await world.rows()).map((row) => row.error.code)).toEqual(['no_batches', 'no_batches']);
  });

  test('ends with an error for each line when its batch no longer exists at the server', async () => {
    await dropped('one', 'two');
    world.batchServer.batches.clear();
    await after(MINUTE);
    expect(world.file().status).toBe('completed_with_errors');
    expect((await world.rows()).map((row) => row.error.code)).toEqual(['no_batches', 'no_batches']);
  });

  test('is submitted again when the server had no room for it', async () => {
    await dropped('one');
    const error = { code: 'token_limit_exceeded', message: 'the batch failed: enqueued token limit reached' };
    world.batchServer.end('batch_1', 'failed', () => null, error);
    await after(MINUTE);
    expect(ended()).toBe(false);
    await after(10 * MINUTE);
    expect(submitted().map(({ job }) => job.status)).toEqual(['failed', 'open']);
    world.batchServer.end('batch_2', 'completed');
    await after(10 * MINUTE);
    expect(world.file().status).toBe('completed');
  });

  test('keeps a paid batch while the server refuses the key that reads it', async () => {
    await dropped(...SEVEN);
    const { batches } = world.deps;
    const refuse = async () => {
      throw new ConfigurationError('openai: the model server refused the API key (401)');
    };
    world.deps.batches = { ...batches, get: refuse };
    for (let hour = 0; hour < 10; hour += 1) {
      await world.clock.advance(60 * MINUTE);
      await sweep(world.deps);
      while (await world.workMessage().catch(() => true)) {}
    }
    world.deps.batches = batches;
    world.batchServer.end('batch_1', 'completed');
    await after(120 * MINUTE);
    expect(world.file().status).toBe('completed');
  });

  test('ends a line by itself that the deployment takes no longer when its batch is made', async () => {
    const { fileQueue } = world;
    await world.take(KEY, jsonLines(BATCH, { prompt: 'one' }, { prompt: 'two', model: 'gpt-6-sol' }));
    expect(fileQueue.bodies()).toHaveLength(1);
    world.deps.defaults = { ...world.deps.defaults, allowedModels: ['gpt-6-luna'] };
    await world.work();
    world.batchServer.end('batch_1', 'completed');
    await after(MINUTE);
    expect((await world.rows()).map(({ error }) => error?.code)).toEqual([undefined, 'invalid_input']);
  });

  test('is split into batches of whole blocks, each submitted when the ones before it have ended', async () => {
    world = makeFileWorld({ limits: SMALL, batchLimits: { lines: 4, bytes: 1e6 } });
    await dropped(...SEVEN);
    expect(submitted().map(({ requests }) => requests.length)).toEqual([3, 4]);
    world.batchServer.end('batch_2', 'completed');
    await after(MINUTE);
    expect(world.file().sentBlocks).toBe(0);
    world.batchServer.end('batch_1', 'completed');
    await after(10 * MINUTE);
    expect(world.file().status).toBe('completed');
    expect((await world.rows()).map(({ status }) => status)).toEqual(SEVEN.map(() => 'completed'));
  });

  test('does not pay again for lines that already have a run', async () => {
    await world.take(KEY, jsonLines(BATCH) + prompts('one', 'two'));
    await world.work();
    world.batchServer.end('batch_1', 'completed');
    await after(MINUTE);
    const first = world.file().id;
    await world.take(KEY, jsonLines(BATCH) + prompts('one', 'two', 'new'));
    await world.work();
    expect(submitted()[1]?.requests).toHaveLength(1);
    world.batchServer.end('batch_2', 'completed');
    await after(MINUTE);
    const second = [...world.files.files.values()].find(({ id }) => id !== first);
    expect(second).toMatchObject({ status: 'completed', counts: { completed: 3, reused: 2 } });
  });

  test('names the model that an alias stands for, in lines for the Batch API as in others', async () => {
    const standard = makeServer('');
    const providers = new Map([['groq', makeServer('')]]);
    const aliases = new Map([
      // Retired under its own name.
      ['gpt-3.5-turbo-instruct', 'gpt-6-luna'],
      ['fast', 'groq/llama'],
    ]);
    const routeOf = makeRouteOf(standard, providers, aliases);
    world = makeFileWorld({ defaults: { model: 'gpt-6-luna', routeOf, allowedModels: ['gpt-6-luna'] } });
    const line = (custom_id: string, model: string) => ({
      ...{ custom_id, method: 'POST', url: '/v1/chat/completions' },
      body: { model, messages: [{ role: 'user', content: custom_id }] },
    });
    const lines = [line('one', 'gpt-3.5-turbo-instruct'), line('two', 'fast')];
    await world.take(KEY, jsonLines({ defaults: { mode: 'batch' } }, ...lines));
    await world.work();
    expect(submitted()[0]?.requests).toMatchObject([
      { body: { model: 'gpt-6-luna', messages: [{ content: 'one' }] } },
    ]);
    world.batchServer.end('batch_1', 'completed');
    await after(MINUTE);
    expect(await world.rows()).toMatchObject([
      { custom_id: 'one', response: { body: { choices: [{ message: { content: 'Batch: one' } }] } } },
      {
        custom_id: 'two',
        error: { code: 'invalid_input' },
        everytoken: { errors: [{ path: 'body.model' }] },
      },
    ]);
    await world.take('prompts/now.jsonl', jsonLines(line('one', 'gpt-3.5-turbo-instruct')));
    await world.work();
    expect(world.prompted()).toEqual(['one']);
  });

  test('refuses the lines that a batch cannot answer, and submits the others', async () => {
    await world.take(KEY, jsonLines(BATCH, { prompt: 'one' }, { prompt: 'two', samples: 2 }));
    await world.work();
    world.batchServer.end('batch_1', 'completed');
    await after(MINUTE);
    const rows = await world.rows();
    expect(rows[0].status).toBe('completed');
    expect(rows[1]).toMatchObject({ line: 3, error: { code: 'not_for_batch' } });
  });

  test('is refused as a whole with a max_cost_usd, which a batch could not keep', async () => {
    await world.take(KEY, jsonLines({ defaults: { mode: 'batch', max_cost_usd: 1 } }) + prompts('one'));
    await world.work();
    expect(world.file()).toMatchObject({ status: 'failed', error: { code: 'bad_defaults' } });
    expect(submitted()).toEqual([]);
  });

  test('is refused for a caller with a daily budget', async () => {
    await world.budgets.set('files', { tokens: 1e6, costUsd: null });
    await world.take(KEY, jsonLines(BATCH) + prompts('one'));
    await world.work();
    expect(world.file()).toMatchObject({ status: 'failed', error: { code: 'bad_defaults' } });
    expect(submitted()).toEqual([]);
  });

  test('is refused with an unknown mode', async () => {
    await world.take(KEY, jsonLines({ defaults: { mode: 'fast' } }) + prompts('one'));
    await world.work();
    expect(world.file().error).toMatchObject({
      code: 'bad_defaults',
      message: expect.stringContaining('defaults.mode'),
    });
  });

  test('has no audit findings while it waits and after it has ended', async () => {
    const findings = async () => {
      const ports = { scan: makeMemoryScan(world) };
      const result = await audit({ ...world.deps, ...ports });
      // No embed function runs here.
      return result.findings.filter(({ kind }) => kind !== 'missing_vectors');
    };
    await dropped(...SEVEN);
    expect(await findings()).toEqual([]);
    world.batchServer.end('batch_1', 'expired', (text) => (text === 'one' ? null : { text }));
    await after(MINUTE);
    expect(await findings()).toEqual([]);
    expect(ended()).toBe(true);
  });

  test('keeps its lease during an upload that takes minutes', async () => {
    await world.take(KEY, jsonLines(BATCH) + prompts('one'));
    const { create } = world.batchServer.port;
    const slow = async (...args: Parameters<typeof create>) => {
      await world.clock.sleep(5 * MINUTE);
      return create(...args);
    };
    const moving = moveBatch(world.file(), { ...world.deps, batches: { ...world.batches, create: slow } });
    await world.clock.advance(4 * MINUTE);
    await moveBatch(world.file(), world.deps);
    expect(submitted()).toEqual([]);
    await world.clock.advance(MINUTE);
    await moving;
    expect(submitted()).toHaveLength(1);
  });

  test('is not submitted by a dry run', async () => {
    await world.take(KEY, jsonLines({ defaults: { mode: 'batch', dry_run: true } }) + prompts('one'));
    await world.work();
    expect(world.file().status).toBe('completed');
    expect(submitted()).toEqual([]);
  });

  test('has lines that need the Responses API asked one by one, whatever becomes of the batch', async () => {
    const routeOf = makeRouteOf(makeServer('https://api.openai.com/v1'), new Map());
    world = makeFileWorld({ limits: SMALL, defaults: { model: 'gpt-6-luna', routeOf } });
    const tools = [{ type: 'function', function: { name: 'look_up' } }];
    await world.take(
      KEY,
      jsonLines(
        BATCH,
        { prompt: 'one' },
        { prompt: 'two', reasoning_effort: 'low', tools },
        { prompt: 'three' },
      ),
    );
    await world.work();
    const asked = submitted().flatMap(({ requests }) => requests.map(({ body }) => body.messages));
    expect(asked).toEqual([[{ role: 'user', content: 'one' }], [{ role: 'user', content: 'three' }]]);
    world.batchServer.end('batch_1', 'expired', (prompt) => (prompt === 'three' ? null : { text: prompt }));
    await after(10 * MINUTE);
    const rows = await world.rows();
    expect(rows.map((row) => row.run?.generations[0].text ?? row.error.code)).toEqual([
      'one',
      'About two',
      'batch_expired',
    ]);
    expect(world.prompted()).toEqual(['two']);
  });

  test('has its batches cancelled when it ends without its answers', async () => {
    await dropped(...SEVEN);
    await world.files.change(world.file().id, { attempts: 5 }, { status: ['generating'] });
    await after(10 * MINUTE);
    expect(world.file()).toMatchObject({ status: 'failed', error: { code: 'attempts_exhausted' } });
    expect(submitted().map(({ job }) => job.status)).toEqual(['cancelled']);
  });

  test('has its batches cancelled when it is stopped, and its results report it', async () => {
    await dropped('one', 'two');
    await stopFile(world.file().id, 'cancelled', world.deps);
    await world.work();
    expect(world.batchServer.cancelled).toEqual(['batch_1']);
    expect((await world.rows()).map((row) => row.error.code)).toEqual(['cancelled', 'cancelled']);
  });
});

describe('a worker of a file of mode "batch" that crashes', () => {
  test('right after it created a batch leaves one that is found again, not created twice', async () => {
    await world.take(KEY, jsonLines(BATCH) + prompts('one'));
    const { create } = world.batchServer.port;
    const dying = {
      ...world.deps,
      batches: {
        ...world.batchServer.port,
        create: async (...args: Parameters<typeof create>) => {
          await create(...args);
          throw new Error('killed');
        },
      },
    };
    await expect(moveBatch(world.file(), dying)).rejects.toThrow('killed');
    expect(world.file().batch).toEqual([]);
    await after(10 * MINUTE);
    expect(submitted()).toHaveLength(1);
    expect(world.file().batch).toMatchObject([{ first: 0, end: 1, batchId: 'batch_1' }]);
    world.batchServer.end('batch_1', 'completed');
    await after(10 * MINUTE);
    expect(world.file().status).toBe('completed');
  });
});
