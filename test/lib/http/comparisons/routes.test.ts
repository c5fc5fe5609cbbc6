import { beforeEach, describe, expect, test } from 'vitest';
import { makeAuthenticate } from '../../../../lib/http/authenticate.ts';
import {
  comparisonListSchema,
  comparisonSchema,
  estimateSchema,
} from '../../../../lib/http/comparisons/openapi.ts';
import { problemSchema } from '../../../../lib/http/problem-schema.ts';
import { parseApiKeys } from '../../../../lib/keys/api-key.ts';
import { makeFaults } from '../../../crash/faults.ts';
import { makeMachine } from '../../../crash/machine.ts';
import { stillClock } from '../../../fixtures/http.ts';
import { makeWholeApi, wholeUseCases } from '../../../fixtures/whole-api.ts';
import { makeWorld, type World } from '../../../memory/world.ts';

let world: World;
let app: ReturnType<typeof makeWholeApi>;
beforeEach(() => {
  world = makeWorld();
  app = makeWholeApi({
    authenticate: makeAuthenticate({
      keys: parseApiKeys('docs:docs-secret-0123456789,team:team-secret-0123456789'),
      anonymousCaller: undefined,
      clock: stillClock,
    }),
    ...wholeUseCases(world.deps),
    clock: world.clock,
    log: world.log,
  });
});

const body = { prompts: ['one'], settings: [{ label: 'a' }, { label: 'b' }], samples: 2 };
const docs = { authorization: 'Bearer docs-secret-0123456789' };
const post = (content: unknown, headers: Record<string, string> = {}) =>
  app.request(
    '/comparisons',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...docs, ...headers },
      body: JSON.stringify(content),
    },
    { event: { path: '/comparisons', requestContext: { path: '/dev/comparisons' } } },
  );
const get = (id: string, headers: Record<string, string> = docs) =>
  app.request(`/comparisons/${id}`, { headers });

describe('POST /comparisons', () => {
  test('answers 202 with the comparison and its address, with the stage', async () => {
    const response = await post(body);
    expect(response.status).toBe(202);
    const comparison = comparisonSchema.parse(await response.json());
    expect(comparison).toMatchObject({
      name: null,
      status: 'generating',
      progress: { blocks: 2, generations: 4 },
    });
    expect(response.headers.get('location')).toBe(`/dev/comparisons/${comparison.id}`);
    expect(response.headers.get('idempotent-replayed')).toBeNull();
  });

  test('keeps the name that the caller gives it', async () => {
    const name = 'Nightly: GPT-6 · Luna or Sol?';
    const { id } = comparisonSchema.parse(await (await post({ ...body, name })).json());
    expect(comparisonSchema.parse(await (await get(id)).json())).toMatchObject({ name });
  });

  test('answers the same key and body with the same comparison, another body with 422', async () => {
    const first = await post(body, { 'idempotency-key': 'k' });
    const again = await post(body, { 'idempotency-key': 'k' });
    expect(again.status).toBe(202);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const other = await post({ ...body, samples: 1 }, { 'idempotency-key': 'k' });
    expect(problemSchema.parse(await other.json())).toMatchObject({
      status: 422,
      code: 'idempotency_key_reused',
    });
  });

  test('answers 400 with every wrong field named', async () => {
    const response = await post({ prompts: [''], settings: [{ label: 'a', top_p: 2 }], samples: 0 });
    const problem = problemSchema.parse(await response.json());
    expect(problem).toMatchObject({ status: 400, code: 'invalid_input' });
    expect(problem.errors?.map(({ path }) => path)).toEqual(['prompts.0', 'settings.0.top_p', 'samples']);
    expect(world.files.files.size).toBe(0);
  });

  test('answers 401 without a key', async () => {
    const response = await app.request('/comparisons', { method: 'POST', body: '{}' });
    expect(response.status).toBe(401);
  });
});

