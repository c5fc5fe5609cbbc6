import { afterEach, describe, expect, test } from 'vitest';
import { makeOpenAIModel } from '../../../../lib/adapters/openai/model.ts';
import { systemClock } from '../../../../lib/adapters/system.ts';
import type { ModelRequest } from '../../../../lib/generate/model.ts';
import { DONE, EVENT_STREAM, startModelServer } from './model-server.ts';

const PROMPT = 'Once upon a time';
const request: ModelRequest = {
  model: 'base-model',
  messages: [{ role: 'user', content: PROMPT }],
  endpoint: 'completions',
  body: { max_tokens: 50, logprobs: 2, suffix: 'The very end.' },
};

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const serve = async (answer: Parameters<typeof startModelServer>[0]) => {
  const server = await startModelServer(answer);
  closing.push(server.close);
  return server;
};

const ask = ({ baseURL }: { baseURL: string }) =>
  makeOpenAIModel({ apiKey: 'key', baseURL, clock: systemClock }).stream(request, {
    deadlines: { firstTokenMs: 5_000, idleMs: 5_000, totalMs: 10_000 },
    signal: new AbortController().signal,
  });

const chunk = (fields: object): string =>
  `data: ${JSON.stringify({ id: 'cmpl-1', object: 'text_completion', model: 'base-model', ...fields })}\n\n`;

describe('a completion of a prompt', () => {
  test('is asked with the prompt as it is, and read token by token', async () => {
    const server = await serve((response) => {
      response.writeHead(200, EVENT_STREAM);
      const logprobs = {
        tokens: [' there', ' was'],
        token_logprobs: [-0.5, -0.25],
        top_logprobs: [{ ' lived': -2, ' there': -0.5 }, null],
        text_offset: [0, 6],
      };
      response.end(
        [
          chunk({ choices: [{ text: ' there was', index: 0, logprobs, finish_reason: null }] }),
          chunk({ choices: [{ text: ' a king', index: 0, logprobs: null, finish_reason: 'length' }] }),
          chunk({ choices: [], usage: { prompt_tokens: 4, completion_tokens: 4, total_tokens: 8 } }),
          DONE,
        ].join(''),
      );
    });
    const answer = await ask(server);
    const [{ path, body } = { path: '', body: {} }] = server.received;
    expect(path).toBe('/v1/completions');
    expect(body).toEqual({
      ...request.body,
      model: 'base-model',
      prompt: PROMPT,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(answer).toMatchObject({
      completionId: 'cmpl-1',
      text: ' there was a king',
      finishReason: 'length',
      usage: { prompt_tokens: 4, completion_tokens: 4 },
    });
    expect(answer.chunks.map(({ text, logprobs }) => [text, logprobs])).toEqual([
      [
        ' there was',
        [
          {
            ...{ token: ' there', logprob: -0.5, bytes: null },
            top_logprobs: [
              { token: ' there', logprob: -0.5, bytes: null },
              { token: ' lived', logprob: -2, bytes: null },
            ],
          },
          { token: ' was', logprob: -0.25, bytes: null, top_logprobs: [] },
        ],
      ],
      [' a king', undefined],
    ]);
  });

  const refusedWith = async (status: number, body: object) => {
    const server = await serve((response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    return ask(server).catch((thrown: unknown) => thrown);
  };

  test.each<[string, number, object]>([
    [
      'of a model of chat at OpenAI',
      404,
      {
        error: {
          message:
            'This is a chat model and not supported in the v1/completions endpoint. Did you mean to use v1/chat/completions?',
          param: 'model',
          code: null,
        },
      },
    ],
    ['in vLLM’s words', 400, { message: 'The model does not support Completions API', code: 400 }],
    ['of a server without the route', 404, { detail: 'Not Found' }],
    ['of a server that does not take POST there', 405, { detail: 'Method Not Allowed' }],
  ])('%s fails with the other endpoint as the remedy', async (_name, status, body) => {
    expect(await refusedWith(status, body)).toMatchObject({
      code: 'invalid_request',
      retryable: false,
      status,
      message: expect.stringMatching(/no completions for this model .*use \/v1\/chat\/completions$/s),
    });
  });

  test('of a model that the server does not have fails by its name', async () => {
    const missing = { error: { message: 'The model `base-model` does not exist', code: 'model_not_found' } };
    expect(await refusedWith(404, missing)).toMatchObject({ code: 'model_not_found' });
  });

  test('never repeats the prompt or the suffix in an error', async () => {
    const error = await refusedWith(400, { error: { message: `bad: ${PROMPT} … The very end.` } });
    expect(String(error)).toContain('bad');
    expect(String(error)).not.toMatch(/upon a time|very end/);
  });
});
