import { beforeEach, describe, expect, test } from 'vitest';
import { acceptRun } from '../../../lib/lifecycle/accept.ts';
import { isRunId, requestKey } from '../../../lib/runs/keys.ts';
import { parseRunRequest } from '../../../lib/runs/request.ts';
import { summarizeRun } from '../../../lib/runs/view.ts';
import { makeRouteOf, makeServer } from '../../../lib/sampling/server.ts';
import { makeWorld, type World } from '../../memory/world.ts';

let world: World;
beforeEach(() => {
  world = makeWorld();
});

const body = { prompt: 'Explain neural nets.', metadata: { team: 'docs' } };
const inputOf = (own: Partial<Parameters<typeof acceptRun>[0]> = {}): Parameters<typeof acceptRun>[0] => {
  const input = { body, caller: 'docs', direct: false, ...own };
  return { ...input, request: parseRunRequest(input.body, { model: 'gpt-6-luna' }) };
};

describe('a new request', () => {
  test('of which the caller knows that it is new is not looked for, and still makes one run alone', async () => {
    const id = 'run_00000000000000000000000001';
    const unread = {
      ...world.runs,
      get: () => Promise.reject(new Error('it was looked for')),
    };
    const input = inputOf({ id, isNew: true, direct: true });
    expect((await acceptRun(input, { ...world, runs: unread })).kind).toBe('accepted');
    const again = await acceptRun(input, world);
    expect(again.kind).toBe('unfinished');
    expect(again.run).toEqual(await world.runs.get(id));
  });

  test('becomes a queued run that is due for the sweep in a minute', async () => {
    const { kind, run } = await acceptRun(inputOf(), world);
    expect(kind).toBe('accepted');
    expect(run).toMatchObject({
      caller: 'docs',
      status: 'queued',
      createdAt: '2026-11-22T13:00:00.000Z',
      model: 'gpt-6-luna',
      metadata: { team: 'docs' },
      attempts: 0,
      lease: null,
      dueAt: world.clock.now() + 60_000,
      request: '{"metadata":{"team":"docs"},"prompt":"Explain neural nets."}',
    });
    expect(isRunId(run.id)).toBe(true);
    expect(await world.runs.get(run.id)).toEqual(run);
    expect(world.content.objects.size).toBe(0);
  });

  test('has the models of its settings, with aliases resolved, from the start', async () => {
    const groq = makeServer('http://groq.test');
    const aliases = new Map([
      ['fast', 'groq/llama-3'],
      ['house', 'gpt-6-luna'],
    ]);
    const routeOf = makeRouteOf(makeServer(''), new Map([['groq', groq]]), aliases);
    const named = ['fast', 'groq/llama-3', 'house', 'meta/llama-3'];
    const settings = named.map((model) => ({ label: model, model }));
    const { run } = await acceptRun(inputOf({ body: { ...body, settings } }), {
      ...world,
      defaults: { routeOf },
    });
    expect(run.models).toEqual(['groq/llama-3', 'groq/llama-3', 'gpt-6-luna', 'meta/llama-3']);
    const { runs } = await world.listRuns({ caller: 'docs', limit: 1, model: 'groq' });
    expect(runs.map((listed) => summarizeRun(listed).models)).toEqual([
      ['groq/llama-3', 'gpt-6-luna', 'meta/llama-3'],
    ]);
  });

  test('for a direct run is generating from the start, under a lease of a minute', async () => {
    const { run } = await acceptRun(inputOf({ direct: true }), world);
    expect(run.status).toBe('generating');
    expect(run.attempts).toBe(1);
    expect(run.lease?.until).toBe(world.clock.now() + 60_000);
    expect(run.dueAt).toBe(run.lease?.until);
  });

  test('with store: false is saved as an object however short it is, after the run is created', async () => {
    const runs = {
      ...world.runs,
      create: async (run: Parameters<World['runs']['create']>[0]) => {
        expect(world.content.objects.has(requestKey(run.id))).toBe(false);
        return world.runs.create(run);
      },
    };
    const { run } = await acceptRun(inputOf({ body: { ...body, store: false } }), { ...world, runs });
    expect(run).toMatchObject({ store: false, index: false, request: null, requestHash: '' });
    expect(JSON.parse(await world.content.get(requestKey(run.id)))).toEqual({ ...body, store: false });
  });

  test('with store: false is saved again by a repeat while its run is unfinished', async () => {
    const input = inputOf({ body: { ...body, store: false }, idempotencyKey: 'k-1' });
    const { run } = await acceptRun(input, world);
    await world.content.delete([requestKey(run.id)]); // as if the first had crashed before it saved it
    expect((await acceptRun(input, world)).kind).toBe('unfinished');
    expect(world.content.objects.has(requestKey(run.id))).toBe(true);
  });

  test('of more than 1 KB is saved as an object before the run is created', async () => {
    const long = { prompt: 'x'.repeat(1_100) };
    const runs = {
      ...world.runs,
      create: async (run: Parameters<World['runs']['create']>[0]) => {
        expect(world.content.objects.has(requestKey(run.id))).toBe(true);
        return world.runs.create(run);
      },
    };
    const { run } = await acceptRun(inputOf({ body: long }), { ...world, runs });
    expect(run.request).toBeNull();
    expect(JSON.parse(await world.content.get(requestKey(run.id)))).toEqual(long);
  });

  test('of exactly 1 KB of UTF-8 is stored in the run itself', async () => {
    const frame = Buffer.byteLength('{"prompt":""}');
    const { run } = await acceptRun(
      inputOf({ body: { prompt: `${'ü'.repeat((1024 - frame - 1) / 2)}a` } }),
      world,
    );
    expect(Buffer.byteLength(run.request ?? '')).toBe(1024);
    const { run: over } = await acceptRun(
      inputOf({ body: { prompt: `${'ü'.repeat((1024 - frame - 1) / 2)}aa` } }),
      world,
    );
    expect(over.request).toBeNull();
  });

  test('without a key makes a new run each time', async () => {
    const ids = [await acceptRun(inputOf(), world), await acceptRun(inputOf(), world)].map(
      ({ run }) => run.id,
    );
    expect(new Set(ids).size).toBe(2);
  });
});

