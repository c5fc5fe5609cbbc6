import OpenAI from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RunningStack } from './stack-process.ts';

const model = 'everytoken-ngram';
const messages = [{ role: 'user' as const, content: 'Explain vector databases in a technical manner.' }];
const cosine = (a: number[], b: number[]): number =>
  a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0) / (Math.hypot(...a) * Math.hypot(...b));

/** OpenAI's SDK with the address and the key in stack.json, unchanged. */
export const describeOpenai = (stack: () => RunningStack) =>
  describe('the official OpenAI SDK, at the address in stack.json', () => {
    let openai: OpenAI;
    beforeAll(() => {
      const { openai: baseURL, credentials } = stack().file;
      openai = new OpenAI({ apiKey: credentials.openai ?? '', baseURL, maxRetries: 0 });
    });

    test('gets a whole chat completion with its usage', async () => {
      const answer = await openai.chat.completions.create({ model, messages, max_tokens: 12, seed: 1 });
      expect(answer.choices[0]?.message.content).toMatch(/\w{3}/);
      expect(answer.choices[0]?.finish_reason).toBe('length');
      expect(answer.usage?.completion_tokens).toBe(12);
    });

    test('streams a chat token by token to the text that the same seed gives whole', async () => {
      const request = { model, messages, max_tokens: 12, seed: 1 };
      const stream = await openai.chat.completions.create({
        ...request,
        stream: true,
        stream_options: { include_usage: true },
      });
      const texts: string[] = [];
      let usage = 0;
      for await (const chunk of stream) {
        const text = chunk.choices[0]?.delta.content;
        if (text) texts.push(text);
        usage = chunk.usage?.completion_tokens ?? usage;
      }
      const whole = await openai.chat.completions.create(request);
      expect(texts.join('')).toBe(whole.choices[0]?.message.content);
      expect(texts.length).toBeGreaterThan(6);
      expect(usage).toBe(12);
    });

    test('completes a plain prompt', async () => {
      const answer = await openai.completions.create({
        model,
        prompt: 'A vector index',
        max_tokens: 8,
        n: 2,
      });
      expect(answer.choices).toHaveLength(2);
      expect(answer.choices[0]?.text).toMatch(/\w/);
    });

    test('gets nearer embeddings for texts of one subject than for another subject', async () => {
      const { data, usage } = await openai.embeddings.create({
        model: 'text-embedding-3-small',
        input: ['The cat sat on the mat.', 'A kitten rested on a rug.', 'Interest rates rose in March.'],
      });
      const [cat, kitten, rates] = data.map(({ embedding }) => embedding);
      expect(cat).toHaveLength(1536);
      expect(cosine(cat ?? [], kitten ?? [])).toBeGreaterThan(cosine(cat ?? [], rates ?? []) + 0.3);
      expect(usage.prompt_tokens).toBeGreaterThan(10);
    });

    test('lists the two local models, and gets an error for another that names it', async () => {
      const { data } = await openai.models.list();
      expect(data.map(({ id }) => id)).toEqual([model, 'everytoken-use']);
      await expect(openai.chat.completions.create({ model: 'gpt-6-luna', messages })).rejects.toMatchObject({
        status: 404,
        code: 'model_not_found',
        message: expect.stringContaining(model),
      });
    });
  });
