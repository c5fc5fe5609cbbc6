import fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import type { RunListener } from '../../../../lib/lifecycle/outputs.ts';
import type { RunView } from '../../../../lib/runs/view.ts';
import { makeTokenLogprob, makeTrace } from '../../../factories/generation.ts';
import { chunk, endsAs, makeChatApp, messages, model, readAll } from '../../../fixtures/chat-app.ts';
import { deferred } from '../../../fixtures/http.ts';
import { begunRun, generationView, runView } from '../../../fixtures/run-view.ts';

describe('a chat completion with several choices', () => {
  const several = { model, messages, n: 3 };
  const texts = ['Layers.', 'Vectors.', 'Trees.'];
  const all = (changes: Partial<RunView> = {}) =>
    runView({
      generations: texts.map((text, index) => generationView({ index, sample: index, text })),
      usage: { prompt_tokens: 27, completion_tokens: 9, reasoning_tokens: null, cached_tokens: null },
      ...changes,
    });
  /** A run of which the second output failed. */
  const halfFailed = (code: string) => {
    const error = { code, message: `it ended with ${code}` };
    return all({
      generations: all().generations.map((each) =>
        each.index === 1 ? { ...each, status: 'failed', text: null, finish_reason: null, error } : each,
      ),
    });
  };
  const textsOf = (chunks: OpenAI.ChatCompletionChunk[]) =>
    texts.map((_, at) =>
      chunks
        .flatMap(({ choices }) => choices)
        .map(({ index, delta }) => (index === at ? (delta.content ?? '') : ''))
        .join(''),
    );

  test('is a run of as many samples, and has them in order with the usage of all', async () => {
    const { openai, runs } = makeChatApp((listener) => {
      listener.onChunk(2, chunk('Trees.', { logprobs: [makeTokenLogprob('Trees.')] }), 0);
      return endsAs(all());
    });
    const answer = await openai.chat.completions.create(several);
    expect(runs[0]?.[0]).toMatchObject({ model, messages, samples: 3 });
    expect(answer.choices.map(({ index, message }) => [index, message.content])).toEqual([
      [0, 'Layers.'],
      [1, 'Vectors.'],
      [2, 'Trees.'],
    ]);
    expect(answer.choices.map(({ logprobs }) => logprobs?.content?.length ?? 0)).toEqual([0, 0, 1]);
    expect(answer.usage).toMatchObject({ prompt_tokens: 27, completion_tokens: 9, total_tokens: 36 });
  });

  test('is streamed interleaved, and each choice ends as soon as its generation does', async () => {
    const { promise: done, resolve } = deferred<RunView>();
    let listener: RunListener | undefined;
    const { openai } = makeChatApp((own) => {
      listener = own;
      own.onChunk(1, chunk('void'), 0);
      own.onRestart(1, 2);
      own.onChunk(2, chunk('Trees.'), 0);
      return { kind: 'started', run: begunRun(), done };
    });
    const request = { ...several, stream: true as const, stream_options: { include_usage: true } };
    const chunks = (await openai.chat.completions.create(request))[Symbol.asyncIterator]();
    const next = async () => (await chunks.next()).value;
    const role = { role: 'assistant', content: '', refusal: null };
    expect([await next(), await next(), await next()]).toMatchObject(
      [0, 1, 2].map((index) => ({ choices: [{ index, delta: role }] })),
    );
    expect(await next()).toMatchObject({ choices: [{ index: 2, delta: { content: 'Trees.' } }] });
    listener?.onChunk(0, chunk('Lay'), 0);
    listener?.onChunk(1, chunk('Vectors.'), 0);
    listener?.onChunk(0, chunk('ers.'), 0);
    listener?.onFinish?.(0, { finishReason: 'stop', model });
    expect([await next(), await next(), await next(), await next()]).toMatchObject([
      { choices: [{ index: 0, delta: { content: 'Lay' } }] },
      { choices: [{ index: 1, delta: { content: 'Vectors.' } }] },
      { choices: [{ index: 0, delta: { content: 'ers.' } }] },
      { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    ]);
    resolve(all());
    expect([await next(), await next(), await next()]).toMatchObject([
      { choices: [{ index: 1, finish_reason: 'stop' }] },
      { choices: [{ index: 2, finish_reason: 'stop' }] },
      { choices: [], usage: { prompt_tokens: 27, total_tokens: 36 } },
    ]);
    expect(await chunks.next()).toMatchObject({ done: true });
  });

  test.each([
    ['rate_limited', 429, OpenAI.RateLimitError],
    ['upstream_error', 502, OpenAI.InternalServerError],
    ['idle_timeout', 504, OpenAI.InternalServerError],
  ])(
    'of which one failed with %s is %i, and names the run that has the others',
    async (code, status, kind) => {
      const { openai, runs } = makeChatApp(() => endsAs(halfFailed(code)), {}, { maxRetries: 2 });
      const refused = openai.chat.completions.create(several);
      await expect(refused).rejects.toBeInstanceOf(kind);
      await expect(refused).rejects.toMatchObject({ status, code });
      await expect(refused).rejects.toThrow(/output 1 of 3 failed.*\/runs\/run_0/);
      expect(runs).toHaveLength(1);
    },
  );

  test('of which one failed after the stream had begun ends with an error, after the text of the others', async () => {
    const { promise: done, resolve } = deferred<RunView>();
    const { openai } = makeChatApp((listener) => {
      listener.onChunk(0, chunk('Layers.'), 0);
      return { kind: 'started', run: begunRun(), done };
    });
    const stream = await openai.chat.completions.create({ ...several, stream: true });
    resolve(halfFailed('upstream_error'));
    const { chunks, error } = await readAll(stream);
    expect(textsOf(chunks)).toEqual(['Layers.', '', '']);
    expect(error).toMatchObject({ code: 'upstream_error', message: expect.stringContaining('/runs/run_0') });
  });

  test('ends its stream with an error when one choice breaks off after some of its text was sent', async () => {
    const { promise: done } = deferred<RunView>();
    let listener: RunListener | undefined;
    const { openai } = makeChatApp((own) => {
      listener = own;
      own.onChunk(0, chunk('Lay'), 0);
      return { kind: 'started', run: begunRun(), done };
    });
    const reading = readAll(await openai.chat.completions.create({ ...several, stream: true }));
    listener?.onRestart(1, 2);
    listener?.onChunk(1, chunk('Vec'), 0);
    listener?.onRestart(0, 2);
    const { chunks, error } = await reading;
    expect(textsOf(chunks)).toEqual(['Lay', 'Vec', '']);
    expect(error).toMatchObject({ code: 'incomplete_output' });
  });

  test('has the text of each choice however they are interleaved, live and replayed', async () => {
    const pieces = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }), { maxLength: 4 });
    const order = fc.array(fc.nat(2), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.tuple(pieces, pieces, pieces), order, async (said, turns) => {
        const joined = said.map((each) => each.join(''));
        const ended = all({
          generations: joined.map((text, index) => generationView({ index, text })),
        });
        const { openai } = makeChatApp((listener) => {
          const left = said.map((each) => [...each]);
          for (const index of [...turns, ...left.flatMap((each, at) => each.map(() => at))]) {
            const text = left[index]?.shift();
            if (text !== undefined) listener.onChunk(index, chunk(text), 0);
          }
          return endsAs(ended);
        });
        const replayed = makeChatApp(() => ({ kind: 'replayed', run: ended })).openai;
        for (const client of [openai, replayed]) {
          const { chunks, error } = await readAll(
            await client.chat.completions.create({ ...several, stream: true }),
          );
          expect(error).toBeUndefined();
          expect(textsOf(chunks)).toEqual(joined);
          const ends = chunks.flatMap(({ choices }) =>
            choices.flatMap(({ index, finish_reason }) => (finish_reason ? [index] : [])),
          );
          expect(ends.toSorted()).toEqual([0, 1, 2]);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('is replayed with its choices from their traces', async () => {
    const { openai } = makeChatApp(() => ({ kind: 'replayed', run: all() }), {
      readTrace: async (_, index) => makeTrace(texts[index] ?? ''),
    });
    const { chunks } = await readAll(await openai.chat.completions.create({ ...several, stream: true }));
    expect(textsOf(chunks)).toEqual(texts);
    expect((await openai.chat.completions.create(several)).choices).toHaveLength(3);
    const failed = makeChatApp(() => ({ kind: 'replayed', run: halfFailed('idle_timeout') })).openai;
    await expect(failed.chat.completions.create(several)).rejects.toMatchObject({ status: 504 });
  });
});
