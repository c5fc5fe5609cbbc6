import OpenAI from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeText } from '../../../local/model/tokens.ts';
import type { Emissions } from '../../../local/openai/emissions.ts';
import { monotonicMs } from '../../../local/openai/pace.ts';
import { type LocalOpenai, localOpenai } from '../../fixtures/local-openai.ts';

let server: LocalOpenai;
let client: OpenAI;
beforeAll(async () => {
  server = await localOpenai();
  client = new OpenAI({ apiKey: server.apiKey, baseURL: server.url, maxRetries: 0 });
});

const model = 'everytoken-ngram';
const messages = [{ role: 'user' as const, content: 'Explain vector databases in a technical manner.' }];
const emissionsOf = async (id: string): Promise<Emissions> => {
  const headers = { authorization: `Bearer ${server.apiKey}` };
  const response = await fetch(new URL(`/emissions/${id}`, server.url), { headers });
  expect(response.status).toBe(200);
  return (await response.json()) as Emissions;
};
const collect = async <Chunk>(stream: AsyncIterable<Chunk>): Promise<Chunk[]> => {
  const chunks: Chunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
};
const writtenTokens = ({ writes }: Emissions): number => writes.reduce((sum, { tokens }) => sum + tokens, 0);

describe('chat completions', () => {
  test('answer whole, about the subject, with correct counts', async () => {
    const answer = await client.chat.completions.create({
      model,
      messages,
      max_tokens: 60,
      temperature: 0.5,
      seed: 3,
    });
    expect(answer).toMatchObject({
      object: 'chat.completion',
      model,
      choices: [{ index: 0, logprobs: null }],
    });
    const [choice] = answer.choices;
    expect(choice?.message.content).toMatch(/vector|index|quer/i);
    expect(['stop', 'length']).toContain(choice?.finish_reason);
    const completionTokens = answer.usage?.completion_tokens ?? 0;
    expect(answer.usage).toMatchObject({
      prompt_tokens: encodeText(messages[0]?.content ?? '').length,
      total_tokens: completionTokens + encodeText(messages[0]?.content ?? '').length,
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    });
    expect(completionTokens).toBeGreaterThan(0);
    expect(completionTokens).toBeLessThanOrEqual(60);
    expect(writtenTokens(await emissionsOf(answer.id))).toBe(completionTokens);
  });

  test('stream the role, one token a chunk, the finish and the usage', async () => {
    const stream = await client.chat.completions.create({
      model,
      messages,
      max_tokens: 40,
      seed: 1,
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
      logprobs: true,
    });
    const chunks = await collect(stream);
    expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: 'assistant', content: '' });
    const pieces = chunks.filter(({ choices }) => choices[0]?.delta.content);
    const usage = chunks.at(-1)?.usage;
    expect(chunks.at(-1)?.choices).toEqual([]);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toMatch(/stop|length/);
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    const emissions = await emissionsOf(chunks[0]?.id ?? '');
    expect(emissions.writes.length).toBe(pieces.length);
    expect(writtenTokens(emissions)).toBe(usage?.completion_tokens);
    const tokens = pieces.flatMap(({ choices }) => choices[0]?.logprobs?.content ?? []);
    expect(tokens.length).toBe(usage?.completion_tokens);
    expect(tokens.map(({ token }) => token).join('')).toBe(
      pieces.map((p) => p.choices[0]?.delta.content).join(''),
    );
    const instants = [emissions.created_ms, ...emissions.writes.map(({ t_ms }) => t_ms), monotonicMs()];
    expect(instants.toSorted((a, b) => a - b)).toEqual(instants);
  });

  test('stream the running usage with every chunk of a choice and the total at the end, when requested as of vLLM', async () => {
    const stream = await client.chat.completions.create({
      ...{ model, messages, max_tokens: 20, seed: 5, n: 2, stream: true },
      stream_options: { include_usage: true, continuous_usage_stats: true } as { include_usage: true },
    });
    const chunks = await collect(stream);
    const { writes } = await emissionsOf(chunks[0]?.id ?? '');
    for (const index of [0, 1]) {
      const own = chunks.filter(({ choices }) => choices[0]?.index === index);
      const counts = own.map(({ usage }) => usage?.completion_tokens ?? Number.NaN);
      let soFar = 0;
      const written = writes.filter((write) => write.index === index).map(({ tokens }) => (soFar += tokens));
      expect(counts).toEqual([0, ...written, soFar]);
    }
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 40 } });
  });

  test('are the same whole and streamed for the same seed, and greedy with top_k 1', async () => {
    const request = { model, messages, max_tokens: 30, seed: 11, temperature: 0.9, top_p: 0.95 };
    const whole = await client.chat.completions.create(request);
    const stream = await client.chat.completions.create({ ...request, stream: true });
    let streamed = '';
    for await (const chunk of stream) streamed += chunk.choices[0]?.delta.content ?? '';
    expect(streamed).toBe(whole.choices[0]?.message.content);

    const greedy = await client.chat.completions.create({ model, messages, max_tokens: 30, temperature: 0 });
    const first = { model, messages, max_tokens: 30, temperature: 1.8, top_k: 1 };
    expect((await client.chat.completions.create(first)).choices[0]?.message.content).toBe(
      greedy.choices[0]?.message.content,
    );
  });

  test('give n choices that differ, streamed side by side', async () => {
    const stream = await client.chat.completions.create({
      model,
      messages,
      max_tokens: 30,
      n: 3,
      seed: 2,
      stream: true,
    });
    const texts = ['', '', ''];
    for await (const { choices } of stream) {
      for (const { index, delta } of choices) texts[index] = (texts[index] ?? '') + (delta.content ?? '');
    }
    expect(new Set(texts).size).toBe(3);
    for (const text of texts) expect(text).not.toBe('');
  });

  test('end before a stop string', async () => {
    const request = { model, messages, max_tokens: 80, temperature: 0 };
    const plain = (await client.chat.completions.create(request)).choices[0]?.message.content ?? '';
    const stop = plain.slice(10, 25);
    const [choice] = (await client.chat.completions.create({ ...request, stop: [stop] })).choices;
    expect(choice).toMatchObject({ finish_reason: 'stop', message: { content: plain.slice(0, 10) } });
  });

  test('return the logprobs of the tokens, with the most likely alternatives', async () => {
    const answer = await client.chat.completions.create({
      model,
      messages,
      max_tokens: 10,
      temperature: 0,
      logprobs: true,
      top_logprobs: 4,
    });
    const content = answer.choices[0]?.logprobs?.content ?? [];
    expect(content.length).toBe(answer.usage?.completion_tokens);
    for (const { token, logprob, bytes, top_logprobs } of content) {
      expect(top_logprobs).toHaveLength(4);
      expect(top_logprobs[0]).toEqual({ token, logprob, bytes });
      expect(Buffer.from(bytes ?? []).toString('utf8')).toBe(token);
      expect(top_logprobs.reduce((sum, top) => sum + Math.exp(top.logprob), 0)).toBeLessThanOrEqual(1 + 1e-9);
    }
  });

  test('depend on the subject of the prompt', async () => {
    const about = async (content: string) =>
      (
        await client.chat.completions.create({
          model,
          messages: [{ role: 'user', content }],
          temperature: 0,
          max_tokens: 40,
        })
      ).choices[0]?.message.content;
    expect(await about('Explain neural nets.')).toMatch(/neural|network|layer|weight/i);
    expect(await about('Explain neural nets.')).not.toBe(await about('How do message queues work?'));
  });
});

