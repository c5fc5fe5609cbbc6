import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { textChunkSchema, textCompletionSchema } from '../../../../lib/http/openai/text-schemas.ts';
import type { RunListener } from '../../../../lib/lifecycle/outputs.ts';
import type { Started } from '../../../../lib/lifecycle/start.ts';
import type { TraceChunk } from '../../../../lib/runs/generation.ts';
import { makeTokenLogprob, makeTrace } from '../../../factories/generation.ts';
import { answered, chunk, endsAs, makeChatApp, model, tell } from '../../../fixtures/chat-app.ts';
import { begunRun, failedRun, generationView, runView } from '../../../fixtures/run-view.ts';

const prompt = 'Once upon a time';

/** Tells two chunks of which the first has alternatives. */
const tellScored = (listener: RunListener) => {
  const scored = {
    ...makeTokenLogprob('there'),
    top_logprobs: [{ token: 'we', logprob: -0.25, bytes: null }],
  };
  listener.onChunk(0, chunk('there', { logprobs: [scored] }), 0);
  listener.onChunk(0, chunk('hidden', { kind: 'reasoning' }), 0);
  listener.onChunk(0, chunk(' wäs', { logprobs: [makeTokenLogprob(' w'), makeTokenLogprob('äs')] }), 0);
};
const LOGPROBS = {
  tokens: ['there', ' w', 'äs'],
  token_logprobs: [-0.5, -0.5, -0.5],
  top_logprobs: [{ we: -0.25, there: -0.5 }, null, null],
  text_offset: [0, 5, 7],
};

const readAll = async (stream: AsyncIterable<OpenAI.Completion>) => {
  const chunks: OpenAI.Completion[] = [];
  let error: unknown;
  try {
    for await (const each of stream) chunks.push(each);
  } catch (caught) {
    error = caught;
  }
  for (const each of chunks) textChunkSchema.parse(each);
  return { chunks, text: chunks.map(({ choices }) => choices[0]?.text ?? '').join(''), error };
};

