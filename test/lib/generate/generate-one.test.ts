import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  ConfigurationError,
  DeadlineError,
  IncompleteOutputError,
  UpstreamError,
} from '../../../lib/errors.ts';
import { type GenerationDeps, type GenerationTask, generateOne } from '../../../lib/generate/generate-one.ts';
import { withRefusedField } from '../../../lib/generate/model.ts';
import { makeServer } from '../../../lib/sampling/server.ts';
import { makeFakeClock, makeMemoryModel, type Turn } from './memory-model.ts';

const price = { source: 'a list', as_of: '2026-11-01' };
const prices = {
  priceOf: (model: string) =>
    model === 'answering-model' ? { input: 1, cached: 0.5, output: 2, price } : undefined,
};

/** The dependencies of one generation. Only the model and the waits move the clock. */
const makeCase = (turns: Turn[], options: Partial<GenerationTask> = {}) => {
  const clock = makeFakeClock();
  const { model, asked } = makeMemoryModel(turns, clock);
  const waits: number[] = [];
  const sent: string[] = [];
  const controller = new AbortController();
  const server = makeServer('http://127.0.0.1:1/v1');
  const task: GenerationTask = {
    setting: { label: 'a label', model: 'asked-model', maxTokens: 20, temperature: 0.5 },
    index: 3,
    sample: 1,
    messages: [{ role: 'user', content: 'a prompt' }],
    signal: controller.signal,
    onChunk: ({ text }) => sent.push(text),
    onRestart: (attempt) => sent.push(`restart ${attempt}`),
    ...options,
  };
  const deps: GenerationDeps = {
    model,
    server,
    clock,
    prices,
    random: () => 0,
    coldStart: true,
    sleep: async (ms, signal) => {
      signal.throwIfAborted();
      waits.push(ms);
      clock.pass(ms);
    },
  };
  return { task, deps, asked, waits, sent, controller, server, clock };
};

const busy = (retryAfterMs?: number) =>
  new UpstreamError('openai', 'busy', { code: 'rate_limited', status: 429, retryAfterMs });

