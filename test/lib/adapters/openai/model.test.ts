import { setImmediate as tick } from 'node:timers/promises';
import fc from 'fast-check';
import OpenAI from 'openai';
import { afterEach, describe, expect, test } from 'vitest';
import { modelNotFound } from '../../../../lib/adapters/openai/errors.ts';
import { makeOpenAIModel } from '../../../../lib/adapters/openai/model.ts';
import { systemReadings } from '../../../../lib/adapters/system.ts';
import {
  type Deadlines,
  figuresOfError,
  type ModelAnswer,
  type ModelListener,
  refusedFieldOf,
} from '../../../../lib/generate/model.ts';
import { figuresOf } from '../../../../lib/timing/figures.ts';
import { pollUntil } from '../../../../tools/poll-until.ts';
import { answerOf, DONE, delta, event, finish, startModelServer, writeParts } from './model-server.ts';

const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const DEADLINES: Deadlines = { firstTokenMs: 5_000, idleMs: 5_000, totalMs: 10_000 };
const request = {
  model: 'asked-model',
  messages: [{ role: 'user', content: 'Explain vector databases in a technical manner.' }],
  body: { max_tokens: 50, temperature: 0.5 },
};

type Server = Awaited<ReturnType<typeof startModelServer>>;
const started: Server[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.close()));
});

const serve = async (answer: Parameters<typeof startModelServer>[0]): Promise<Server> => {
  const server = await startModelServer(answer);
  started.push(server);
  return server;
};

const serveText = (text: string) =>
  serve(async (response) => {
    await writeParts(response, [text]);
    response.end();
  });

const ask = (
  { baseURL }: Pick<Server, 'baseURL'>,
  options: Partial<Deadlines> & { signal?: AbortSignal } & ModelListener = {},
): Promise<ModelAnswer> => {
  const { signal = new AbortController().signal, onChunk, onFinish, ...deadlines } = options;
  return makeOpenAIModel({ apiKey: 'key', baseURL, clock }).stream(request, {
    deadlines: { ...DEADLINES, ...deadlines },
    signal,
    onChunk,
    onFinish,
  });
};

