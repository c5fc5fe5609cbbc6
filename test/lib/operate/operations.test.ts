import { beforeEach, describe, expect, test } from 'vitest';
import type { OperationsDeps } from '../../../lib/operate/operations.ts';
import { readOperations } from '../../../lib/operate/operations.ts';
import { sweep } from '../../../lib/operate/sweep.ts';
import type { DueItem } from '../../../lib/runs/ports.ts';
import { makeRun } from '../../factories/run.ts';
import { makeWorld, type World } from '../../memory/world.ts';

let world: World;
beforeEach(() => {
  world = makeWorld();
});

const read = (changes: Partial<OperationsDeps> = {}) => readOperations({ ...world.deps, ...changes });
const create = async (id: string, status: 'queued' | 'generating' | 'generated', dueIn: number) => {
  await world.runs.create(makeRun({ id, status, dueAt: world.clock.now() + dueIn }));
};

describe('the work in hand', () => {
  test('is counted by status, with the run that has been due for the longest time', async () => {
    await create('run_a', 'queued', -90_000);
    await create('run_b', 'queued', 60_000);
    await create('run_c', 'generating', -1_000);
    await world.runs.create(makeRun({ id: 'run_d', status: 'completed', dueAt: null }));
    const { in_hand, oldest, errors } = await read();
    expect(in_hand).toEqual({
      runs: { generating: 1, queued: 2 },
      files: {},
      blocks: 0,
      sums: 0,
      at_least: false,
    });
    expect(oldest).toEqual({
      run: {
        id: 'run_a',
        status: 'queued',
        due_at: new Date(world.clock.now() - 90_000).toISOString(),
        overdue_seconds: 90,
      },
      file: null,
    });
    expect(errors).toEqual([]);
  });

  test('leaves out what only waits to be deleted by its retention', async () => {
    await create('run_a', 'queued', 0);
    await world.runs.create(
      makeRun({ id: 'run_b', status: 'completed', dueAt: world.clock.now() + 30 * 86_400_000 }),
    );
    expect((await read()).in_hand?.runs).toEqual({ queued: 1 });
  });

  test('is bounded, and says that there is more', async () => {
    const due = async function* (shard: number): AsyncGenerator<DueItem[]> {
      for (let page = 0; page < 100; page += 1) {
        if (page > 4) throw new Error('it reads on after it has enough');
        yield Array.from({ length: 100 }, (_, at) => ({
          pk: `USAGE#${shard}`,
          sk: `HOUR#${page}-${at}`,
          dueAt: 0,
        }));
      }
    };
    const { in_hand } = await read({ dueIndex: { shards: async () => 8, due } });
    expect(in_hand).toMatchObject({ sums: 2_000, at_least: true });
  });
});

test('queues have their messages and those of their dead-letter queues', async () => {
  const queueUrls = {
    jobs: { url: 'jobs', deadLetters: 'dead jobs' },
    rule: { url: null, deadLetters: 'dead events' },
  };
  const depthsOf = async (url: string) => ({ visible: url.length, inFlight: 2, delayed: 1 });
  expect((await read({ queueUrls, depthsOf })).queues).toEqual([
    { name: 'jobs', visible: 4, in_flight: 2, delayed: 1, dead_letters: 12 },
    { name: 'rule', visible: null, in_flight: null, delayed: null, dead_letters: 14 },
  ]);
});

test('a part that fails or takes too long is named, and the others are shown', async () => {
  await world.lastSweep.write({
    startedAt: new Date(world.clock.now() - 61_000).toISOString(),
    durationMs: 120,
    ...{ moved: 3, failed: 1, complete: true },
  });
  const answer = await read({
    queueUrls: { jobs: { url: 'a', deadLetters: 'b' }, embed: { url: 'c', deadLetters: 'd' } },
    depthsOf: async (url) => {
      if (url === 'c') throw new Error('AccessDenied');
      return { visible: 1, inFlight: 0, delayed: 0 };
    },
    dueIndex: { shards: () => new Promise(() => {}), due: world.dueIndex.due },
    timeoutMs: 20,
  });
  expect(answer.errors).toEqual([
    { part: 'queues.embed', message: expect.stringContaining('the log says why') },
    { part: 'in_hand', message: 'could not be read within 0.02 s' },
  ]);
  expect([answer.in_hand, answer.oldest]).toEqual([null, null]);
  expect(answer.queues?.map(({ name }) => name)).toEqual(['jobs']);
  expect(answer.last_sweep).toMatchObject({ seconds_ago: 61, duration_ms: 120, moved: 3, failed: 1 });
});

test('each sweep records when it began and what it did, and does its work if it cannot', async () => {
  await create('run_a', 'queued', -1);
  const deps = { ...world.deps, movers: world.deps.movers };
  await sweep(deps);
  expect(await world.lastSweep.read()).toMatchObject({
    startedAt: new Date(world.clock.now()).toISOString(),
    ...{ moved: 1, failed: 0, complete: true },
  });
  const lastSweep = { write: () => Promise.reject(new Error('no write')) };
  expect(await sweep({ ...deps, lastSweep })).toEqual({ moved: 0, failed: 0, complete: true });
});
