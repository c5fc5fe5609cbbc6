import OpenAI from 'openai';
import { afterEach, expect, test } from 'vitest';
import { startChild } from '../../../../tools/bench/child.ts';
import { drawnVector, drawnWords } from '../../../../tools/bench/files/drawn-content.ts';

const started: ReturnType<typeof start>[] = [];
const start = (options: object) =>
  startChild<object, { url: string; model: string }>(
    new URL('../../../../tools/bench/files/model-server.ts', import.meta.url),
    JSON.stringify(options),
  );
const serve = async (options: object) => {
  const child = start(options);
  started.push(child);
  const { url, model } = await child.ask({});
  return { client: new OpenAI({ baseURL: url, apiKey: 'test', maxRetries: 0 }), model };
};
afterEach(() => Promise.all(started.splice(0).map((child) => child.end())));

test('the model server of the benches draws words and vectors by the text, whole and streamed alike', async () => {
  const { client, model } = await serve({ words: 12, embeddings: true });
  const messages = [{ role: 'user' as const, content: 'a prompt' }];
  const whole = await client.chat.completions.create({ model, messages });
  const text = drawnWords('a prompt', 12).join('');
  expect(whole.choices[0]?.message.content).toBe(text);
  expect(whole.usage?.completion_tokens).toBe(12);
  let streamed = '';
  for await (const { choices } of await client.chat.completions.create({ model, messages, stream: true }))
    streamed += choices[0]?.delta.content ?? '';
  expect(streamed).toBe(text);

  const { data } = await client.embeddings.create({ model: 'any', input: ['one', 'two'] });
  expect(data.map(({ embedding }) => Float32Array.from(embedding))).toEqual([
    drawnVector('one'),
    drawnVector('two'),
  ]);
  expect(drawnVector('one').reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 5);
});

test('it has no embeddings unless they are asked for', async () => {
  const { client } = await serve({});
  await expect(client.embeddings.create({ model: 'any', input: 'one' })).rejects.toMatchObject({
    status: 404,
  });
});