/** The error that a promise rejects with. */
const failure = async (promise: Promise<unknown>): Promise<Error & Record<string, unknown>> => {
  try {
    await promise;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('it was not rejected');
};

const untilClosed = (server: { openSockets: () => number }) =>
  pollUntil('all connections are closed', () => server.openSockets() === 0);

/** An answer without its instants. */
const timeless = ({ marks, chunks, connectMs: _, ...rest }: ModelAnswer) => ({
  ...rest,
  marks: Object.keys(marks).sort(),
  chunks: chunks.map(({ t_ms: __, ...chunk }) => chunk),
});

describe('a request to a model server', () => {
  test('carries model, messages and body, and asks for a stream with usage', async () => {
    const server = await serveText(answerOf('a'));
    await ask(server);
    expect(server.received).toHaveLength(1);
    expect(server.received[0]).toMatchObject({
      path: '/v1/chat/completions',
      headers: { authorization: 'Bearer key' },
      body: { ...request.body, model: 'asked-model', messages: request.messages, stream: true },
    });
    expect(server.received[0]?.body.stream_options).toEqual({ include_usage: true });
  });

  test('to api.openai.com turns obfuscation off', async () => {
    const server = await serveText(answerOf('a'));
    const client = new OpenAI({
      apiKey: 'key',
      baseURL: 'https://api.openai.com/v1',
      fetch: (_url, init) => fetch(`${server.baseURL}/chat/completions`, init),
    });
    await makeOpenAIModel({ client, clock }).stream(request, {
      deadlines: DEADLINES,
      signal: new AbortController().signal,
    });
    expect(server.received[0]?.body.stream_options).toEqual({
      include_usage: true,
      include_obfuscation: false,
    });
  });

  test('asks for the running usage in every chunk when told to', async () => {
    const server = await serveText(answerOf('a'));
    await makeOpenAIModel({ apiKey: 'key', baseURL: server.baseURL, clock }).stream(
      { ...request, continuousUsage: true },
      { deadlines: DEADLINES, signal: new AbortController().signal },
    );
    expect(server.received[0]?.body.stream_options).toEqual({
      include_usage: true,
      continuous_usage_stats: true,
    });
  });

  test('is never retried by the SDK', async () => {
    const server = await serve((response) => {
      response.writeHead(500).end();
    });
    await failure(ask(server));
    expect(server.received).toHaveLength(1);
  });

  test('reports the time of its connection, which is 0 for a second request on the same connection', async () => {
    const server = await serveText(answerOf('a'));
    const first = await ask(server);
    expect(first.connectMs).toBeGreaterThan(0);
    expect(first.connectMs).toBeLessThanOrEqual((first.marks.tH ?? 0) - first.marks.t0);
    // The connection is free again only once its end has been read.
    let again = await ask(server);
    for (let tries = 0; again.connectMs !== 0 && tries < 50; tries++) again = await ask(server);
    expect(again.connectMs).toBe(0);
  });
});

test('concurrent requests each report the time of their own connection, within their own TTFT', async () => {
  const server = await serveText(answerOf('a'));
  const answers = await Promise.all(Array.from({ length: 6 }, () => ask(server)));
  expect(server.received).toHaveLength(6);
  for (const { connectMs, marks } of answers) {
    expect(connectMs).toBeGreaterThan(0);
    expect(connectMs).toBeLessThanOrEqual((marks.t1 ?? 0) - marks.t0);
  }
});

describe('an answer', () => {
  test('has its text, finish reason, model, id and usage', async () => {
    const server = await serveText(
      answerOf('Vector ', 'databases').replace(
        '"total_tokens":12',
        '"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":1}',
      ),
    );
    const answer = await ask(server);
    expect(timeless(answer)).toEqual({
      completionId: 'chatcmpl-1',
      model: 'answering-model',
      text: 'Vector databases',
      toolCalls: [],
      finishReason: 'stop',
      usage: { prompt_tokens: 9, completion_tokens: 3, reasoning_tokens: 1, cached_tokens: 4 },
      marks: ['t0', 't1', 'tE', 'tH', 'tL', 'tO', 'tR'],
      chunks: [
        { text: 'Vector ', tokens: null },
        { text: 'databases', tokens: null },
      ],
      readDelays: null,
      warnings: [],
    });
  });

  test.skipIf(systemReadings.cpuWaitMs() === null)(
    'bounds how long its bytes waited while the process did other work',
    async () => {
      const server = await serve(async (response) => {
        await writeParts(response, [delta({ content: 'a' })]);
        response.end(delta({ content: 'b' }) + finish() + DONE);
        // Runs once the bytes are sent, and before the loop polls for them.
        process.nextTick(() => {
          const until = performance.now() + 30;
          while (performance.now() < until);
        });
      });
      const model = makeOpenAIModel({
        apiKey: 'key',
        baseURL: server.baseURL,
        clock,
        readings: systemReadings,
      });
      const { readDelays } = await model.stream(request, {
        deadlines: DEADLINES,
        signal: new AbortController().signal,
      });
      expect(Object.keys(readDelays ?? {}).toSorted()).toEqual(['t1', 'tE', 'tL', 'tO', 'tR']);
      expect(readDelays?.tL).toBeGreaterThanOrEqual(29);
    },
  );

  test('has marks in the order of their events, on the given clock', async () => {
    const before = clock.monotonic();
    const { marks, chunks } = await ask(await serveText(answerOf('a', 'b')));
    const { t0, tH = 0, tR = 0, t1 = 0, tO = 0, tL = 0, tE = 0 } = marks;
    const inOrder = [before, t0, tH, tR, t1, tO, tL, tE, clock.monotonic()];
    expect(inOrder).toEqual(inOrder.toSorted((one, other) => one - other));
    expect(chunks.map(({ t_ms }) => t_ms)).toEqual([t1 - t0, tL - t0]);
  });

  test('is passed to the listener chunk by chunk as it comes', async () => {
    const texts: string[] = [];
    const server = await serve(async (response) => {
      await writeParts(response, [delta({ content: 'first' })]);
      await pollUntil('the first chunk', () => texts.length === 1);
      response.end(delta({ content: ' second' }) + finish() + DONE);
    });
    const { text } = await ask(server, { onChunk: (chunk) => texts.push(chunk.text) });
    expect(text).toBe('first second');
    expect(texts).toEqual(['first', ' second']);
  });

  test('tells the listener its finish reason once, before the stream has ended', async () => {
    const told: unknown[] = [];
    const server = await serve(async (response) => {
      await writeParts(response, [delta({ content: 'all' }) + finish('length')]);
      await pollUntil('the finish reason', () => told.length === 2);
      response.end(finish('length') + DONE);
    });
    await ask(server, { onChunk: ({ text }) => told.push(text), onFinish: (end) => told.push(end) });
    expect(told).toEqual(['all', { finishReason: 'length', model: expect.any(String) }]);
  });

  test('without usage has unknown counts', async () => {
    const { usage: counts } = await ask(await serveText(delta({ content: 'a' }) + finish() + DONE));
    expect(counts).toEqual({
      prompt_tokens: null,
      completion_tokens: null,
      reasoning_tokens: null,
      cached_tokens: null,
    });
  });

  test('may end without `[DONE]`', async () => {
    const { text, finishReason } = await ask(await serveText(delta({ content: 'a' }) + finish('length')));
    expect({ text, finishReason }).toEqual({ text: 'a', finishReason: 'length' });
  });

  test('may leave its connection open after `[DONE]`, which the client then closes', async () => {
    const server = await serve((response) => writeParts(response, [answerOf('a')]));
    expect((await ask(server)).text).toBe('a');
    await untilClosed(server);
  });

  test('counts refusals and tool arguments as payload, not as text', async () => {
    const { text, marks, chunks, toolCalls } = await ask(
      await serveText(
        delta({ refusal: 'I will not' }) +
          delta({ tool_calls: [{ index: 0, function: { name: 'f', arguments: '' } }] }) +
          delta({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }) +
          finish('tool_calls'),
      ),
    );
    expect(text).toBe('');
    expect(marks.t1).toBeDefined();
    expect(marks.tO).toBeUndefined();
    expect(chunks.map(({ kind, text: payload }) => [kind, payload])).toEqual([
      ['refusal', 'I will not'],
      ['tool', '{}'],
    ]);
    expect(toolCalls).toMatchObject([{ type: 'function', function: { name: 'f', arguments: '{}' } }]);
  });

  test('counts tokens by log probabilities, adding those of an empty event to the next chunk', async () => {
    const entry = (token: string) => ({ token, logprob: -0.1, bytes: null, top_logprobs: [] });
    const { chunks } = await ask(
      await serveText(
        delta({ content: 'a b' }, { logprobs: { content: [entry('a'), entry(' b')] } }) +
          delta({ content: '' }, { logprobs: { content: [entry('half')] } }) +
          delta({ content: 'é' }, { logprobs: { content: [entry('half')] } }) +
          delta({ content: 'uncounted' }) +
          finish(),
      ),
    );
    expect(chunks.map(({ tokens }) => tokens)).toEqual([2, 2, null]);
    expect(chunks[0]?.logprobs).toEqual([entry('a'), entry(' b')]);
  });

  test('keeps 100,000 alternatives of an output, and says so of one that has more', async () => {
    const scored = (token: string) => ({ token, logprob: -1, bytes: null });
    const content = Array.from({ length: 4_000 }, () => ({
      ...scored('a'),
      top_logprobs: Array.from({ length: 20 }, () => scored('b')),
    }));
    const answer = await ask(
      await serveText(
        delta({ content: 'a'.repeat(4_000) }, { logprobs: { content } }) +
          delta({ content: 'a'.repeat(4_000) }, { logprobs: { content } }) +
          finish(),
      ),
    );
    const entries = answer.chunks.flatMap(({ logprobs }) => logprobs ?? []);
    const kept = entries.map(({ top_logprobs }) => top_logprobs.length);
    expect(entries).toHaveLength(8_000);
    expect(kept.reduce((sum, count) => sum + count, 0)).toBe(100_000);
    expect([kept[4_999], kept[5_000]]).toEqual([20, 0]);
    expect(answer.warnings).toEqual([
      'top_logprobs has more than 100000 tokens in all; later tokens have their own logprob alone',
    ]);
  });

  test('counts tokens by a running usage', async () => {
    const running = (content: string, completion_tokens: number) =>
      event({ choices: [{ delta: { content } }], usage: { prompt_tokens: 1, completion_tokens } });
    const { chunks } = await ask(
      await serveText(running('', 0) + running('a', 1) + running('bc', 3) + running('d', 4) + finish()),
    );
    expect(chunks.map(({ tokens }) => tokens)).toEqual([1, 2, 1]);
  });

  test('does not count a chunk as a token when only the last event has usage', async () => {
    const { chunks, usage: counts } = await ask(
      await serveText(
        delta({ content: 'a' }) +
          event({
            choices: [{ delta: { content: 'b' }, finish_reason: 'stop' }],
            usage: { completion_tokens: 7 },
          }),
      ),
    );
    expect(chunks.map(({ tokens }) => tokens)).toEqual([null, null]);
    expect(counts.completion_tokens).toBe(7);
  });
});

describe('bytes split anywhere', () => {
  const whole = Buffer.from(
    `: hello\r\n\r\n${delta({ role: 'assistant' })}${delta({ reasoning: 'hm — so' })}${answerOf('Ünï', 'cödé 🚀', '\n\n', '日本').replaceAll('\n\n', '\r\n\r\n')}`,
  );

  test('give the same answer', async () => {
    let cuts: number[] = [];
    const server = await serve(async (response) => {
      const at = [0, ...cuts, whole.length];
      await writeParts(
        response,
        at.slice(1).map((end, index) => whole.subarray(at[index], end)),
      );
      response.end();
    });
    const expected = timeless(await ask(server));
    expect(expected.text).toBe('Ünïcödé 🚀\n\n日本');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 12 }), async (some) => {
        cuts = some.toSorted((a, b) => a - b);
        expect(timeless(await ask(server))).toEqual(expected);
      }),
      { numRuns: 40 },
    );
    cuts = Array.from({ length: whole.length }, (_, at) => at);
    expect(timeless(await ask(server))).toEqual(expected);
  });

  test.each(['ended', 'reset'])(
    'and %s at every byte give the whole text or a retryable error',
    async (how) => {
      const brief = (content: string) => `data: {"choices":[{"delta":{"content":"${content}"}}]}\n\n`;
      const stop = 'data: {"choices":[{"finish_reason":"stop"}]}\n\n';
      const stream = Buffer.from(brief('ab') + brief('é') + stop + DONE);
      const finishedAt = stream.length - DONE.length - '\n\n'.length;
      let length = 0;
      const server = await serve(async (response) => {
        await writeParts(response, [stream.subarray(0, length)]);
        if (how === 'ended') response.end();
        else response.destroy();
      });
      for (length = 0; length < stream.length; length++) {
        const ended = await ask(server).then(
          ({ text }) => text,
          ({ retryable }) => retryable,
        );
        // A reset can overtake bytes that were sent before it, so it may also fail an answer that had finished.
        const expected = length >= finishedAt ? (how === 'ended' ? ['abé'] : ['abé', true]) : [true];
        expect(expected, `cut at ${length}`).toContain(ended);
      }
    },
  );
});

