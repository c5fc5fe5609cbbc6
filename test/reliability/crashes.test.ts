import type { Context } from 'aws-lambda';
import { beforeAll, expect, test } from 'vitest';
import type { GenerateOne } from '../../lib/generate/generate-one.ts';
import { keepLease } from '../../lib/lifecycle/lease.ts';
import { sweep } from '../../lib/operate/sweep.ts';
import { dueShardOf } from '../../lib/runs/due.ts';
import type { RunView } from '../../lib/runs/view.ts';
import { expectAllEnded } from '../crash/invariant.ts';
import { makeGenerateOne, makeTrace } from '../factories/generation.ts';
import { makeRun } from '../factories/run.ts';
import { makeWorld, type World } from '../memory/world.ts';
import { composedFunctions } from './composed-functions.ts';
import { playWithFault } from './play-with-fault.ts';
import { makeService, type Service } from './service.ts';

/** Counts the model's calls over the rehearsal and the run with the fault; `begin` starts anew. */
const countingModel = () => {
  let calls: ReturnType<typeof makeGenerateOne>['calls'] = [];
  return {
    build: () => {
      const generateOne = makeGenerateOne();
      calls = generateOne.calls;
      return makeWorld({ generateOne });
    },
    calls: () => calls.length,
  };
};

const background = async ({ run, untilQuiet }: Service) => {
  await run({ prompt: 'one', background: true });
  await untilQuiet();
};

test('7. a worker crashes after the claim: its lease runs out and another resumes the run', async () => {
  const { build, calls } = countingModel();
  const service = await playWithFault('crash before', 'model.generate', background, { build });
  expect(service.onlyRun()).toMatchObject({ status: 'completed', attempts: 2 });
  expect(service.world.clock.now() - Date.parse(service.onlyRun().createdAt)).toBeGreaterThan(60_000);
  expect(calls()).toBe(1);
  await expectAllEnded(service.world);
});

test('8. a worker crashes amid the stream: the text is generated again, and the partial text is published nowhere', async () => {
  let asked = 0;
  const generateOne: GenerateOne = async (input) => {
    if (asked++ > 0) return makeGenerateOne(() => 'the whole text')(input);
    for (const chunk of makeTrace('half of').chunks) input.onChunk?.(chunk, 0);
    throw new Error('the process dies here');
  };
  const service = makeService({ world: makeWorld({ generateOne }) });
  await background(service);
  expect(service.onlyRun()).toMatchObject({ status: 'completed', attempts: 2 });
  const everything = JSON.stringify([
    [...service.world.content.objects.values()].map(String),
    [...service.world.vectors.namespaces.values()].map((records) => [...records]),
    service.world.bus.events,
  ]);
  expect(everything).toContain('the whole text');
  expect(everything).not.toContain('half of');
});

test('9. a worker crashes between saving an output and the commit: the saved output is used, not paid for again', async () => {
  const { build, calls } = countingModel();
  const service = await playWithFault('crash after', 'content.put', background, { build });
  expect(service.onlyRun()).toMatchObject({ status: 'completed', attempts: 2 });
  expect(calls()).toBe(1);
  await expectAllEnded(service.world);
});

const direct = async ({ run, untilQuiet }: Service) => {
  await run({ prompt: 'one' }, { headers: { 'idempotency-key': 'order-1' } });
  await untilQuiet();
};

test.each(['lost', 'repeated'] as const)(
  '10. a commit that was applied while its answer was lost (%s) is read back: one result, one event',
  async (fault) => {
    const { build, calls } = countingModel();
    const service = await playWithFault(fault, 'runs.change', direct, { build });
    expect(service.onlyRun()).toMatchObject({ status: 'completed', attempts: 1 });
    expect(calls()).toBe(1);
    expect(new Set(service.world.bus.idsOf('RunGenerated')).size).toBe(1);
    await expectAllEnded(service.world);
  },
);

