import OpenAI from 'openai';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeGenerateOne } from '../factories/generation.ts';
import { openaiSdk } from '../fixtures/openai-sdk.ts';
import { makeWorld } from '../memory/world.ts';
import { KEYS, makeService, type Service } from './service.ts';

const messages = [{ role: 'user' as const, content: 'a question about graphs' }];
const request = { model: 'gpt-6-luna', messages };

let generateOne: ReturnType<typeof makeGenerateOne>;
let service: Service;

beforeEach(() => {
  generateOne = makeGenerateOne(() => 'an answer about graphs');
  service = makeService({ world: makeWorld({ generateOne }) });
});

/** OpenAI's SDK with a key of ours; `after` runs before the SDK gets each answer. */
const sdk = (apiKey: string, after: () => void = () => {}, maxRetries = 0) =>
  openaiSdk(
    {
      request: async (url, init) => {
        const { pathname, search } = new URL(url);
        const headers = Object.fromEntries(new Headers(init?.headers));
        const sent = init?.body ? { body: String(init.body) } : {};
        const answer = await service.ask(pathname + search, {
          ...{ as: null, headers, method: init?.method ?? 'GET' },
          ...sent,
        });
        after();
        return answer;
      },
    },
    { apiKey, maxRetries },
  );

describe("a client of OpenAI's API", () => {
  test('is the caller of its key: its run is in the list of that caller, and found by meaning', async () => {
    const answer = await sdk(KEYS.docs).chat.completions.create({ ...request, ...{ label: 'chat' } });
    expect(answer.choices[0]?.message.content).toBe('an answer about graphs');
    await service.untilQuiet();
    const id = service.onlyRun().id;
    expect(answer.id).toBe(`chatcmpl-${id}`);
    const list = await (await service.ask('/runs?label=chat')).json();
    expect(list).toMatchObject({ data: [{ id, status: 'completed' }] });
    const found = await (await service.ask('/search', { body: { query: 'graphs' } })).json();
    expect(found).toMatchObject({ data: [{ run_id: id }] });
    expect(await (await service.ask('/runs', { as: 'other' })).json()).toMatchObject({ data: [] });
  });

  test.each([
    ['a chat', (client: OpenAI) => client.chat.completions.create(request)],
    ['the list of models', (client: OpenAI) => client.models.list()],
    ['a model', (client: OpenAI) => client.models.retrieve('gpt-6-luna')],
  ])('with a wrong key gets an AuthenticationError: %s', async (_, ask) => {
    const refused = ask(sdk('wrong'));
    await expect(refused).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(refused).rejects.toMatchObject({ code: 'invalid_api_key', type: 'authentication_error' });
    expect(generateOne.calls).toEqual([]);
  });

  test('without a key gets 401 in OpenAI’s shape', async () => {
    const answer = await service.ask('/v1/chat/completions', { as: null, body: request });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, expect.any(String)]);
    expect(await answer.json()).toMatchObject({ error: { code: 'unauthorized' } });
  });

  test('that loses its connection and retries with its Idempotency-Key has one generation', async () => {
    let lost = 0;
    const loseOnce = () => {
      if (lost++ === 0) throw new TypeError('the connection was lost');
    };
    const headers = { 'idempotency-key': 'order-1' };
    const answer = await sdk(KEYS.docs, loseOnce, 1).chat.completions.create(request, { headers });
    expect(answer.choices[0]?.message.content).toBe('an answer about graphs');
    expect([lost, generateOne.calls.length, service.world.runs.runs.size]).toEqual([2, 1, 1]);
  });

  test('that asks for several choices and repeats has one run, with the same choices from its store', async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const client = sdk(KEYS.docs);
    const first = await client.chat.completions.create({ ...request, n: 3 }, { headers });
    expect(first.choices.map(({ message }) => message.content)).toEqual(
      [0, 1, 2].map(() => 'an answer about graphs'),
    );
    expect(first).toMatchObject({ everytoken: { run_id: service.onlyRun().id, timing: expect.any(Object) } });
    await service.untilQuiet();
    const again = await client.chat.completions.create({ ...request, n: 3 }, { headers });
    expect(again.choices).toEqual(first.choices);
    expect([generateOne.calls.length, service.world.runs.runs.size]).toEqual([3, 1]);
  });

  test('that reuses its key for another body gets an UnprocessableEntityError, for a deleted run a 410', async () => {
    const client = sdk(KEYS.docs);
    const headers = { 'idempotency-key': 'order-1' };
    await client.chat.completions.create(request, { headers });
    const other = client.chat.completions.create({ ...request, max_tokens: 5 }, { headers });
    await expect(other).rejects.toBeInstanceOf(OpenAI.UnprocessableEntityError);
    await service.untilQuiet();
    await service.ask(`/runs/${service.onlyRun().id}`, { method: 'DELETE' });
    const deleted = client.chat.completions.create(request, { headers });
    await expect(deleted).rejects.toMatchObject({ status: 410, code: 'gone' });
    expect(generateOne.calls).toHaveLength(1);
  });

  test.each([
    ['model', { model: 'text-davinci-003' }],
    ['top_k', { top_k: 0 }],
    ['messages', { messages: [{ role: 'user', content: 'x'.repeat(600_000) }] }],
  ])('gets the error of a wrong %s under the name it used', async (param, fields) => {
    const refused = sdk(KEYS.docs).chat.completions.create({ ...request, ...fields } as typeof request);
    await expect(refused).rejects.toMatchObject({ param, type: 'invalid_request_error' });
    expect(service.world.runs.runs.size).toBe(0);
  });

  test('over its budget gets a RateLimitError, and nothing is stored', async () => {
    await service.world.budgets.set('docs', { tokens: 100, costUsd: null });
    const refused = sdk(KEYS.docs, () => {}, 2).chat.completions.create({ ...request, max_tokens: 200 });
    await expect(refused).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await expect(refused).rejects.toMatchObject({ code: 'over_budget' });
    expect([service.world.runs.runs.size, generateOne.calls.length]).toEqual([0, 0]);
  });
});