describe('an answer of another content type', () => {
  const typed = (type: string | undefined, ...parts: (string | Uint8Array)[]) =>
    serve(async (response) => {
      response.writeHead(200, type === undefined ? {} : { 'content-type': type });
      for (const part of parts) {
        response.write(part);
        await tick();
      }
      response.end();
    });
  const completion = (more: object = {}) => ({
    object: 'chat.completion',
    model: 'answering-model',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hello you' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 9, completion_tokens: 3 },
    ...more,
  });

  test.each([
    'application/json',
    'text/plain; charset=utf-8',
    'application/json, text/event-stream',
    'application/octet-stream',
    undefined,
  ])('%s with an event stream in it is read, chunk by chunk', async (type) => {
    const texts: string[] = [];
    const server = await serve(async (response) => {
      response.writeHead(200, type === undefined ? {} : { 'content-type': type });
      response.write(` \n: hello\n\n${delta({ content: 'first' })}`);
      await pollUntil('the first chunk', () => texts.length === 1);
      response.end(delta({ content: ' second' }) + finish() + DONE);
    });
    const { text, chunks, warnings } = await ask(server, { onChunk: (chunk) => texts.push(chunk.text) });
    expect([text, chunks.length, warnings]).toEqual(['first second', 2, []]);
  });

  test.each([
    ['application/json', ''],
    ['text/event-stream', ' \n'],
  ])('%s with a whole completion is one chunk, with a warning and no time per token', async (type, space) => {
    const json = JSON.stringify(completion(), null, 2);
    const { text, usage, marks, chunks, warnings } = await ask(
      await typed(type, space, json.slice(0, 9), json.slice(9)),
    );
    expect(text).toBe('Hello you');
    expect(usage.completion_tokens).toBe(3);
    expect(warnings).toEqual([
      'the model server sent a whole completion, not a stream: times between tokens are unknown',
    ]);
    expect(chunks).toHaveLength(1);
    expect([marks.tR, marks.tL, marks.tO]).toEqual([marks.t1, marks.t1, marks.t1]);
    const circumstances = { startedAt: '', connectMs: null, coldStart: false, readDelays: null };
    expect(figuresOf(marks, usage, chunks, circumstances)).toMatchObject({ tpot_ms: null, itl_ms: null });
  });

  test.each([
    ['text/html', '<!doctype html><title>Welcome</title>'],
    ['text/plain', 'the service is closed'],
    ['application/json', '{"status":"ok"}'],
    ['application/json', '"Hello"'],
    ['application/json', '{"choices":[{"message":{"content":"Hello"}}]}'],
    ['application/json', '{"choices": what}'],
    ['text/event-stream', Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0)],
  ])('%s with %s is final', async (type, body) => {
    const error = await failure(ask(await typed(type, body)));
    expect(error).toMatchObject({ code: 'unreadable_output', retryable: false });
    expect(error.message).not.toMatch(/Hello|closed|Welcome/);
  });

  test.each(['gzip', 'br'])('that is not compressed with %s, as it says, is final', async (encoding) => {
    const server = await serve((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': encoding });
      response.end(answerOf('not compressed at all'));
    });
    expect(await failure(ask(server))).toMatchObject({ code: 'unreadable_output', retryable: false });
  });

  test.each([
    ['an empty body', ''],
    ['a completion that is cut off', JSON.stringify(completion()).slice(0, 70)],
  ])('with %s is incomplete, and may be tried again', async (_, body) => {
    expect(await failure(ask(await typed('application/json', body)))).toMatchObject({
      code: 'incomplete_output',
      retryable: true,
    });
  });

  test.each([
    [{ error: { message: 'too long', code: 400 } }, 'invalid_request'],
    [{ error: { message: 'oh', code: 'invalid_api_key' } }, 'configuration'],
    [{ message: 'slow down', code: 429 }, 'rate_limited'],
    [[{ error: { code: 503, message: 'overloaded' } }], 'upstream_error'],
    [{ detail: 'oh' }, 'upstream_error'],
  ])('with the error %j is that error', async (body, code) => {
    expect(await failure(ask(await typed('application/json', JSON.stringify(body))))).toMatchObject({ code });
  });
});