test('11. a worker crashes between the commit and its event: the sweep sends that very event', async () => {
  const service = await playWithFault('crash before', 'bus.emit', direct);
  expect(service.onlyRun().status).toBe('completed');
  expect(service.world.bus.idsOf('RunGenerated')).toEqual([`${service.onlyRun().id}.RunGenerated`]);
  await expectAllEnded(service.world);
});

test('13. after a day in which nothing ran, the sweep catches up with everything', async () => {
  const world = makeWorld();
  const service = makeService({ world: { ...world, jobs: { ...world.jobs, send: async () => {} } } });
  for (const prompt of ['one', 'two', 'three']) await service.run({ prompt, background: true });
  world.bus.down = true;
  await service.run({ prompt: 'four' });
  world.bus.down = false;
  await world.clock.advance(24 * 60 * 60_000);
  const later = makeService({ world });
  await sweep(world.deps);
  await later.untilQuiet();
  expect([...world.runs.runs.values()].map(({ status }) => status)).toEqual(Array(4).fill('completed'));
  await expectAllEnded(world);
});

let functions: Awaited<ReturnType<typeof composedFunctions>>;
beforeAll(async () => {
  functions = await composedFunctions();
});

test('19. a function nearly out of time stops early, keeps its finished outputs and puts the run back', async () => {
  const finished = makeGenerateOne(({ index }) => `first ${index}`);
  const generateOne: GenerateOne = (input) =>
    input.index < 2
      ? finished(input)
      : new Promise((_, reject) =>
          input.signal.addEventListener('abort', () => reject(input.signal.reason), { once: true }),
        );
  const world = makeWorld({ generateOne });
  const { run } = await makeService({ world }).run({ prompt: 'one', samples: 4, background: true });
  const message = world.jobs.receive();
  const record = {
    messageId: '1',
    body: JSON.stringify(message?.body),
    attributes: { ApproximateReceiveCount: '1' },
  };
  const handler = functions.makeGenerateQueueHandler(world.deps);
  // 50 ms are left to work in, since the rest is reserved for saving.
  const context = { getRemainingTimeInMillis: () => 10_050 } as Context;
  await handler({ Records: [record] } as never, context);
  message?.delete();
  expect(await world.runs.get(run.id)).toMatchObject({ status: 'queued', lease: null });

  const second = makeGenerateOne(({ index }) => `second ${index}`);
  const later = makeService({ world: { ...world, generateOne: second } });
  await later.untilQuiet();
  const read = (await (await later.ask(`/runs/${run.id}`)).json()) as RunView;
  expect(read.generations.map(({ text }) => text)).toEqual(['first 0', 'first 1', 'second 2', 'second 3']);
});

test('24. a redelivery after the deletion restores no vector, though embed crashed between the upsert and the commit', async () => {
  const service = await playWithFault(
    'crash after',
    'vectors.upsert',
    async ({ run, ask, machine, faults }) => {
      const { id } = (await run({ prompt: 'one', background: true })).run;
      let isDeleted = false;
      await machine.untilQuiet(async () => {
        if (isDeleted || !faults.effects.includes('vectors.upsert')) return;
        isDeleted = true;
        expect((await ask(`/runs/${id}`, { method: 'DELETE' })).status).toBe(204);
      });
    },
  );
  expect(service.onlyRun().status).toBe('deleted');
  expect(service.world.bus.idsOf('RunCompleted')).toEqual([]);
  expect(Object.values(service.world.vectorIds()).flat()).toEqual([]);
  await expectAllEnded(service.world);
});

