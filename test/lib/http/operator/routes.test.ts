import { beforeEach, describe, expect, test } from 'vitest';
import { callerListSchema, operationsSchema } from '../../../../lib/http/operator/openapi.ts';
import { nameOf, ROUTES } from '../../../../lib/http/routes.ts';
import { usageReportSchema } from '../../../../lib/http/usage/openapi.ts';
import { addKey } from '../../../../lib/keys/manage-keys.ts';
import { makeService, type Service } from '../../../reliability/service.ts';

let service: Service;
let key: string;
beforeEach(async () => {
  service = makeService();
  const { keys, callers, clock } = service.world;
  let made = 0;
  const deps = { keys, callers, now: () => clock.now(), newSecret: () => `et_secret_${++made}` };
  key = (await addKey('ops', deps, { operator: true })).secret;
  await addKey('team-a', deps);
});

const asOperator = (path: string, more: Parameters<Service['ask']>[1] = {}) =>
  service.ask(path, { ...more, as: null, headers: { 'x-api-key': key } });

/** The routes that an operator's key may use, besides those that need none. */
const FOR_OPERATORS = ['GET /usage', 'GET /callers', 'GET /operations'];

describe("an operator's key", () => {
  const others = ROUTES.filter((route) => !route.isOpen && !FOR_OPERATORS.includes(nameOf(route)));
  test.each(others.map((route) => [nameOf(route), route] as const))(
    'is refused by %s, with the reason',
    async (_, { method, path }) => {
      const body = method === 'POST' ? { body: { prompt: 'Explain.', model: 'm', messages: [] } } : {};
      const answer = await asOperator(path.replace(/\{\w+\}/g, 'x'), { method, ...body });
      const { code, detail, error } = (await answer.json()) as {
        code?: string;
        detail?: string;
        error?: { code: string; message: string };
      };
      expect([answer.status, code ?? error?.code]).toEqual([403, 'forbidden']);
      expect(detail ?? error?.message).toContain('nothing that callers or models wrote');
      expect(service.world.runs.runs.size).toBe(0);
    },
  );

  test.each(FOR_OPERATORS)('is accepted by %s', async (name) => {
    expect((await asOperator(name.slice('GET '.length))).status).toBe(200);
  });

  test('is refused once it is disabled', async () => {
    const [stored] = await service.world.keys.list('ops');
    await service.world.keys.disable(stored?.sha256 ?? '');
    expect((await asOperator('/operations')).status).toBe(403);
  });
});

test.each(['/operations', '/callers'])(
  "%s refuses a caller's key, and a request without one",
  async (path) => {
    const answer = await service.ask(path);
    const { code, detail } = (await answer.json()) as { code: string; detail: string };
    expect([answer.status, code]).toEqual([403, 'forbidden']);
    expect(detail).toContain('keys add --operator');
    expect((await service.ask(path, { as: null })).status).toBe(401);
  },
);

test('GET /callers lists those with keys and those with usage, by name, in pages', async () => {
  const { world } = service;
  await world.clock.advance(60_000);
  await service.run({ prompt: 'Explain.' });
  await world.callers.enter('docs');
  await world.budgets.set('docs', { tokens: 1_000, costUsd: null });
  const page = async (query: string) => {
    const answer = await (await asOperator(`/callers${query}`)).json();
    return callerListSchema.parse(answer);
  };
  const first = await page('?limit=2');
  expect(first.data).toEqual([
    {
      caller: 'docs',
      last_used_at: new Date(world.clock.now()).toISOString(),
      budget: expect.objectContaining({ tokens: { limit: 1_000, used: 0, left: 1_000 } }),
      keys: null,
    },
    {
      caller: 'ops',
      last_used_at: null,
      budget: null,
      keys: { valid: 1, disabled: 0, operator: true },
    },
  ]);
  const rest = await page(`?limit=2&cursor=${first.next_cursor}`);
  expect([rest.data.map(({ caller }) => caller), rest.next_cursor]).toEqual([['team-a'], null]);
  for (const wrong of ['cursor=!', 'limit=0', 'caller=docs'])
    expect((await asOperator(`/callers?${wrong}`)).status, wrong).toBe(400);
});

test('GET /operations shows a run that waits for a worker', async () => {
  await service.run({ prompt: 'Explain.', background: true });
  const answer = operationsSchema.parse(await (await asOperator('/operations')).json());
  expect(answer.in_hand?.runs).toEqual({ queued: 1 });
  expect((await asOperator('/operations?x=1')).status).toBe(400);
});

test("GET /usage is that of all callers, or of one with its budget, for an operator's key alone", async () => {
  const { world } = service;
  for (const as of ['docs', 'other', 'other'] as const) {
    await service.run({ prompt: 'Explain.' }, { as });
    await world.callers.enter(as);
  }
  await world.budgets.set('other', { tokens: 1_000, costUsd: null });
  const usage = async (query: string) => {
    const answer = await asOperator(`/usage?until=2026-11-22&${query}`);
    return usageReportSchema.parse(await answer.json());
  };
  const all = await usage('group_by=caller,model');
  expect(all.groups.map(({ keys, requests }) => [...Object.values(keys), requests])).toEqual([
    ['docs', 'gpt-6-luna', 1],
    ['other', 'gpt-6-luna', 2],
  ]);
  expect([all.total.requests, all.budget]).toEqual([3, null]);
  const one = await usage('caller=other');
  expect([one.total.requests, one.budget?.tokens?.limit]).toEqual([2, 1_000]);
  for (const query of ['group_by=label', 'group_by=metadata.name', 'caller=a%20b'])
    expect((await asOperator(`/usage?${query}`)).status).toBe(400);
  for (const query of ['group_by=caller', 'caller=other'])
    expect((await service.ask(`/usage?${query}`)).status).toBe(400);
});