describe('a stream that fails', () => {
  test('without a finish reason is incomplete, with the figures of the attempt', async () => {
    const error = await failure(ask(await serveText(delta({ content: 'half a' }) + DONE)));
    expect(error).toMatchObject({
      name: 'IncompleteOutputError',
      code: 'incomplete_output',
      retryable: true,
    });
    const figures = figuresOfError(error);
    expect(figures?.ttftMs).toBeGreaterThan(0);
    expect(figures?.e2eMs).toBeGreaterThanOrEqual(figures?.ttftMs ?? Number.POSITIVE_INFINITY);
  });

  test('with malformed JSON is incomplete and quotes none of it', async () => {
    const error = await failure(ask(await serveText('data: {"choices":[{"delta":{"content":"secret\n\n')));
    expect(error).toMatchObject({ code: 'incomplete_output' });
    expect(`${error.message} ${error.cause}`).not.toContain('secret');
  });

  test('with an HTML page is final, names the type and frees its socket', async () => {
    const server = await serve((response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.write('<html>');
    });
    expect(await failure(ask(server))).toMatchObject({
      code: 'unreadable_output',
      retryable: false,
      message: expect.stringContaining('text/html'),
    });
    await untilClosed(server);
  });

  test.each([
    [{ code: 'server_error', message: 'oh' }, 'upstream_error', true],
    [{ code: 503, message: 'overloaded' }, 'upstream_error', true],
    [{ code: 'rate_limit_exceeded' }, 'rate_limited', true],
    [{ type: 'insufficient_quota', code: 'insufficient_quota' }, 'insufficient_quota', false],
    [{ type: 'invalid_request_error', message: 'too long' }, 'invalid_request', false],
    ['something went wrong', 'upstream_error', true],
  ])('by an error event %j is %s', async (error, code, retryable) => {
    const server = await serveText(delta({ content: 'a' }) + event({ error }) + finish() + DONE);
    expect(await failure(ask(server))).toMatchObject({ code, retryable });
  });

  test.each([
    ['event: error\ndata: 429 Too Many Requests\n\n', 'rate_limited', 'Too Many Requests'],
    ['event: error\ndata: {"message":"oh"}\n\n', 'upstream_error', 'oh'],
    [
      'data: {"object":"error","message":"too long","type":"BadRequestError","code":400}\n\n',
      'invalid_request',
      'too long',
    ],
    ['data: {"detail":"oh"}\n\n', 'upstream_error', 'oh'],
    ['data: [{"error":{"code":429,"message":"exhausted"}}]\n\n', 'rate_limited', 'exhausted'],
    [
      event({ choices: [{ error: { code: 502, message: 'the provider failed' }, finish_reason: 'error' }] }),
      'upstream_error',
      'the provider failed',
    ],
    [event({ choices: [{ error: { code: 400, message: 'too long' } }] }), 'invalid_request', 'too long'],
    [finish('error'), 'upstream_error', 'it stopped in the middle'],
  ])('by %j is %s, with its words', async (error, code, words) => {
    const caught = await failure(ask(await serveText(delta({ content: 'a' }) + error + finish() + DONE)));
    expect(caught).toMatchObject({ code, message: expect.stringContaining(words) });
  });

  test('by an error that quotes the output says so without the output', async () => {
    const content = 'A vector database stores embeddings.';
    const error = event({ error: { message: `could not parse: ${content}`, code: 400 } });
    const { message } = await failure(ask(await serveText(delta({ content }) + error)));
    expect(message).toContain('could not parse');
    expect(message).not.toContain('embeddings');
  });

  test.each([
    [
      'first_token_timeout',
      { firstTokenMs: 60 },
      `: waiting\n\n${delta({ role: 'assistant', content: '' })}`,
    ],
    ['idle_timeout', { idleMs: 60 }, delta({ content: 'a' })],
    ['total_timeout', { totalMs: 60 }, delta({ content: 'a' })],
  ])('by silence is a %s and frees its socket', async (code, deadlines, text) => {
    const server = await serve((response) => writeParts(response, [text]));
    expect(await failure(ask(server, deadlines))).toMatchObject({
      name: 'DeadlineError',
      code,
      retryable: true,
    });
    await untilClosed(server);
  });

  test('by silence before the headers is a first_token_timeout', async () => {
    const server = await serve(() => {});
    const error = await failure(ask(server, { firstTokenMs: 60 }));
    expect(error).toMatchObject({ code: 'first_token_timeout' });
    expect(figuresOfError(error)).toMatchObject({ ttftMs: null, e2eMs: expect.any(Number) });
  });

  test.each([
    ['', ': still here\n\n'],
    ['data: ', ' '],
  ])('by sending %j%j forever is an idle timeout all the same', async (begin, drip) => {
    const server = await serve(async (response) => {
      await writeParts(response, [delta({ content: 'a' }), begin]);
      const dripping = setInterval(() => response.write(drip), 5);
      response.on('close', () => clearInterval(dripping));
    });
    expect(await failure(ask(server, { idleMs: 80 }))).toMatchObject({ code: 'idle_timeout' });
    await untilClosed(server);
  });

  test('to end after its finish reason still has its whole answer', async () => {
    const server = await serve((response) => writeParts(response, [delta({ content: 'a' }) + finish()]));
    const { text, marks } = await ask(server, { idleMs: 60 });
    expect(text).toBe('a');
    expect(marks.tE).toBeDefined();
  });

  test('by a reset is retryable', async () => {
    const server = await serve(async (response) => {
      await writeParts(response, [delta({ content: 'a' })]);
      response.destroy();
    });
    expect(await failure(ask(server))).toMatchObject({
      name: 'UpstreamError',
      code: 'upstream_error',
      retryable: true,
    });
  });
});