test('a paced stream follows its schedule, and its first token comes before the last is due', async () => {
  const request = { model, messages, max_tokens: 12, seed: 4, stream: true as const, pace: 200 };
  const started = monotonicMs();
  const stream = await client.chat.completions.create(request);
  let firstAt: number | undefined;
  let id = '';
  for await (const chunk of stream) {
    id = chunk.id;
    if (chunk.choices[0]?.delta.content) firstAt ??= monotonicMs();
  }
  const { created_ms, writes } = await emissionsOf(id);
  expect(created_ms).toBeGreaterThan(started);
  expect(firstAt).toBeLessThan(writes.at(-1)?.t_ms ?? 0);
  for (const [at, { t_ms }] of writes.entries())
    expect(t_ms).toBeGreaterThanOrEqual(created_ms + (10 + at) * 5);
});

test('a client that disconnects ends the generation', async () => {
  const stream = await client.chat.completions.create({
    model,
    messages,
    max_tokens: 2_000,
    stream: true,
    pace: 500,
    logit_bias: { 13: -100 }, // no full stop, no end
  } as OpenAI.ChatCompletionCreateParamsStreaming);
  let id = '';
  for await (const chunk of stream) {
    id = chunk.id;
    if (chunk.choices[0]?.delta.content) break;
  }
  await expect
    .poll(async () => monotonicMs() - ((await emissionsOf(id)).writes.at(-1)?.t_ms ?? 0), { timeout: 50_000 })
    .toBeGreaterThan(200);
  expect(writtenTokens(await emissionsOf(id))).toBeLessThan(1_000);
});

describe('plain completions', () => {
  test('continue a prompt that breaks off', async () => {
    const answer = await client.completions.create({
      model,
      prompt: 'A vector database',
      max_tokens: 20,
      temperature: 0,
      logprobs: 2,
    });
    const [choice] = answer.choices;
    expect(answer).toMatchObject({ object: 'text_completion', usage: { prompt_tokens: 3 } });
    expect(choice?.text).toMatch(/^ [a-z]/);
    expect(choice?.logprobs?.tokens?.join('')).toBe(choice?.text);
    expect(choice?.logprobs?.text_offset?.[0]).toBe(0);
    for (const top of choice?.logprobs?.top_logprobs ?? []) expect(Object.keys(top)).toHaveLength(2);
  });

  test('start anew after a full stop, and stream', async () => {
    const stream = await client.completions.create({
      model,
      prompt: 'Explain neural nets.',
      max_tokens: 12,
      stream: true,
    });
    const chunks = await collect(stream);
    expect(chunks.map(({ choices }) => choices[0]?.text).join('')).toMatch(/^[A-Z]/);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toMatch(/stop|length/);
  });

  test('accept several prompts', async () => {
    const answer = await client.completions.create({
      model,
      prompt: ['Explain queues.', 'Explain hashing.'],
      n: 2,
      max_tokens: 5,
    });
    expect(answer.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  });
});

test('models are listed with their kind', async () => {
  const { data } = await client.models.list();
  expect(data.map(({ id, owned_by }) => [id, owned_by])).toEqual([
    ['everytoken-ngram', 'everytoken'],
    ['everytoken-use', 'everytoken'],
  ]);
  expect(await client.models.retrieve(model)).toMatchObject({
    description: expect.stringContaining('not an LLM'),
  });
});
