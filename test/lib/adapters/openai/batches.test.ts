import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBatchAnswer } from '../../../../lib/adapters/openai/batch-answer.ts';
import { makeOpenAIBatches } from '../../../../lib/adapters/openai/batches.ts';
import { systemClock } from '../../../../lib/adapters/system.ts';
import type { Batches } from '../../../../lib/files/batch/ports.ts';
import { type OpenaiServer, startOpenai } from '../../../../local/openai/server.ts';
import { pollUntil } from '../../../../tools/poll-until.ts';
import { MODEL_CACHE } from '../../../fixtures/model-cache.ts';

let server: OpenaiServer;
let batches: Batches;
beforeAll(async () => {
  server = await startOpenai({ pace: 0, cacheDir: MODEL_CACHE, batchMaxLines: 2 });
  batches = makeOpenAIBatches({ apiKey: server.apiKey, baseURL: server.url, clock: systemClock });
});
afterAll(() => server.close());

const messages = [{ role: 'user', content: 'What is a vector?' }];
const line = (id: string, own: object = {}) =>
  `${JSON.stringify({
    custom_id: id,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model: 'everytoken-ngram', messages, max_tokens: 5, ...own },
  })}\n`;
const ended = (id: string) =>
  pollUntil(
    'the end of a batch',
    async () => {
      const job = await batches.get(id);
      return job.status === 'open' ? undefined : job;
    },
    15_000,
  );
const linesOf = async (files: string[]): Promise<string[]> => {
  const chunks: Uint8Array[] = [];
  for (const file of files) for await (const chunk of batches.read(file)) chunks.push(chunk);
  return Buffer.concat(chunks).toString().trimEnd().split('\n');
};

describe("the official SDK's batches", () => {
  test('are created, found by their metadata, and give answers, errors and what expired', async () => {
    const metadata = { everytoken_file: 'file_1', everytoken_part: '0' };
    const since = Date.now();
    const { id } = await batches.create([line('a'), line('b', { temperature: 9 }), line('c')], {
      ...metadata,
      everytoken_end: '4',
    });
    const found = await batches.find(metadata, since);
    expect(found).toMatchObject({ id, metadata: { everytoken_end: '4' } });
    expect(await batches.find({ ...metadata, everytoken_part: '4' }, since)).toBeUndefined();
    const job = await ended(id);
    expect(job).toMatchObject({ status: 'expired', error: null });
    const read = (await linesOf(job.resultFiles)).map((text) =>
      readBatchAnswer(text, { model: 'everytoken-ngram', messages }),
    );
    expect(read).toMatchObject([
      { model: 'everytoken-ngram', finishReason: 'length', usage: { completion_tokens: 5 } },
      { error: { code: 'invalid_request', message: expect.stringContaining('temperature') } },
      { error: { code: 'batch_expired' } },
    ]);
    await batches.cancel(id);
    // Its prompts and answers are deleted; that some are gone already is no error.
    expect(await batches.remove(id)).toBe(true);
    await expect(linesOf(job.resultFiles)).rejects.toMatchObject({ code: 'no_batches' });
    expect(await batches.remove(id)).toBe(true);
    await expect(batches.remove('batch_nobody')).rejects.toMatchObject({ code: 'no_batches' });
  });

  test('that fail as a whole give the reason, and are not found again', async () => {
    const { id } = await batches.create(['no json\n'], { part: 'bad' });
    expect(await ended(id)).toMatchObject({
      status: 'failed',
      error: {
        code: 'batch_failed',
        message: expect.stringMatching('invalid_json_line.* not a JSON object'),
      },
    });
    expect(await batches.find({ part: 'bad' }, 0)).toBeUndefined();
  });

  test('are a permanent error at a server without batches', async () => {
    const other = createServer((request, response) => {
      request.resume();
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end('{"error":{"message":"not here"}}');
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const none = makeOpenAIBatches({
      apiKey: 'any',
      baseURL: `http://127.0.0.1:${port}/v1`,
      clock: systemClock,
    });
    await expect(none.create([line('a')], {})).rejects.toMatchObject({
      code: 'no_batches',
      retryable: false,
    });
    other.closeAllConnections();
    other.close();
  });
});

describe('a result line', () => {
  const answered = (body: object, status_code = 200) =>
    readBatchAnswer(
      JSON.stringify({ id: 'x', custom_id: 'a', response: { status_code, body }, error: null }),
      { model: 'm', messages },
    );

  test('without a finish reason is an incomplete output', () => {
    expect(answered({ choices: [{ message: { content: 'half' }, finish_reason: null }] })).toMatchObject({
      error: { code: 'incomplete_output' },
    });
  });

  test('has null for unknown counts, and an empty text for a refusal', () => {
    expect(answered({ choices: [{ message: { content: null }, finish_reason: 'stop' }] })).toEqual({
      completionId: null,
      createdAt: null,
      model: 'm',
      text: '',
      toolCalls: [],
      finishReason: 'stop',
      usage: { prompt_tokens: null, completion_tokens: null, reasoning_tokens: null, cached_tokens: null },
    });
  });

  test('has the calls of tools', () => {
    const call = (id: string) => ({ id, type: 'function', function: { name: 'look_up', arguments: '{}' } });
    const message = { content: null, tool_calls: [call('a'), call('b')] };
    expect(answered({ choices: [{ message, finish_reason: 'tool_calls' }] })).toMatchObject({
      text: '',
      toolCalls: [call('a'), call('b')],
      finishReason: 'tool_calls',
    });
  });

  test('has the text of parts, well-formed, and fails by name without one', () => {
    const of = (content: unknown) => answered({ choices: [{ message: { content }, finish_reason: 'stop' }] });
    const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] };
    expect(of([thinking, { type: 'text', text: 'Hi \ud83d' }])).toMatchObject({ text: 'Hi \ufffd' });
    expect(of({ rays: 'x' })).toMatchObject({ error: { code: 'unreadable_output' } });
  });

  test.each([
    [{ detail: [{ loc: ['body', 'temperature'], msg: 'too hot' }] }, 422],
    [{ message: 'too hot', code: 400 }, 200],
    [[{ error: { message: 'too hot', code: 400 } }], 400],
  ])('with the error %j has its words', (body, status) => {
    expect(answered(body, status)).toMatchObject({
      error: { code: 'invalid_request', message: expect.stringContaining('too hot') },
    });
  });

  test('never repeats the prompt in its error', () => {
    const answer = answered({ error: { message: 'What is a vector? is bad', code: 'invalid_prompt' } }, 400);
    expect(JSON.stringify(answer)).toContain('invalid_request');
    expect(JSON.stringify(answer)).not.toContain('What is a vector?');
  });
});