describe('an Idempotency-Key', () => {
  const keyed = { idempotencyKey: 'order-1' };

  test('with the same body returns its run as it is now, whatever the order of keys', async () => {
    const first = await acceptRun(inputOf(keyed), world);
    const again = await acceptRun(
      inputOf({ ...keyed, body: { metadata: body.metadata, prompt: body.prompt } }),
      world,
    );
    expect(again).toEqual({ kind: 'unfinished', run: first.run });
    const done = await world.runs.change(first.run.id, { status: 'generated' }, {});
    expect(await acceptRun(inputOf(keyed), world)).toEqual({ kind: 'answered', run: done });
    expect(world.runs.runs.size).toBe(1);
  });

  test('with another body is refused, also when the run has ended', async () => {
    const { run } = await acceptRun(inputOf(keyed), world);
    const other = () => acceptRun(inputOf({ ...keyed, body: { ...body, temperature: null } }), world);
    await expect(other()).rejects.toMatchObject({ name: 'ConflictError', code: 'idempotency_key_reused' });
    await world.runs.change(run.id, { status: 'failed' }, {});
    await expect(other()).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  });

  test('belongs to its caller alone', async () => {
    const a = await acceptRun(inputOf(keyed), world);
    const b = await acceptRun(
      inputOf({ ...keyed, caller: 'other', body: { prompt: 'Something else.' } }),
      world,
    );
    expect(b.kind).toBe('accepted');
    expect(b.run.id).not.toBe(a.run.id);
  });

  test('used twice at once makes one run; the other request is told that it is in progress', async () => {
    const both = await Promise.all([
      acceptRun(inputOf({ ...keyed, direct: true }), world),
      acceptRun(inputOf({ ...keyed, direct: true }), world),
    ]);
    expect(both.map(({ kind }) => kind).toSorted()).toEqual(['accepted', 'unfinished']);
    expect(both[0]?.run).toEqual(both[1]?.run);
    expect(world.runs.runs.size).toBe(1);
  });

  test('used twice at once for different bodies is refused to one of them', async () => {
    const both = await Promise.allSettled([
      acceptRun(inputOf(keyed), world),
      acceptRun(inputOf({ ...keyed, body: { prompt: 'Something else.' } }), world),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test('used twice at two instants leaves nothing of the request that lost in the list', async () => {
    const { runs } = world;
    const late: World['runs'] = {
      ...runs,
      create: async (run) => {
        await world.clock.advance(5);
        await acceptRun(inputOf({ ...keyed, body: { prompt: 'The first to be created.' } }), world);
        return runs.create(run);
      },
    };
    await expect(acceptRun(inputOf(keyed), { ...world, runs: late })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
    const previews = [...world.list.entries.values()].map(({ promptPreview }) => promptPreview);
    expect(previews).toEqual([null, 'The first to be created.']);
    expect((await world.listRuns({ caller: 'docs', limit: 9 })).runs).toHaveLength(1);
  });

  test('of a deleted run answers that it is gone', async () => {
    const { run } = await acceptRun(inputOf(keyed), world);
    await world.runs.change(run.id, { status: 'deleted' }, {});
    await expect(acceptRun(inputOf(keyed), world)).rejects.toMatchObject({
      name: 'NotFoundError',
      code: 'gone',
    });
  });
});

test('a creation that was applied while its answer was lost still counts as accepted by us', async () => {
  const runs = {
    ...world.runs,
    // The SDK's own retry gets this answer when the first attempt was applied.
    create: async (run: Parameters<World['runs']['create']>[0]) => {
      await world.runs.create(run);
      return world.runs.create(run);
    },
  };
  const { kind, run } = await acceptRun(inputOf({ direct: true, idempotencyKey: 'order-1' }), {
    ...world,
    runs,
  });
  expect(kind).toBe('accepted');
  expect(run.lease).not.toBeNull();
});

test('a request that cannot be saved creates no run', async () => {
  const content = { ...world.content, put: async () => Promise.reject(new Error('down')) };
  await expect(
    acceptRun(inputOf({ body: { prompt: 'x'.repeat(2_000) } }), { ...world, content }),
  ).rejects.toThrow('down');
  expect(world.runs.runs.size).toBe(0);
});