describe('a completion of a prompt', () => {
  test('is a run of that prompt, asked from the completions of the model server', async () => {
    const { openai, runs } = makeChatApp((listener) => {
      tell(listener, 'there was');
      return endsAs(answered('there was'));
    });
    const completion = await openai.completions.create({
      ...{ model, prompt, max_tokens: 50, temperature: 0.5, top_p: 0.9 },
    });
    expect(textCompletionSchema.parse(completion)).toMatchObject({
      id: 'cmpl-run_0',
      object: 'text_completion',
      created: Date.parse('2026-11-22T13:00:00Z') / 1_000,
      model,
      choices: [{ index: 0, text: 'there was', logprobs: null, finish_reason: 'stop' }],
      usage: { total_tokens: 12 },
      everytoken: { run_id: 'run_0', timing: { ttft_ms: 12.5 }, cost_usd: null },
    });
    expect(completion._request_id).toBe('run_0');
    const [body, { endpoint } = {}] = runs[0] ?? [];
    expect(endpoint).toBe('completions');
    expect(body).toEqual({ model, prompt, max_tokens: 50, temperature: 0.5, top_p: 0.9 });
  });

  test('maps every field to one of a run, and asks for 16 tokens by default', async () => {
    const { openai, runs } = makeChatApp(() => endsAs(answered('x')));
    await openai.completions.create({
      ...{ model, prompt: [prompt], n: 2, best_of: 1, echo: false, logprobs: 3, suffix: 'The end.' },
      ...{ stop: '\n', seed: 7, user: 'u-1', logit_bias: { 50256: -100 }, presence_penalty: 0.5 },
      frequency_penalty: null,
    });
    expect(runs[0]?.[0]).toEqual({
      ...{ model, prompt, max_tokens: 16, samples: 2, logprobs: true, top_logprobs: 3 },
      ...{ stop: ['\n'], seed: 7, presence_penalty: 0.5 },
      extra_body: { suffix: 'The end.', user: 'u-1', logit_bias: { 50256: -100 } },
    });
    await openai.completions.create({ model, prompt, logprobs: 0 });
    expect(runs[1]?.[0]).toEqual({ model, prompt, max_tokens: 16, logprobs: true });
    const ofServer = { repetition_penalty: 1.1 };
    await openai.completions.create({ model, prompt, ...ofServer });
    expect(runs[2]?.[0]).toEqual({ model, prompt, max_tokens: 16, extra_body: ofServer });
  });

  test('has log probabilities in lists side by side, with the place of each token', async () => {
    const { openai } = makeChatApp((listener) => {
      tellScored(listener);
      return endsAs(answered('there wäs'));
    });
    const { choices } = await openai.completions.create({ model, prompt, logprobs: 2 });
    expect(choices[0]).toEqual({ index: 0, text: 'there wäs', logprobs: LOGPROBS, finish_reason: 'stop' });
  });

  test('has a choice for each generation', async () => {
    const { openai } = makeChatApp(() =>
      endsAs(
        runView({
          generations: ['a', 'b'].map((text, index) => generationView({ text, index, sample: index })),
        }),
      ),
    );
    const { choices } = await openai.completions.create({ model, prompt, n: 2 });
    expect(choices.map(({ index, text }) => [index, text])).toEqual([
      [0, 'a'],
      [1, 'b'],
    ]);
  });

  test('streams each text as it comes, with the same places, and the usage last', async () => {
    const { openai } = makeChatApp((listener) => {
      tellScored(listener);
      return endsAs(answered('there wäs'));
    });
    const stream = await openai.completions.create({
      ...{ model, prompt, logprobs: 2, stream: true as const, stream_options: { include_usage: true } },
    });
    const { chunks, text, error } = await readAll(stream);
    expect([text, error]).toEqual(['there wäs', undefined]);
    expect(chunks.flatMap(({ choices }) => choices[0]?.logprobs?.text_offset ?? [])).toEqual([0, 5, 7]);
    expect(chunks.at(-2)?.choices[0]).toMatchObject({ text: '', finish_reason: 'stop' });
    expect(chunks.at(-1)).toMatchObject({
      ...{ choices: [], usage: { total_tokens: 12 } },
      everytoken: { run_id: 'run_0' },
    });
  });

  test('is answered again from its record, whole and streamed alike', async () => {
    const replayed = (): Started => ({ kind: 'replayed', run: answered('there wäs') });
    const chunks: TraceChunk[] = [];
    tellScored({ onChunk: (_, each) => void chunks.push(each), onRestart: () => {}, onGeneration: () => {} });
    const { openai } = makeChatApp(replayed, { readTrace: async () => ({ ...makeTrace(null), chunks }) });
    const asked = { model, prompt, logprobs: 2 };
    const whole = await openai.completions.create(asked);
    expect(whole.choices).toEqual([
      { index: 0, text: 'there wäs', logprobs: LOGPROBS, finish_reason: 'stop' },
    ]);
    const streamed = await readAll(await openai.completions.create({ ...asked, stream: true }));
    expect(streamed.text).toBe('there wäs');
    expect(streamed.chunks.flatMap(({ choices }) => choices[0]?.logprobs?.tokens ?? [])).toEqual(
      LOGPROBS.tokens,
    );
    expect(openai.answers.map(({ headers }) => headers.get('idempotent-replayed'))).toEqual(['true', 'true']);
  });

  test('that breaks off after some text ends its stream with an error', async () => {
    let listener: RunListener | undefined;
    const { openai } = makeChatApp((own) => {
      listener = own;
      tell(own, 'there');
      return { kind: 'started', run: begunRun(), done: new Promise(() => {}) };
    });
    const reading = readAll(await openai.completions.create({ model, prompt, stream: true }));
    listener?.onRestart(0, 2);
    const { text, error } = await reading;
    expect(text).toBe('there');
    expect(error).toMatchObject({ code: 'incomplete_output' });
  });

  test('that fails is an error of its class', async () => {
    const { openai } = makeChatApp(() => endsAs(failedRun('invalid_request')));
    await expect(openai.completions.create({ model, prompt })).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });
});

test.each<[string, object, string, RegExp]>([
  ['no prompt', { prompt: undefined }, 'prompt', /must be one text/],
  ['a blank prompt', { prompt: ' ' }, 'prompt', /must not be blank/],
  ['several prompts', { prompt: ['a', 'b'] }, 'prompt', /a request for each prompt/],
  ['token ids', { prompt: [1, 2] }, 'prompt', /texts in place of token ids/],
  ['best_of', { best_of: 3 }, 'best_of', /use n/],
  ['echo', { echo: true }, 'echo', /put the prompt before it/],
  ['more than five alternatives', { logprobs: 6 }, 'logprobs', /from 0 to 5/],
  ['messages', { messages: [] }, 'messages', /\/v1\/chat\/completions/],
  ['tools', { tools: [] }, 'tools', /\/v1\/chat\/completions/],
])('%s is refused by the name of the field', async (_name, fields, param, message) => {
  const { openai, runs } = makeChatApp(() => endsAs(answered('x')));
  const refused = openai.completions.create({ model, prompt, ...fields });
  await expect(refused).rejects.toMatchObject({
    status: 400,
    param,
    message: expect.stringMatching(message),
  });
  expect(runs).toEqual([]);
});