describe('an abort', () => {
  test.each(['before', 'while waiting', 'amid the text'])(
    '%s rejects with its reason and frees the socket',
    async (when) => {
      const controller = new AbortController();
      const reason = new Error('the function runs out of time');
      const server = await serve(async (response) => {
        if (when === 'while waiting') controller.abort(reason);
        else await writeParts(response, [delta({ content: 'a' })]);
      });
      if (when === 'before') controller.abort(reason);
      const onChunk = () => controller.abort(reason);
      expect(await failure(ask(server, { signal: controller.signal, onChunk }))).toBe(reason);
      await untilClosed(server);
      expect(server.received).toHaveLength(when === 'before' ? 0 : 1);
    },
  );
});

describe('a server that refuses', () => {
  const refusing = (status: number, error: unknown, headers: Record<string, string> = {}) =>
    serve((response, { path }) => {
      if (path === '/v1/models') {
        const data = Array.from({ length: 12 }, (_, at) => ({ id: `model-${at}`, object: 'model' }));
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ object: 'list', data }));
        return;
      }
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify({ error }));
    });

  test.each([401, 403])('the key with %i is a configuration error that names the service', async (status) => {
    const error = await failure(
      ask(await refusing(status, { message: 'Incorrect API key provided: sk-123' })),
    );
    expect(error).toMatchObject({ name: 'ConfigurationError', code: 'configuration', retryable: false });
    expect(error.message).toContain('openai');
    expect(error.message).not.toContain('sk-');
  });

  test.each([
    ['another one', true],
    ['the same', false],
  ])('a key that was read from a parameter has it read again: %s', async (_, changes) => {
    const server = await refusing(401, { message: 'no' });
    let key = 'old';
    const apiKey = {
      read: async () => key,
      forget: () => {
        if (changes) key = 'new';
      },
    };
    const model = makeOpenAIModel({ apiKey, baseURL: server.baseURL, clock });
    const asked = model.stream(request, { deadlines: DEADLINES, signal: new AbortController().signal });
    expect(await failure(asked)).toMatchObject({ code: 'configuration', retryable: changes });
    expect(server.received[0]?.headers.authorization).toBe('Bearer old');
  });

  test('the model is an error that names up to ten of its models', async () => {
    const error = await failure(
      ask(await refusing(404, { code: 'model_not_found', message: 'no such model' })),
    );
    expect(error).toMatchObject({ code: 'model_not_found', retryable: false, status: 404 });
    expect(error.message).toContain('asked-model');
    expect(error.message).toContain('model-0, ');
    expect(error.message).toContain('model-9');
    expect(error.message).not.toContain('model-10');
  });

  test('a model that makes vectors is an error that says so and names none of its kind', async () => {
    const error = modelNotFound('everytoken-use', ['everytoken-ngram', 'everytoken-use'], 404);
    expect(error.message).toBe('everytoken-use generates no text; the server has everytoken-ngram');
  });

  test('the address is a configuration error', async () => {
    const error = await failure(ask(await refusing(404, { message: 'Not found' })));
    expect(error).toMatchObject({
      code: 'configuration',
      message: expect.stringContaining('OPENAI_BASE_URL'),
    });
  });

  test.each([
    [429, { code: 'rate_limit_exceeded' }, { 'retry-after': '2' }, 'rate_limited', true, 2_000],
    [
      429,
      { code: 'rate_limit_exceeded' },
      { 'retry-after-ms': '150', 'retry-after': '1' },
      'rate_limited',
      true,
      150,
    ],
    [429, { code: 'rate_limit_exceeded' }, {}, 'rate_limited', true, undefined],
    [429, { code: 'insufficient_quota' }, { 'retry-after': '2' }, 'insufficient_quota', false, undefined],
    [500, { message: 'oh' }, {}, 'upstream_error', true, undefined],
    [503, null, { 'retry-after': '1' }, 'upstream_error', true, 1_000],
    [400, { message: 'too long' }, {}, 'invalid_request', false, undefined],
    [422, { message: 'no' }, {}, 'invalid_request', false, undefined],
  ])('with %i %j %j is %s', async (status, error, headers, code, retryable, retryAfterMs) => {
    const caught = await failure(ask(await refusing(status, error, headers)));
    expect(caught).toMatchObject({ code, retryable, status });
    expect(caught.retryAfterMs).toBe(retryAfterMs);
  });

  test('until a date gives the time until then as retryAfterMs', async () => {
    const at = new Date(Date.now() + 30_000).toUTCString();
    const { retryAfterMs } = await failure(ask(await refusing(429, {}, { 'retry-after': at })));
    expect(retryAfterMs).toBeGreaterThan(20_000);
    expect(retryAfterMs).toBeLessThanOrEqual(30_000);
  });

  test('a field by name is an error with that field and the server’s words', async () => {
    const error = await failure(
      ask(await refusing(400, { message: "Unsupported parameter: 'temperature'", param: 'temperature' })),
    );
    expect(refusedFieldOf(error)).toBe('temperature');
    expect(error.message).toContain("Unsupported parameter: 'temperature'");
  });

  test('with an error that does not end is read in part', async () => {
    const server = await serve((response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      const write = () => {
        while (!response.destroyed && response.write('too long '.repeat(10_000)));
      };
      response.on('drain', write);
      write();
    });
    expect(await failure(ask(server))).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('too long'),
    });
    await untilClosed(server);
  });

  test('with an error that is nested without end is final', async () => {
    const server = await serve((response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(`${'{"error":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
    });
    expect(await failure(ask(server))).toMatchObject({ code: 'unreadable_output', retryable: false });
  });

  test('with words from the prompt is an error without them', async () => {
    const error = await failure(
      ask(await refusing(400, { message: `flagged: "${request.messages[0]?.content}" ${'x'.repeat(900)}` })),
    );
    expect(error.message).toContain('flagged');
    expect(error.message).not.toContain('vector databases');
    expect(error.message.length).toBeLessThan(400);
  });

  test.each([
    [400, '{"error":{"message":"too long"}}'],
    [400, '{"message":"too long","code":"x"}'],
    [422, '{"object":"error","message":{"detail":[{"loc":["body"],"msg":"too long"}]}}'],
    [422, '{"detail":[{"loc":["body"],"msg":"too long"}]}'],
    [400, '{"detail":"too long"}'],
    [400, '{"errors":[{"message":"too long"}]}'],
    [400, '[{"error":{"code":400,"message":"too long"}}]'],
    [400, '{"error":"too long"}'],
    [400, '{"error":true,"message":"too long"}'],
    [400, '"too long"'],
    [400, 'too long'],
    [413, '<html><head><title>too long</title></head></html>'],
    [502, '<html><head><title>too long</title></head></html>'],
  ])('with %i and %s has its words in the error', async (status, body) => {
    const server = await serve((response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    expect(await failure(ask(server))).toMatchObject({
      code: status < 500 ? 'invalid_request' : 'upstream_error',
      status,
      message: expect.stringContaining('too long'),
    });
  });

  test('the key with a 400, as Gemini does, has it read again', async () => {
    const body = [{ error: { code: 400, message: 'API key not valid. Please pass a valid API key.' } }];
    const server = await serve((response) => {
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    let key = 'old';
    const apiKey = {
      read: async () => key,
      forget: () => {
        key = 'new';
      },
    };
    const model = makeOpenAIModel({ apiKey, baseURL: server.baseURL, clock });
    const asked = model.stream(request, { deadlines: DEADLINES, signal: new AbortController().signal });
    expect(await failure(asked)).toMatchObject({ code: 'configuration', retryable: true });
  });

  test('connections is a retryable error with the code of the system', async () => {
    const server = await serveText('');
    await server.close();
    const error = await failure(ask(server));
    expect(error).toMatchObject({ code: 'upstream_error', retryable: true });
    expect(error.message).toContain('ECONNREFUSED');
  });
});
