import { randomUUID } from 'node:crypto';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { UsageMetadata } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, streamText } from 'ai';
import OpenAI from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Client, clientOf } from './everytoken-client.ts';
import type { RunningStack } from './stack-process.ts';

const model = 'everytoken-ngram';
const content = 'Explain neural nets.';
const messages = [{ role: 'user' as const, content }];

/** Clients of OpenAI's API, with no setting changed but the base URL. */
export const describeOpenaiCompatible = (stack: () => RunningStack) =>
  describe('POST /v1/chat/completions', () => {
    let api: Client;
    let baseURL: string;
    let openai: OpenAI;
    beforeAll(() => {
      api = clientOf(stack().file.api);
      baseURL = `${stack().file.api}/v1`;
      openai = new OpenAI({ apiKey: 'any', baseURL });
    });

    test('answers the OpenAI SDK whole, with log probabilities and usage, by a run with all its timings', async () => {
      const { data, response } = await openai.chat.completions
        .create({ model, messages, max_completion_tokens: 9, seed: 7, logprobs: true, top_logprobs: 2 })
        .withResponse();
      const [choice] = data.choices;
      expect(choice?.finish_reason).toBe('length');
      expect(choice?.logprobs?.content?.map(({ token }) => token).join('')).toBe(choice?.message.content);
      expect(choice?.logprobs?.content?.[0]?.top_logprobs).toHaveLength(2);
      expect(data.usage?.completion_tokens).toBe(9);
      const id = response.headers.get('x-everytoken-run-id') ?? '';
      expect(data).toMatchObject({ id: `chatcmpl-${id}`, object: 'chat.completion', model, _request_id: id });
      expect(response.headers.get('server-timing')).toMatch(/accept;dur=/);
      const run = await api.completed(id);
      expect(run.messages).toEqual(messages);
      expect(run.generations).toHaveLength(1);
      expect(run.generations[0]).toMatchObject({
        text: choice?.message.content,
        usage: { completion_tokens: 9 },
        sampling: { requested: { max_tokens: 9, seed: 7, logprobs: true, top_logprobs: 2 } },
        timing: { ttft_ms: expect.any(Number), tpot_ms: expect.any(Number), e2e_ms: expect.any(Number) },
      });
      expect(data.created).toBe(Math.floor(Date.parse(run.created_at) / 1000));
    });

    test.each(['', '/chat', '/assistants'])(
      'answers %s of OpenAI’s API, which does not exist here, with an error in OpenAI’s shape',
      async (path) => {
        const response = await fetch(baseURL + path);
        expect(response.status).toBe(404);
        expect(await response.json()).toMatchObject({ error: { code: 'unknown_route', param: null } });
      },
    );

    test('streams to the OpenAI SDK token by token, with the usage last', async () => {
      const { data: stream, response } = await openai.chat.completions
        .create({
          ...{ model, messages, max_tokens: 12, stream: true, stream_options: { include_usage: true } },
          ...{ extra_body: { pace: 20 } },
        })
        .withResponse();
      const texts: string[] = [];
      const arrivals = new Set<number>();
      const ends: unknown[] = [];
      for await (const { choices, usage } of stream) {
        const [choice] = choices;
        if (choice?.delta.content) {
          texts.push(choice.delta.content);
          arrivals.add(Math.round(performance.now()));
        }
        if (choice?.finish_reason) ends.push(choice.finish_reason);
        if (usage) ends.push(usage.completion_tokens);
      }
      expect(ends).toEqual(['length', 12]);
      const { body: run } = await api.get(`/runs/${response.headers.get('x-everytoken-run-id')}`);
      expect(texts.join('')).toBe(run.generations[0]?.text);
      expect(texts.length).toBeGreaterThan(6);
      expect(arrivals.size).toBeGreaterThan(4);
    });

    test('answers with several choices, whole and streamed, each a generation of the run', async () => {
      const request = { model, messages, max_tokens: 8, n: 3 };
      const whole = await openai.chat.completions.create(request);
      const run = await api.completed(whole.id.replace('chatcmpl-', ''));
      expect(whole.choices.map(({ message }) => message.content)).toEqual(
        run.generations.map(({ text }) => text),
      );
      expect(whole.usage?.completion_tokens).toBe(24);
      expect(whole).toMatchObject({
        everytoken: {
          run_id: run.id,
          timing: run.generations[0]?.timing,
          generations: run.generations.map(({ index, timing }) => ({ index, timing })),
        },
      });
      const options = { stream: true, stream_options: { include_usage: true } } as const;
      const stream = openai.chat.completions.stream({ ...request, ...options });
      const joined = await stream.finalChatCompletion();
      const streamed = await api.completed(joined.id.replace('chatcmpl-', ''));
      expect(joined.choices.map(({ message }) => message.content)).toEqual(
        streamed.generations.map(({ text }) => text),
      );
      expect(joined).toMatchObject({ usage: { completion_tokens: 24 }, everytoken: { run_id: streamed.id } });
    });

    test('answers the same Idempotency-Key again without a second generation, whole and streamed', async () => {
      const request = { model, messages, max_tokens: 6, logprobs: true };
      for (const stream of [false, true]) {
        const headers = { 'idempotency-key': randomUUID() };
        const ask = async () => {
          if (!stream) return openai.chat.completions.create(request, { headers });
          return openai.chat.completions.stream(request, { headers }).finalChatCompletion();
        };
        const first = await ask();
        const again = await ask();
        expect(again.choices).toEqual(first.choices);
        expect([again.id, again.created]).toEqual([first.id, first.created]);
        expect(first.choices[0]?.logprobs?.content?.length).toBeGreaterThan(2);
      }
    });

    test.each<[string, object]>([
      ['tools.0.type', { tools: [{ type: 'web_search' }] }],
      ['n', { n: 65 }],
      ['tempratur', { tempratur: 1 }],
      ['messages.0.content.1', { messages: [{ role: 'user', content: IMAGE }] }],
      ['model', { model: 'text-davinci-003' }],
    ])('refuses %s by name', async (param, fields) => {
      const refused = openai.chat.completions.create({ model, messages, ...fields });
      await expect(refused).rejects.toBeInstanceOf(OpenAI.BadRequestError);
      await expect(refused).rejects.toMatchObject({ param, type: 'invalid_request_error' });
    });

    test.each([false, true])('refuses any other model (stream: %s)', async (stream) => {
      const refused = openai.chat.completions.create({ model: 'nobody', messages, stream });
      await expect(refused).rejects.toBeInstanceOf(OpenAI.NotFoundError);
      await expect(refused).rejects.toMatchObject({
        code: 'model_not_found',
        message: expect.stringContaining(model),
      });
    });

    test('answers GET with 405 in OpenAI’s shape, and lists the models', async () => {
      const answer = await fetch(`${baseURL}/chat/completions`);
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
      expect(await answer.json()).toMatchObject({ error: { code: 'method_not_allowed' } });
      const { data } = await openai.models.list();
      expect(data.map(({ id }) => id)).toContain(model);
      expect(await openai.models.retrieve(model)).toMatchObject({ id: model, object: 'model' });
      await expect(openai.models.retrieve('somebody/else')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    });

    test('goes on from a prompt for the OpenAI SDK, whole and streamed, by a run with all its timings', async () => {
      const prompt = 'A vector database stores';
      const asked = { model, prompt, max_tokens: 8, seed: 7, temperature: 0.5, top_p: 0.9 };
      const whole = await openai.completions.create({ ...asked, logprobs: 2, n: 2 });
      const [choice, other] = whole.choices;
      expect(other?.index).toBe(1);
      expect(choice?.logprobs?.tokens?.join('')).toBe(choice?.text);
      expect(choice?.logprobs?.top_logprobs?.[0]).toBeTypeOf('object');
      expect(choice?.finish_reason).toBe('length');
      expect(whole.usage?.completion_tokens).toBe(16);
      const id = whole.id.slice('cmpl-'.length);
      const run = await api.completed(id);
      expect(run.prompt).toBe(prompt);
      expect(run.generations[0]).toMatchObject({
        text: choice?.text,
        sampling: { sent: { max_tokens: 8, logprobs: 2 }, effective: { logprobs: true, top_logprobs: 2 } },
        timing: { ttft_ms: expect.any(Number), tpot_ms: expect.any(Number), e2e_ms: expect.any(Number) },
      });
      const stream = await openai.completions.create({
        ...{ ...asked, stream: true as const, stream_options: { include_usage: true } },
      });
      let text = '';
      let last: OpenAI.Completion | undefined;
      for await (const each of stream) {
        text += each.choices[0]?.text ?? '';
        last = each;
      }
      expect(text).toBe(choice?.text);
      expect(last?.usage?.completion_tokens).toBe(8);
    });

    test('embeds texts for the OpenAI SDK, in both formats alike, with the local encoder', async () => {
      const input = [
        'A garden needs water.',
        'Plants are watered in the garden.',
        'Interest rates rose again.',
      ];
      const name = 'text-embedding-3-small';
      const { data: answer, response } = await openai.embeddings
        .create({ model: name, input, dimensions: 512 })
        .withResponse();
      expect(answer).toMatchObject({
        model: 'everytoken-use',
        usage: { prompt_tokens: expect.any(Number) },
        everytoken: { timing: { e2e_ms: expect.any(Number) }, cost_usd: null },
      });
      expect(response.headers.get('server-timing')).toMatch(/^total;dur=/);
      const plain = await openai.embeddings.create({
        ...{ model: name, input, dimensions: 512, encoding_format: 'float' as const },
      });
      const vectors = plain.data.map(({ embedding }) => Float32Array.from(embedding));
      expect(answer.data.map(({ embedding }) => Float32Array.from(embedding))).toEqual(vectors);
      const [garden = [], plants = [], rates = []] = vectors.map((vector) => [...vector]);
      const cosine = (a: number[], b: number[]) =>
        a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
      expect(cosine(garden, plants)).toBeGreaterThan(cosine(garden, rates));
      await expect(openai.embeddings.create({ model, input })).rejects.toBeInstanceOf(OpenAI.NotFoundError);
      await expect(openai.embeddings.create({ model: name, input: [1, 2] })).rejects.toThrow(/send strings/);
    });

    test('answers LangChain whole and streamed', async () => {
      const chat = new ChatOpenAI({ model, apiKey: 'any', maxTokens: 8, configuration: { baseURL } });
      const whole = await chat.invoke(content);
      expect(whole.text).toMatch(/\w{3}/);
      expect(outputTokensOf(whole)).toBe(8);
      const texts: string[] = [];
      let outputTokens = 0;
      for await (const chunk of await chat.stream(content)) {
        if (chunk.text) texts.push(chunk.text);
        outputTokens += outputTokensOf(chunk);
      }
      expect(texts.length).toBeGreaterThan(4);
      expect(outputTokens).toBe(8);
    });

    test('answers the Vercel AI SDK whole and streamed', async () => {
      const provider = createOpenAICompatible({
        name: 'everytoken',
        baseURL,
        apiKey: 'any',
        includeUsage: true,
      });
      const request = { model: provider(model), prompt: content, maxOutputTokens: 8, maxRetries: 0 };
      const whole = await generateText(request);
      expect(whole.text).toMatch(/\w{3}/);
      expect([whole.finishReason, whole.usage.outputTokens]).toEqual(['length', 8]);
      const stream = streamText(request);
      const texts: string[] = [];
      for await (const text of stream.textStream) texts.push(text);
      expect(texts.length).toBeGreaterThan(4);
      expect([await stream.finishReason, (await stream.usage).outputTokens]).toEqual(['length', 8]);
    });
  });

const outputTokensOf = (message: { usage_metadata?: unknown }): number =>
  (message.usage_metadata as UsageMetadata | undefined)?.output_tokens ?? 0;

const IMAGE = [
  { type: 'text', text: 'What is this?' },
  { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
];