describe('POST /comparisons/estimate', () => {
  const estimate = (content: unknown, headers: Record<string, string> = docs) =>
    app.request('/comparisons/estimate', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(content),
    });

  test('answers 200 with the estimate, and makes no comparison', async () => {
    const response = await estimate({ ...body, name: 'Nightly' });
    expect(response.status).toBe(200);
    expect(estimateSchema.parse(await response.json())).toMatchObject({ blocks: 2, generations: 4 });
    expect(world.files.files.size).toBe(0);
  });

  test('refuses wrong fields by their names, other methods, and a request without a key', async () => {
    const problem = problemSchema.parse(await (await estimate({ ...body, name: 7, samples: 0 })).json());
    expect([problem.status, problem.errors?.map(({ path }) => path)]).toEqual([400, ['name', 'samples']]);
    const read = await get('estimate');
    expect([read.status, read.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await estimate(body, {})).status).toBe(401);
  });
});

describe('GET /comparisons', () => {
  const list = async (query = '', headers: Record<string, string> = docs) => {
    const response = await app.request(`/comparisons${query}`, { headers });
    expect(response.status).toBe(200);
    return comparisonListSchema.parse(await response.json());
  };

  test("lists a caller's own comparisons, newest first and a page at a time", async () => {
    const { id: first } = comparisonSchema.parse(await (await post(body)).json());
    await world.clock.advance(1_000);
    const { id: second } = comparisonSchema.parse(await (await post({ ...body, name: 'Second' })).json());
    expect(await list('', { 'x-api-key': 'team-secret-0123456789' })).toEqual({
      data: [],
      next_cursor: null,
    });
    const page = await list('?limit=1');
    expect(page.data).toEqual([
      {
        ...{ id: second, object: 'comparison', name: 'Second', status: 'generating' },
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        ...{ prompts: 1, samples: 2, models: ['gpt-6-luna'], stopped: null, error: null },
        settings: [
          { label: 'a', model: 'gpt-6-luna' },
          { label: 'b', model: 'gpt-6-luna' },
        ],
        progress: { blocks: 2, done: 0, generations: 4 },
      },
    ]);
    const rest = await list(`?limit=1&cursor=${page.next_cursor}`);
    expect([rest.data.map(({ id }) => id), rest.next_cursor]).toEqual([[first], null]);
  });

  test.each([
    ['cursor=x', 'cursor'],
    [`cursor=${Buffer.from('2026-11-22T13:00:00.000Z#file_0').toString('base64url')}`, 'cursor'],
    ['limit=0', 'limit'],
    ['status=cancelled', 'status'],
    ['since=yesterday', 'since'],
    ['since=2026-11-22&until=2026-11-21', 'since'],
    ['model=gpt-6-luna', 'model'],
  ])('refuses ?%s by its name', async (query, path) => {
    const response = await app.request(`/comparisons?${query}`, { headers: docs });
    const problem = problemSchema.parse(await response.json());
    expect([problem.status, problem.errors?.map((error) => error.path)]).toEqual([400, [path]]);
  });

  test('answers 401 without a key', async () => {
    expect((await app.request('/comparisons')).status).toBe(401);
  });
});

