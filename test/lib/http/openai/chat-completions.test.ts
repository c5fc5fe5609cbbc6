import fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { OverBudgetError } from '../../../../lib/errors.ts';
import { chatCompletionSchema } from '../../../../lib/http/openai/chat-schemas.ts';
import type { RunListener } from '../../../../lib/lifecycle/outputs.ts';
import type { RunView } from '../../../../lib/runs/view.ts';
import { makeTokenLogprob, makeTrace } from '../../../factories/generation.ts';
import {
  answered,
  chunk,
  endsAs,
  goesOn,
  makeChatApp,
  messages,
  model,
  readAll,
  tell,
} from '../../../fixtures/chat-app.ts';
import { deferred } from '../../../fixtures/http.ts';
import { begunRun, failedRun, generationView, runView } from '../../../fixtures/run-view.ts';

describe('a chat completion, whole', () => {
  test('is the run in OpenAI’s shape, with the id of the run', async () => {
    const { openai, runs } = makeChatApp(() => endsAs(answered('Layers.')));
    const answer = await openai.chat.completions.create({ model, messages, max_tokens: 5 });
    expect(chatCompletionSchema.parse(answer)).toMatchObject({
      id: 'chatcmpl-run_0',
      created: Date.parse('2026-11-22T13:00:00Z') / 1000,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Layers.', refusal: null },
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
      everytoken: { run_id: 'run_0', timing: { ttft_ms: 12.5, tpot_ms: 11 }, cost_usd: null },
    });
    expect(answer._request_id).toBe('run_0');
    expect(openai.answers[0]?.headers.get('x-everytoken-run-id')).toBe('run_0');
    expect(openai.answers[0]?.headers.get('server-timing')).toMatch(/^accept;dur=/);
    expect(runs[0]?.[0]).toEqual({ model, messages, max_tokens: 5 });
  });

  test('has the log probabilities and the refusal of the successful attempt, and no reasoning', async () => {
    const { openai } = makeChatApp((listener) => {
      listener.onChunk(0, chunk('void', { logprobs: [makeTokenLogprob('void')] }), 0);
      listener.onRestart(0, 2);
      listener.onChunk(0, chunk('thinking', { kind: 'reasoning' }), 0);
      listener.onChunk(0, chunk('I will not.', { kind: 'refusal', logprobs: [makeTokenLogprob('I')] }), 0);
      return endsAs(answered(''));
    });
    const { choices } = await openai.chat.completions.create({ model, messages });
    expect(choices[0]).toMatchObject({
      message: { content: null, refusal: 'I will not.' },
      logprobs: { content: null, refusal: [makeTokenLogprob('I')] },
    });
  });

  test('names the standard tier where the request names one, whole and streamed', async () => {
    const { openai } = makeChatApp((listener) => {
      tell(listener, 'Layers.');
      return endsAs(answered('Layers.'));
    });
    const asked = { model, messages, service_tier: 'priority' as const };
    expect(await openai.chat.completions.create(asked)).toMatchObject({ service_tier: 'default' });
    const { chunks } = await readAll(await openai.chat.completions.create({ ...asked, stream: true }));
    expect(new Set(chunks.map(({ service_tier }) => service_tier))).toEqual(new Set(['default']));
    expect(await openai.chat.completions.create({ model, messages })).not.toHaveProperty('service_tier');
  });

  test('leaves out an unknown usage', async () => {
    const usage = { prompt_tokens: 4, completion_tokens: null, reasoning_tokens: null, cached_tokens: null };
    const { openai } = makeChatApp((listener) => {
      tell(listener, 'Layers.');
      return endsAs({ ...answered('Layers.'), usage });
    });
    expect(await openai.chat.completions.create({ model, messages })).not.toHaveProperty('usage');
    const request = { model, messages, stream: true as const, stream_options: { include_usage: true } };
    const { chunks } = await readAll(await openai.chat.completions.create(request));
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: null, everytoken: { run_id: 'run_0' } });
  });

  test.each<[string, number, new (...of: never[]) => Error]>([
    ['model_not_found', 404, OpenAI.NotFoundError],
    ['invalid_request', 400, OpenAI.BadRequestError],
    ['sampling_not_applied', 400, OpenAI.BadRequestError],
    ['rate_limited', 429, OpenAI.RateLimitError],
    ['insufficient_quota', 429, OpenAI.RateLimitError],
    ['upstream_error', 502, OpenAI.InternalServerError],
    ['a_code_of_the_server', 502, OpenAI.InternalServerError],
    ['constructor', 502, OpenAI.InternalServerError],
    ['idle_timeout', 504, OpenAI.InternalServerError],
    ['internal', 500, OpenAI.InternalServerError],
  ])('that fails with %s is %i, and tells clients not to retry', async (code, status, kind) => {
    for (const stream of [false, true]) {
      const { openai, runs } = makeChatApp(() => endsAs(failedRun(code)), {}, { maxRetries: 2 });
      const refused = openai.chat.completions.create({ model, messages, stream });
      await expect(refused).rejects.toBeInstanceOf(kind);
      await expect(refused).rejects.toMatchObject({ status, code, requestID: 'run_0' });
      expect(runs).toHaveLength(1);
    }
  });

  test('that the model server refused has the code and the field of its error, on which programs branch', async () => {
    const error = {
      ...{ code: 'invalid_request', message: 'it is too long' },
      ...{ server_code: 'context_length_exceeded', param: 'messages' },
    };
    const refusedRun = failedRun('invalid_request', {
      generations: [generationView({ status: 'failed', text: null, error })],
    });
    const { openai } = makeChatApp(() => endsAs(refusedRun));
    await expect(openai.chat.completions.create({ model, messages })).rejects.toMatchObject({
      ...{ status: 400, code: 'context_length_exceeded', param: 'messages' },
    });
  });

  test('that takes too long is a 504 that names the run, and tells clients not to retry', async () => {
    const { openai, runs } = makeChatApp(goesOn, { waitMs: 5 }, { maxRetries: 2 });
    await expect(openai.chat.completions.create({ model, messages })).rejects.toMatchObject({
      ...{ status: 504, code: 'wait_timeout', requestID: 'run_0' },
      message: expect.stringContaining('/runs/run_0'),
    });
    expect(openai.answers[0]?.headers.get('location')).toBe('/runs/run_0');
    expect(runs).toHaveLength(1);
  });

  test('over budget is a RateLimitError with Retry-After, and tells clients not to retry', async () => {
    const overBudget = () => {
      throw new OverBudgetError('the budget of the day is used up', { retryAfterMs: 3_600_000 });
    };
    const { openai, runs } = makeChatApp(overBudget, {}, { maxRetries: 2 });
    const refused = openai.chat.completions.create({ model, messages });
    await expect(refused).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await expect(refused).rejects.toMatchObject({ code: 'over_budget', type: 'rate_limit_error' });
    expect(openai.answers[0]?.headers.get('retry-after')).toBe('3600');
    expect(runs).toHaveLength(1);
  });
});