test('25. a worker that wakes after it lost its lease cannot write: its text is never published', async () => {
  const world = makeWorld();
  const late: { wake: () => void } = { wake: () => {} };
  const slow: GenerateOne = async (input) => {
    await new Promise<void>((resolve) => {
      late.wake = resolve;
    });
    // It slept past the end of its lease, and its signal did not abort.
    return makeGenerateOne(() => 'late text')({ ...input, signal: new AbortController().signal });
  };
  // A sleeping process renews no lease.
  const sleep: World['sleep'] = (_, signal) =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  const deps = { ...world.deps, sleep };
  const asleep = makeService({ world: { ...world, deps, generateOne: slow } });
  const old = asleep.run({ prompt: 'one' });
  await world.clock.advance(61_000);
  const other = makeService({ world: { ...world, generateOne: makeGenerateOne(() => 'text in time') } });
  await sweep(world.deps);
  await other.untilQuiet();
  const before = structuredClone(other.onlyRun());
  late.wake();
  const { run } = await old;
  expect(run.generations[0]?.text).toBe('text in time');
  expect(other.onlyRun()).toEqual(before);
  expect(before).toMatchObject({ status: 'completed', attempts: 2 });
});

test('30. with a hot shard, a second one, and an index that lags, the sweep still finds every run', async () => {
  const world = makeWorld();
  const ids = Array.from({ length: 1_500 }, (_, at) => `run_${String(at).padStart(26, '0')}`);
  const hot = ids.filter((id) => dueShardOf(`RUN#${id}`) === 3).slice(0, 90);
  const few = ids.filter((id) => dueShardOf(`RUN#${id}`) === 5).slice(0, 2);
  const due = [...hot, ...few];
  for (const id of due) await world.runs.create(makeRun({ id, dueAt: world.clock.now() - 1 }));
  // The index still lists runs that were moved on, and lists some due runs only on the second sweep.
  const lagging = (from: number) => ({
    ...world.dueIndex,
    due: async function* (shard: number) {
      const items = due
        .filter((id) => dueShardOf(`RUN#${id}`) === shard)
        .map((id) => ({ pk: `RUN#${id}`, sk: 'RUN' }));
      for (let at = from; at < items.length; at += 25) yield items.slice(at, at + 25);
      yield items.slice(0, 10);
    },
  });
  await sweep({ ...world.deps, dueIndex: lagging(30) });
  await sweep({ ...world.deps, dueIndex: lagging(0) });
  const service = makeService({ world });
  await service.untilQuiet();
  expect([...world.runs.runs.values()].map(({ status }) => status)).toEqual(Array(92).fill('completed'));
});

test.each(['deleted', 'failed', 'cancelled', 'completed'] as const)(
  '31. a late job, event or lease of a run that is %s has no effect',
  async (end) => {
    const generateOne = makeGenerateOne(() => (end === 'failed' ? null : 'text'));
    const world = makeWorld({ generateOne });
    const service = makeService({ world });
    const { run } = await service.run({ prompt: 'one', background: true });
    if (end === 'cancelled') await service.ask(`/runs/${run.id}/cancel`, { method: 'POST' });
    await service.untilQuiet();
    if (end === 'deleted') await service.ask(`/runs/${run.id}`, { method: 'DELETE' });
    await service.untilQuiet();
    const ended = structuredClone(service.onlyRun());
    expect(ended.status).toBe(end);
    const stateOf = (of: World) => [
      [...of.runs.runs.values()],
      [...of.content.objects.keys()],
      of.vectorIds(),
      of.bus.events.map(({ detail }) => detail.event_id),
    ];
    const before = structuredClone(stateOf(world));
    await world.jobs.send({ type: 'run', run_id: run.id });
    const [event] = world.bus.events.filter(({ type }) => type === 'RunGenerated');
    if (event) {
      await world.embedQueue.send(
        JSON.stringify({ source: 'everytoken', 'detail-type': event.type, detail: event.detail }),
      );
    }
    await service.untilQuiet();
    const keeper = keepLease(
      { ...ended, lease: { token: 'late', until: world.clock.now() + 1 } },
      world.deps,
    );
    await world.clock.advance(25_000);
    await keeper.release();
    expect(keeper.signal.aborted).toBe(true);
    expect(stateOf(world)).toEqual(before);
    expect(generateOne.calls).toHaveLength(end === 'cancelled' ? 0 : 1);
  },
);