describe('GET /comparisons/{id}', () => {
  test('answers with the comparison, to its own caller alone', async () => {
    const { id } = comparisonSchema.parse(await (await post(body)).json());
    const response = await get(id);
    expect(response.status).toBe(200);
    expect(comparisonSchema.parse(await response.json()).id).toBe(id);
    const other = await get(id, { 'x-api-key': 'team-secret-0123456789' });
    expect(problemSchema.parse(await other.json())).toMatchObject({ status: 404, code: 'not_found' });
  });

  test.each(['cmp_00000000000000000000000000', 'run_0', 'cmp_%2f..', 'x'.repeat(300)])(
    'answers 404 for %s',
    async (id) => {
      const response = await get(id);
      expect(problemSchema.parse(await response.json())).toMatchObject({ status: 404, code: 'not_found' });
    },
  );

  test('has the texts once it has ended, and where they are asked for', async () => {
    const { id } = comparisonSchema.parse(await (await post(body)).json());
    const textsOf = async (query: string) =>
      comparisonSchema.parse(await (await get(`${id}${query}`)).json()).texts;
    expect(await textsOf('')).toBeNull();
    expect(await textsOf('?texts=true')).toMatchObject([
      { block: 1, prompt: 0, outputs: [{ label: 'a', status: 'pending', text: null }, { label: 'b' }] },
      { block: 2 },
    ]);
    await makeMachine(world, makeFaults(new Map())).untilQuiet();
    expect((await textsOf(''))?.[0]?.outputs[0]).toMatchObject({
      status: 'completed',
      text: expect.any(String),
    });
    expect(await textsOf('?texts=false')).toBeNull();
    expect((await get(`${id}?texts=1`)).status).toBe(400);
  });

  test('refuses unknown parameters', async () => {
    expect((await get('cmp_0?until=1')).status).toBe(400);
  });
});

describe('DELETE /comparisons/{id}', () => {
  const remove = (id: string, headers: Record<string, string> = docs) =>
    app.request(`/comparisons/${id}`, { method: 'DELETE', headers });

  test('deletes the comparison for its own caller alone: it is gone at once, and so is its key', async () => {
    const keyed = { ...docs, 'idempotency-key': 'k1' };
    const { id } = comparisonSchema.parse(await (await post(body, keyed)).json());
    expect((await remove(id, { 'x-api-key': 'team-secret-0123456789' })).status).toBe(404);
    const answer = await remove(id);
    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect((await get(id)).status).toBe(410);
    expect((await post(body, keyed)).status).toBe(410);
    const machine = makeMachine(world, makeFaults(new Map()));
    await machine.untilQuiet();
    expect(world.runs.runs.size).toBe(0);
    expect([...world.content.objects.keys()]).toEqual([]);
    expect((await post(body, keyed)).status).toBe(410);
    expect((await remove(id)).status).toBe(410);
  });

  test('refuses unknown parameters', async () => {
    const { id } = comparisonSchema.parse(await (await post(body)).json());
    const headers = docs;
    expect((await app.request(`/comparisons/${id}?now=1`, { method: 'DELETE', headers })).status).toBe(400);
    expect((await get(id)).status).toBe(200);
  });
});

describe('POST /comparisons/{id}/cancel', () => {
  const remove = (id: string, headers: Record<string, string> = docs) =>
    app.request(`/comparisons/${id}/cancel`, { method: 'POST', headers });

  test('stops the comparison, for its own caller alone: no block begins any more, and it ends', async () => {
    const { id } = comparisonSchema.parse(await (await post(body)).json());
    expect((await remove(id, { 'x-api-key': 'team-secret-0123456789' })).status).toBe(404);
    const machine = makeMachine(world, makeFaults(new Map()));
    // It is read, and its first jobs are sent.
    await machine.serveOne();
    const response = await remove(id);
    expect(response.status).toBe(200);
    comparisonSchema.parse(await response.json());
    await machine.untilQuiet();
    expect(comparisonSchema.parse(await (await get(id)).json())).toMatchObject({
      status: 'failed',
      progress: { done: 2, completed: 0, failed: 4 },
    });
    expect(world.runs.runs.size).toBe(0);
    expect((await remove(id)).status).toBe(200);
  });

  test('cancels a comparison at once that is not read yet, whoever holds its lease', async () => {
    const { id } = comparisonSchema.parse(await (await post(body)).json());
    await world.files.change(id, { lease: { token: 'dead', until: world.clock.now() + 60_000 } }, {});
    expect(comparisonSchema.parse(await (await remove(id)).json())).toMatchObject({
      status: 'failed',
      stopped: { code: 'cancelled' },
      error: { code: 'cancelled' },
    });
  });
});