describe('a chat completion, streamed', () => {
  const streamed = { model, messages, stream: true as const };

  test('begins with the role, sends each token as it comes, and ends with the reason and the usage', async () => {
    const { promise: done, resolve } = deferred<RunView>();
    let listener: RunListener | undefined;
    const { openai } = makeChatApp((own) => {
      listener = own;
      tell(own, 'Lay');
      return { kind: 'started', run: begunRun(), done };
    });
    const request = { ...streamed, stream_options: { include_usage: true } };
    const chunks = (await openai.chat.completions.create(request))[Symbol.asyncIterator]();
    const next = async () => (await chunks.next()).value;
    expect((await next()).choices[0]?.delta).toEqual({ role: 'assistant', content: '', refusal: null });
    expect(await next()).toMatchObject({ usage: null, choices: [{ delta: { content: 'Lay' } }] });
    listener?.onChunk(0, chunk('hidden', { kind: 'reasoning' }), 0);
    listener?.onChunk(0, chunk('ers.', { logprobs: [makeTokenLogprob('ers')] }), 0);
    expect((await next()).choices[0]).toMatchObject({
      delta: { content: 'ers.' },
      logprobs: { content: [makeTokenLogprob('ers')] },
      finish_reason: null,
    });
    resolve(runView({ generations: [generationView({ text: 'Layers.', model: 'everytoken-ngram-2' })] }));
    const finish = await next();
    expect(finish).toMatchObject({ model: 'everytoken-ngram-2', usage: null });
    expect(finish.choices[0]).toMatchObject({ delta: {}, finish_reason: 'stop' });
    expect(await next()).toMatchObject({
      ...{ choices: [], usage: { total_tokens: 12 } },
      everytoken: { run_id: 'run_0', timing: { ttft_ms: 12.5 } },
    });
    expect(await chunks.next()).toMatchObject({ done: true });
  });

  test('sends the finish reason as soon as the model does, and the usage and the end after the commit', async () => {
    const { promise: done, resolve } = deferred<RunView>();
    let listener: RunListener | undefined;
    const { openai } = makeChatApp((own) => {
      listener = own;
      tell(own, 'Layers.');
      return { kind: 'started', run: begunRun(), done };
    });
    const request = { ...streamed, stream_options: { include_usage: true } };
    const chunks = (await openai.chat.completions.create(request))[Symbol.asyncIterator]();
    const next = async () => (await chunks.next()).value;
    await next();
    expect((await next()).choices[0]?.delta).toEqual({ content: 'Layers.' });
    listener?.onFinish?.(0, { finishReason: 'length', model: 'everytoken-ngram-2' });
    expect(await next()).toMatchObject({
      model: 'everytoken-ngram-2',
      choices: [{ delta: {}, finish_reason: 'length' }],
    });
    resolve(answered('Layers.'));
    expect(await next()).toMatchObject({ choices: [], usage: { total_tokens: 12 } });
    expect(await chunks.next()).toMatchObject({ done: true });
  });

  test('sends a finish reason that came before the stream began, once and after the text', async () => {
    const { openai } = makeChatApp((listener) => {
      tell(listener, 'void');
      listener.onFinish?.(0, { finishReason: 'length', model });
      listener.onRestart(0, 2);
      tell(listener, 'Layers.');
      listener.onFinish?.(0, { finishReason: 'stop', model });
      return endsAs(answered('Layers.'));
    });
    const { chunks, text, error } = await readAll(await openai.chat.completions.create(streamed));
    expect([text, error]).toEqual(['Layers.', undefined]);
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, null, 'stop']);
  });

  test('ends with an error after the finish reason when the run could not be saved', async () => {
    const { promise: done, reject } = deferred<RunView>();
    const { openai } = makeChatApp((listener) => {
      tell(listener, 'Layers.');
      listener.onFinish?.(0, { finishReason: 'stop', model });
      return { kind: 'started', run: begunRun(), done };
    });
    const stream = await openai.chat.completions.create(streamed);
    reject(new Error('the bucket is gone'));
    const { chunks, text, error } = await readAll(stream);
    expect([text, chunks.at(-1)?.choices[0]?.finish_reason]).toEqual(['Layers.', 'stop']);
    expect(error).toMatchObject({ code: 'internal' });
  });

  test('sends nothing of an attempt that broke off before any of its text was sent', async () => {
    const { openai } = makeChatApp((listener) => {
      tell(listener, 'void');
      listener.onRestart(0, 2);
      tell(listener, 'Layers.');
      return endsAs(answered('Layers.'));
    });
    const { text, error } = await readAll(await openai.chat.completions.create(streamed));
    expect([text, error]).toEqual(['Layers.', undefined]);
  });

  test('ends with an error when the output breaks off after some text was sent; the run goes on', async () => {
    const { promise: done, resolve } = deferred<RunView>();
    let listener: RunListener | undefined;
    const kept: Promise<unknown>[] = [];
    const bindings = { waitUntil: (one: Promise<unknown>) => void kept.push(one) };
    const { openai } = makeChatApp(
      (own) => {
        listener = own;
        tell(own, 'Lay');
        return { kind: 'started', run: begunRun(), done };
      },
      {},
      { bindings },
    );
    const reading = readAll(await openai.chat.completions.create(streamed));
    listener?.onRestart(0, 2);
    listener?.onChunk(0, chunk('Other'), 0);
    const { text, error } = await reading;
    expect(text).toBe('Lay');
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toMatchObject({
      code: 'incomplete_output',
      message: expect.stringContaining('/runs/run_0'),
    });
    resolve(answered('Other'));
    expect(await kept[0]).toEqual(answered('Other'));
  });

  test('ends with an error when another worker committed another text than was sent', async () => {
    const { openai } = makeChatApp((listener) => {
      tell(listener, 'Lay');
      return endsAs(answered('Other layers.'));
    });
    const { chunks, error } = await readAll(await openai.chat.completions.create(streamed));
    expect(error).toMatchObject({ code: 'incomplete_output' });
    expect(chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual([]);
  });

  test('begins without text after a while, and sends a failure after that as an event', async () => {
    const { promise: done, resolve } = deferred<RunView>();
    const { openai } = makeChatApp(() => ({ kind: 'started', run: begunRun(), done }), { holdMs: 5 });
    const stream = await openai.chat.completions.create(streamed);
    resolve(failedRun('idle_timeout'));
    const { chunks, error } = await readAll(stream);
    expect(chunks).toHaveLength(1);
    expect(error).toMatchObject({ code: 'idle_timeout', type: 'server_error' });
  });

  test('is a 504 when the process had to put the run back before the answer began', async () => {
    const { openai } = makeChatApp((listener) => {
      tell(listener, 'Lay');
      return { kind: 'started', run: begunRun(), done: Promise.resolve(begunRun({ status: 'queued' })) };
    });
    const refused = openai.chat.completions.create(streamed).then(readAll);
    await expect(refused).rejects.toMatchObject({ status: 504, code: 'wait_timeout' });
  });

  test('is padded when asked, so that the length of a chunk does not tell that of its token', async () => {
    const { openai } = makeChatApp((listener) => {
      tell(listener, 'a', 'long token');
      return endsAs(answered('along token'));
    });
    const padded = { ...streamed, stream_options: { include_obfuscation: true } };
    const { chunks } = await readAll(await openai.chat.completions.create(padded));
    const sizes = chunks.map((each) => JSON.stringify(each).length - ',"obfuscation":""'.length);
    expect(sizes.map((bytes) => bytes % 64)).toEqual(chunks.map(() => 0));
    expect(new Set(chunks.map(({ obfuscation }) => obfuscation)).size).toBe(chunks.length);
  });

  test('ends with an error for a reader that is too slow', async () => {
    const { openai } = makeChatApp(
      (listener) => {
        tell(listener, 'Lay', 'ers', '.');
        return goesOn();
      },
      { maxUnsentBytes: 300 },
    );
    const { error } = await readAll(await openai.chat.completions.create(streamed));
    expect(error).toMatchObject({ code: 'relay_overflow' });
  });

  test('has the same joined text however it is chunked, live and replayed', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 12 }), fc.nat(12), async (texts, restartAt) => {
        const said = texts.join('');
        const live = makeChatApp((listener) => {
          tell(listener, ...texts.slice(0, restartAt));
          listener.onRestart(0, 2);
          tell(listener, ...texts);
          return endsAs(answered(said));
        });
        const replayed = makeChatApp(() => ({ kind: 'replayed', run: answered(said) }));
        for (const { openai } of [live, replayed]) {
          const read = await readAll(await openai.chat.completions.create(streamed));
          expect([read.text, read.error]).toEqual([said, undefined]);
          const ends = read.chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? []);
          expect(ends).toEqual(['stop']);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('a chat completion repeated with its Idempotency-Key', () => {
  test('is replayed from its trace, and marked as such', async () => {
    const trace = makeTrace('Layers upon layers.');
    const chunks = trace.chunks.map((each) => ({ ...each, logprobs: [makeTokenLogprob(each.text)] }));
    const { openai } = makeChatApp(() => ({ kind: 'replayed', run: answered('Layers upon layers.') }), {
      readTrace: async (id, index, caller) => {
        expect([id, index, caller]).toEqual(['run_0', 0, 'local']);
        return { ...trace, chunks };
      },
    });
    const whole = await openai.chat.completions.create({ model, messages });
    expect(whole.choices[0]?.logprobs?.content).toHaveLength(3);
    const { chunks: replayed, text } = await readAll(
      await openai.chat.completions.create({ model, messages, stream: true }),
    );
    expect([replayed.length, text]).toEqual([5, 'Layers upon layers.']);
    expect(openai.answers.map(({ headers }) => headers.get('idempotent-replayed'))).toEqual(['true', 'true']);
  });

  test('is a ConflictError with Retry-After while it is being generated', async () => {
    const { openai } = makeChatApp(() => ({ kind: 'running', run: begunRun() }));
    const refused = openai.chat.completions.create({ model, messages });
    await expect(refused).rejects.toBeInstanceOf(OpenAI.ConflictError);
    await expect(refused).rejects.toMatchObject({ code: 'run_in_progress' });
    expect(Number(openai.answers[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(openai.answers[0]?.headers.has('x-should-retry')).toBe(false);
  });

  test('is refused for a run with store: false, whose text is no longer there', async () => {
    const run = runView({ store: false, generations: [generationView({ text: null, not_stored: true })] });
    const { openai } = makeChatApp(() => ({ kind: 'replayed', run }));
    for (const stream of [false, true]) {
      const refused = openai.chat.completions.create({ model, messages, stream });
      await expect(refused).rejects.toMatchObject({ status: 410, code: 'gone' });
    }
  });

  test('has its failure replayed', async () => {
    const { openai } = makeChatApp(() => ({ kind: 'replayed', run: failedRun('idle_timeout') }));
    const refused = openai.chat.completions.create({ model, messages, stream: true });
    await expect(refused).rejects.toMatchObject({ status: 504, code: 'idle_timeout' });
  });
});
