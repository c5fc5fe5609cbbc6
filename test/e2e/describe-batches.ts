import { setTimeout as delay } from 'node:timers/promises';
import OpenAI, { toFile } from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RunningStack } from './stack-process.ts';

const chat = '/v1/chat/completions';
const embeddings = '/v1/embeddings';
const line = (custom_id: string, content: string, url: string = chat) => ({
  ...{ custom_id, method: 'POST', url },
  body: {
    model: 'everytoken-ngram',
    messages: [{ role: 'user', content }],
    ...{ max_tokens: 8, seed: 7, pace: 0 },
  },
});
const LIMIT_MS = 60_000;

/** OpenAI's Files and Batch APIs by its SDK, with no setting changed but the base URL. */
export const describeBatches = (stack: () => RunningStack) =>
  describe('/v1/batches', () => {
    let openai: OpenAI;
    beforeAll(() => {
      openai = new OpenAI({ apiKey: 'any', baseURL: `${stack().file.api}/v1` });
    });
    const rowsOf = async (fileId: string | null | undefined) => {
      const text = await (await openai.files.content(fileId ?? '')).text();
      return text
        .trimEnd()
        .split('\n')
        .map((row) => JSON.parse(row));
    };
    const create = (...lines: object[]) => createFor(chat, lines);
    const createFor = async (endpoint: typeof chat | typeof embeddings, lines: object[]) => {
      const text = lines.map((each) => `${JSON.stringify(each)}\n`).join('');
      const file = await openai.files.create({
        file: await toFile(Buffer.from(text), 'lines.jsonl'),
        purpose: 'batch',
      });
      expect(await (await openai.files.content(file.id)).text()).toBe(text);
      return openai.batches.create({
        ...{ input_file_id: file.id, endpoint, completion_window: '24h' },
        metadata: { team: 'docs' },
      });
    };
    const ended = async (id: string) => {
      const signal = AbortSignal.timeout(LIMIT_MS);
      for (;;) {
        const batch = await openai.batches.retrieve(id, { signal });
        if (['completed', 'failed', 'cancelled'].includes(batch.status)) return batch;
        await delay(200);
      }
    };

    test('takes a batch of the OpenAI SDK from its file to its output and its errors', async () => {
      const { id } = await create(
        line('a', 'Explain Bücher.'),
        line('b', 'Explain idempotency.', embeddings),
        line('c', 'Explain queues.'),
      );
      const batch = await ended(id);
      expect(batch).toMatchObject({
        status: 'completed',
        request_counts: { total: 3, completed: 2, failed: 1 },
        metadata: { team: 'docs' },
      });
      const output = await rowsOf(batch.output_file_id);
      expect(output.map(({ custom_id }) => custom_id)).toEqual(['a', 'c']);
      for (const { response } of output)
        expect(response.body.choices[0].message.content).toEqual(expect.stringMatching(/\S/));
      expect(await rowsOf(batch.error_file_id)).toMatchObject([
        { custom_id: 'b', response: null, error: { code: 'invalid_input' } },
      ]);
      expect((await openai.batches.list({ limit: 1 })).data[0]?.id).toBe(id);
      const { data } = await openai.files.list();
      expect(data.map((file) => file.id)).toEqual(
        expect.arrayContaining([batch.input_file_id, batch.output_file_id, batch.error_file_id]),
      );
      await openai.files.delete(batch.input_file_id);
      await expect(openai.files.retrieve(batch.input_file_id)).rejects.toMatchObject({ status: 404 });
    });

    test('refuses a form whose file is not UTF-8, and stores any other byte for byte', async () => {
      const store = (bytes: Buffer) => async () =>
        openai.files.create({ file: await toFile(bytes, 'bytes.jsonl'), purpose: 'batch' });
      const name = JSON.stringify({ custom_id: 'Müller' });
      await expect(store(Buffer.from(name, 'latin1'))()).rejects.toMatchObject({
        ...{ status: 400, param: 'file', message: expect.stringContaining('must be JSON lines in UTF-8') },
      });
      const { id } = await store(Buffer.from(`\ufeff${name}\ufffd`))();
      const stored = Buffer.from(await (await openai.files.content(id)).arrayBuffer());
      expect(stored.toString('hex')).toBe(Buffer.from(`\ufeff${name}\ufffd`).toString('hex'));
      await openai.files.delete(id);
    });

    test('takes a batch for embeddings of the OpenAI SDK, with the vectors of a request', async () => {
      const ask = (custom_id: string, body: object) => ({ custom_id, method: 'POST', url: embeddings, body });
      const model = 'text-embedding-3-small';
      const input = ['Explain vector databases.', 'Explain queues.'];
      const { id } = await createFor(embeddings, [
        ask('a', { model, input }),
        ask('b', { model: 'gpt-6-luna', input }),
        ask('c', { model, input: input[0], encoding_format: 'base64', dimensions: 256 }),
      ]);
      const batch = await ended(id);
      expect(batch).toMatchObject({
        endpoint: embeddings,
        status: 'completed',
        request_counts: { total: 3, completed: 2, failed: 1 },
        usage: { output_tokens: 0 },
      });
      const [a, c, ...others] = await rowsOf(batch.output_file_id);
      expect([a.custom_id, c.custom_id, others]).toEqual(['a', 'c', []]);
      const asked = await openai.embeddings.create({ model, input, encoding_format: 'float' });
      const { data, usage } = a.response.body;
      expect({ data, usage }).toEqual({ data: asked.data, usage: asked.usage });
      const short = await openai.embeddings.create({ model, input: input[0] ?? '', dimensions: 256 });
      const bytes = Buffer.from(c.response.body.data[0].embedding, 'base64');
      const values = Array.from({ length: 256 }, (_, at) => bytes.readFloatLE(at * 4));
      expect(values).toEqual(short.data[0]?.embedding);
      expect(await rowsOf(batch.error_file_id)).toMatchObject([
        { custom_id: 'b', response: null, error: { code: 'model_not_found' } },
      ]);
    });

    test('cancels a batch of the OpenAI SDK', async () => {
      const lines = Array.from({ length: 40 }, (_, at) => ({
        ...line(String(at), 'Explain idempotency.'),
        body: { ...line('', 'Explain idempotency.').body, pace: 200 },
      }));
      const { id } = await create(...lines);
      await openai.batches.cancel(id);
      expect(await ended(id)).toMatchObject({ status: 'cancelled' });
    });
  });