describe('a generation at the first attempt', () => {
  test('has text, figures, cost and hash, and a trace that begins at t0', async () => {
    const { task, deps, waits, sent } = makeCase([{ texts: ['Vector ', 'dätabases'] }]);
    const { generation, trace } = await generateOne(task, deps);
    expect(generation).toEqual({
      index: 3,
      label: 'a label',
      sample: 1,
      status: 'completed',
      text: 'Vector dätabases',
      finish_reason: 'stop',
      model: 'answering-model',
      sampling: {
        requested: { max_tokens: 20, temperature: 0.5 },
        sent: { max_tokens: 20, temperature: 0.5 },
        effective: { max_tokens: 20, temperature: 0.5 },
        warnings: [],
      },
      usage: { prompt_tokens: 9, completion_tokens: 2, reasoning_tokens: 0, cached_tokens: 0 },
      timing: expect.objectContaining({
        started_at: '2026-11-22T12:00:00.000Z',
        ttft_ms: 100,
        e2e_ms: 115,
        tpot_ms: 10,
        connect_ms: 3,
        cold_start: true,
      }),
      attempts: [],
      checks: [],
      cost_usd: (9 * 1 + 2 * 2) / 1e6,
      price: { ...price, input: 1, cached: 0.5, output: 2 },
      output_sha256: createHash('sha256').update(Buffer.from('Vector dätabases', 'utf8')).digest('hex'),
      vector_ids: [],
      error: null,
    });
    expect(trace).toEqual({
      marks: {
        t0_utc: '2026-11-22T12:00:00.000Z',
        t0_monotonic_ms: 50_000,
        completion_id: 'chatcmpl-7',
        tH: 50,
        tR: 60,
        t1: 100,
        tO: 100,
        tL: 110,
        tE: 115,
      },
      chunks: [
        { t_ms: 100, text: 'Vector ', tokens: null },
        { t_ms: 110, text: 'dätabases', tokens: null },
      ],
    });
    expect(sent).toEqual(['Vector ', 'dätabases']);
    expect(waits).toEqual([]);
  });

  test('sends the fields of the setting, with the default deadlines', async () => {
    const { task, deps, asked } = makeCase([{ texts: ['a'] }]);
    await generateOne(task, deps);
    expect(asked).toEqual([
      {
        request: {
          model: 'asked-model',
          messages: task.messages,
          body: { max_tokens: 20, temperature: 0.5 },
        },
        deadlines: { firstTokenMs: 60_000, idleMs: 30_000, totalMs: 300_000 },
      },
    ]);
  });

  test.each(['vllm', 'everytoken', 'openai', 'ollama', 'other'] as const)(
    'asks for running usage in every chunk only of servers known to support it: %s',
    async (kind) => {
      const { task, deps, asked, server } = makeCase([{ texts: ['a'] }]);
      server.kind = kind;
      await generateOne(task, deps);
      const isKnown = kind === 'vllm' || kind === 'everytoken';
      expect(asked.map(({ request }) => request.continuousUsage)).toEqual([isKnown ? true : undefined]);
    },
  );

  test('may have an empty text', async () => {
    const { task, deps } = makeCase([{ texts: [] }]);
    const { generation } = await generateOne(task, deps);
    expect(generation).toMatchObject({ status: 'completed', text: '' });
    expect(generation.output_sha256).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  test('has an unknown cost for a model without a price', async () => {
    const { task, deps } = makeCase([{ texts: ['a'] }]);
    deps.prices = { priceOf: () => undefined };
    expect((await generateOne(task, deps)).generation).toMatchObject({ cost_usd: null, price: null });
  });
});

describe('a generation after failed attempts', () => {
  test('records each with its wait and figures, and has a t0 of its own', async () => {
    const { task, deps, waits, sent } = makeCase([
      { texts: [], error: busy(400) },
      { texts: ['half'], error: new IncompleteOutputError('cut') },
      { texts: ['whole'] },
    ]);
    const { generation, trace } = await generateOne(task, deps);
    expect(generation.attempts).toEqual([
      { error: 'rate_limited', status: 429, waited_ms: 400, ttft_ms: null, e2e_ms: 5 },
      { error: 'incomplete_output', status: null, waited_ms: 1_000, ttft_ms: 100, e2e_ms: 105 },
    ]);
    expect(waits).toEqual([400, 1_000]);
    expect(generation).toMatchObject({ status: 'completed', text: 'whole', timing: { e2e_ms: 105 } });
    expect(trace.marks.t0_monotonic_ms).toBe(50_000 + 5 + 400 + 105 + 1_000);
    expect(trace.marks.t0_utc).toBe('2026-11-22T12:00:01.510Z');
    expect(sent).toEqual(['restart 2', 'half', 'restart 3', 'whole']);
  });

  test('discards the text of an interrupted attempt', async () => {
    const { task, deps } = makeCase([{ texts: ['half'], error: new IncompleteOutputError('cut') }]);
    const { generation, trace } = await generateOne(task, deps);
    expect(generation).toMatchObject({
      status: 'failed',
      text: null,
      timing: null,
      output_sha256: null,
      cost_usd: null,
      error: { code: 'incomplete_output', message: 'cut' },
    });
    expect(generation.attempts).toHaveLength(4);
    expect(generation.attempts.map(({ waited_ms }) => waited_ms)).toEqual([500, 1_000, 2_000, 0]);
    expect(JSON.stringify({ generation, trace })).not.toContain('half');
  });

  test.each([
    new ConfigurationError('openai: no key'),
    new UpstreamError('openai', 'no credit', { code: 'insufficient_quota', retryable: false, status: 429 }),
  ])('is not retried after %s', async (error) => {
    const { task, deps, asked } = makeCase([{ texts: [], error }]);
    const { generation } = await generateOne(task, deps);
    expect(asked).toHaveLength(1);
    expect(generation.error).toEqual({ code: error.code, message: error.message });
  });

  test('hides the message of an unknown error', async () => {
    const { task, deps } = makeCase([{ texts: [], error: new Error('a prompt, quoted') }]);
    const { generation } = await generateOne(task, deps);
    expect(generation.error?.code).toBe('internal');
    expect(JSON.stringify(generation)).not.toContain('quoted');
  });
});

describe('the deadline', () => {
  test('ends the retries if Retry-After would exceed it', async () => {
    const { task, deps, clock, waits } = makeCase([{ texts: [], error: busy(10_000) }]);
    const { generation } = await generateOne({ ...task, deadlineAt: clock.now() + 10_000 }, deps);
    expect(waits).toEqual([]);
    expect(generation).toMatchObject({ status: 'failed', error: { code: 'rate_limited' } });
  });

  test('limits the last attempt to the remaining time', async () => {
    const { task, deps, clock, asked } = makeCase([{ texts: [], error: busy(6_000) }, { texts: ['a'] }]);
    await generateOne({ ...task, deadlineAt: clock.now() + 10_000 }, deps);
    expect(asked.map(({ deadlines }) => deadlines.totalMs)).toEqual([10_000, 10_000 - 5 - 6_000]);
  });

  test('of the policy bounds all attempts together', async () => {
    const late = { texts: [], error: new DeadlineError('late') };
    const { task, deps, asked, clock } = makeCase([late]);
    deps.policy = {
      attempts: 99,
      firstTokenMs: 9,
      idleMs: 9,
      totalMs: 3_000,
      baseDelayMs: 1_000,
      maxDelayMs: 1_000,
      longestWaitMs: 300_000,
    };
    const begun = clock.monotonic();
    const { generation } = await generateOne(task, deps);
    expect(generation.error?.code).toBe('total_timeout');
    expect(asked).toHaveLength(3);
    expect(clock.monotonic() - begun).toBeLessThanOrEqual(3_000);
  });
});

describe('a field that the server refuses', () => {
  const refusing =
    (...fields: string[]) =>
    ({ body }: { body: Record<string, unknown> }) => {
      const field = fields.find((one) => one in body);
      if (field === undefined) return undefined;
      const error = new UpstreamError('openai', `Unrecognized: ${field}`, {
        code: 'invalid_request',
        retryable: false,
        status: 400,
      });
      return withRefusedField(error, field);
    };

  test('is left out at once, with a warning, and never sent to that model again', async () => {
    const turn = { texts: ['a'], error: refusing('temperature') };
    const { task, deps, asked, waits, server } = makeCase([turn]);
    const { generation } = await generateOne(task, deps);
    expect(waits).toEqual([]);
    expect(generation.attempts).toEqual([
      expect.objectContaining({ error: 'invalid_request', status: 400, waited_ms: 0 }),
    ]);
    expect(generation.sampling).toEqual({
      requested: { max_tokens: 20, temperature: 0.5 },
      sent: { max_tokens: 20 },
      effective: { max_tokens: 20, temperature: null },
      warnings: ['temperature is not accepted by this server for asked-model'],
    });
    const next = makeCase([turn]);
    next.deps.server = server;
    await generateOne(next.task, next.deps);
    expect([asked.length, next.asked.length]).toEqual([2, 1]);
  });

  test('does not count as an attempt', async () => {
    const { task, deps } = makeCase([
      { texts: [], error: refusing('temperature') },
      { texts: [], error: busy(1) },
    ]);
    const { generation } = await generateOne(task, deps);
    expect(generation.attempts.map(({ error }) => error)).toEqual([
      'invalid_request',
      ...Array(4).fill('rate_limited'),
    ]);
  });

  test('is sent under its other name if it is the token limit, and fails if that is refused too', async () => {
    const renamed = makeCase([{ texts: ['a'], error: refusing('max_tokens') }]);
    expect((await generateOne(renamed.task, renamed.deps)).generation.sampling.sent).toMatchObject({
      max_completion_tokens: 20,
    });
    const neither = makeCase([{ texts: ['a'], error: refusing('max_tokens', 'max_completion_tokens') }]);
    expect((await generateOne(neither.task, neither.deps)).generation).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_request' },
    });
    expect(neither.asked).toHaveLength(2);
  });
});

describe('an abort of a generation', () => {
  const reason = new Error('out of time');

  test('before the first attempt sends no request', async () => {
    const { task, deps, asked, controller } = makeCase([{ texts: ['a'] }]);
    controller.abort(reason);
    await expect(generateOne(task, deps)).rejects.toBe(reason);
    expect(asked).toEqual([]);
  });

  test('during the stream rejects with its reason', async () => {
    const { task, deps, controller } = makeCase([{ texts: ['a', 'b'] }], {
      onChunk: () => controller.abort(reason),
    });
    await expect(generateOne(task, deps)).rejects.toBe(reason);
  });

  test('during a wait rejects with its reason, not with the error of the wait', async () => {
    const { task, deps, controller } = makeCase([{ texts: [], error: busy(5) }]);
    deps.sleep = async () => {
      controller.abort(reason);
      throw new Error('the wait was aborted');
    };
    await expect(generateOne(task, deps)).rejects.toBe(reason);
  });
});
