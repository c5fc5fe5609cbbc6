import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { generateJob } from '../../../lib/files/work/generate-job.ts';
import { deleteRun } from '../../../lib/lifecycle/delete.ts';
import { makeStartRun, type Started } from '../../../lib/lifecycle/start.ts';
import { UNLIMITED } from '../../../lib/limits/caller-limits.ts';
import { makeGenerateOne, serverError } from '../../factories/generation.ts';
import { makeWorld, type World } from '../../memory/world.ts';

let world: World;
beforeEach(() => {
  world = makeWorld();
});
const start = (body: unknown, own = {}, deps: Partial<World['deps']> = {}) =>
  makeStartRun({ ...world.deps, ...deps })(body, { caller: 'docs', ...own });
const doneOf = (started: Started) => (started.kind === 'started' ? started.done : started.run);

test('a direct run is generated in the same call', async () => {
  const started = await start({ prompt: 'x' });
  expect(started).toMatchObject({ kind: 'started', run: { status: 'generating', generations: [] } });
  expect(await doneOf(started)).toMatchObject({
    id: started.run.id,
    status: 'generated',
    generations: [{ text: 'Answer 0 to: x' }],
  });
});

test('a background run is queued with its job, also when the job cannot be sent', async () => {
  const started = await start({ prompt: 'x', background: true });
  expect(started.kind).toBe('queued');
  expect(world.jobs.bodies()).toEqual([{ type: 'run', run_id: started.run.id }]);
  const jobs = { ...world.jobs, send: async () => Promise.reject(serverError()) };
  expect((await start({ prompt: 'y', background: true }, {}, { jobs })).kind).toBe('queued');
  expect(world.log.named('job.delayed')).toHaveLength(1);
});

test('a run with a known key is replayed once it has ended, 409 while it is generated, and 202 in the background', async () => {
  const key = { idempotencyKey: 'k-1' };
  let open = () => {};
  const generateOne = makeGenerateOne(
    () =>
      new Promise((resolve) => {
        open = () => resolve('text');
      }),
  );
  const first = await start({ prompt: 'x' }, key, { generateOne });
  expect((await start({ prompt: 'x' }, key)).kind).toBe('running');
  await expect.poll(() => generateOne.calls.length).toBe(1);
  open();
  const done = await doneOf(first);
  expect(await start({ prompt: 'x' }, key)).toEqual({ kind: 'replayed', run: done });
  const later = { idempotencyKey: 'k-2' };
  await start({ prompt: 'x', background: true }, later);
  expect((await start({ prompt: 'x', background: true }, later)).kind).toBe('queued');
  expect(world.jobs.bodies()).toHaveLength(1);
});

describe('while a new direct run is being written', () => {
  /** A store of runs that writes once `write` is called, and fails if that is with an error. */
  const waitingStore = () => {
    const written = Promise.withResolvers<void>();
    const create: World['deps']['runs']['create'] = async (run) => {
      await written.promise;
      return world.deps.runs.create(run);
    };
    return { runs: { ...world.deps.runs, create }, write: written.resolve, fail: written.reject };
  };
  const outputs = () => world.content.list('outputs/');

  test('its model answers already, but nothing is returned or saved before the run stands', async () => {
    const { runs, write } = waitingStore();
    const generateOne = makeGenerateOne();
    const told: string[] = [];
    const listener = { onChunk: () => told.push('chunk'), onRestart: () => {}, onGeneration: () => {} };
    const starting = start({ prompt: 'x' }, { listener }, { runs, generateOne });
    const returned = starting.then(() => told.push('returned'));
    await expect.poll(() => told).toContain('chunk');
    await nextTurn();
    expect([told.includes('returned'), world.runs.runs.size, await outputs()]).toEqual([false, 0, []]);
    write();
    await returned;
    expect(await doneOf(await starting)).toMatchObject({ status: 'generated' });
    expect([generateOne.calls.length, (await outputs()).length]).toEqual([1, 1]);
  });

  test('its model is stopped and nothing is left when the write fails, and the next one waits for its write', async () => {
    const { runs, fail } = waitingStore();
    const asked: AbortSignal[] = [];
    const generateOne = makeGenerateOne(({ signal }) => {
      asked.push(signal);
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
      );
    });
    world = makeWorld({ callerLimits: { ...UNLIMITED, runsInFlight: 1 } });
    const startRun = makeStartRun({ ...world.deps, runs, generateOne });
    const refused = startRun({ prompt: 'x' }, { caller: 'docs' });
    await expect.poll(() => asked.length).toBe(1);
    fail(serverError());
    await expect(refused).rejects.toThrow(serverError().message);
    expect([asked[0]?.aborted, world.runs.runs.size, await outputs()]).toEqual([true, 0, []]);
    await expect(startRun({ prompt: 'x' }, { caller: 'docs' })).rejects.toThrow(serverError().message);
    expect(asked).toHaveLength(1);
  });

  test('a request that may be a repeat asks no model before its run stands', async () => {
    const { runs, write } = waitingStore();
    const generateOne = makeGenerateOne();
    const starting = start({ prompt: 'x' }, { idempotencyKey: 'k-1' }, { runs, generateOne });
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    expect(generateOne.calls).toEqual([]);
    write();
    await doneOf(await starting);
    expect(generateOne.calls).toHaveLength(1);
  });
});

test('a failed run is replayed as its failure', async () => {
  const key = { idempotencyKey: 'k-1' };
  const generateOne = makeGenerateOne(() => null);
  expect(await doneOf(await start({ prompt: 'x' }, key, { generateOne }))).toMatchObject({
    status: 'failed',
  });
  expect(await start({ prompt: 'x' }, key)).toMatchObject({
    kind: 'replayed',
    run: { status: 'failed', error: { code: 'server_error' } },
  });
});

test('a run that was put back is returned as queued', async () => {
  const signal = AbortSignal.abort(new Error('out of time'));
  const done = await doneOf(await start({ prompt: 'x' }, { signal }));
  expect(done).toMatchObject({ status: 'queued', generations: [] });
});

test('a run that was deleted while it was generated is returned as deleted', async () => {
  const generateOne = makeGenerateOne(async () => {
    await expect.poll(() => world.runs.runs.size).toBe(1);
    const [id = ''] = world.runs.runs.keys();
    await deleteRun(id, 'docs', world.deps);
    return 'text';
  });
  expect(await doneOf(await start({ prompt: 'x' }, {}, { generateOne }))).toMatchObject({
    status: 'deleted',
    generations: [],
  });
});

test('a run that was put back and cannot be read now is returned as still going on, not as an error', async () => {
  const signal = AbortSignal.abort(new Error('out of time'));
  const runs = { ...world.deps.runs, get: async () => Promise.reject(serverError()) };
  const done = await doneOf(await start({ prompt: 'x' }, { signal }, { runs }));
  expect(done).toMatchObject({ status: 'generating', generations: [] });
  expect(world.log.named('run.not_read')).toHaveLength(1);
});

test('a run that a route starts for completions asks those, and so does a worker that takes it over', async () => {
  const endpoint = 'completions';
  const asked: unknown[] = [];
  const generateOne = makeGenerateOne(({ setting }) => {
    asked.push(setting.endpoint);
    return 'text';
  });
  const started = await start({ prompt: 'x', background: true }, { endpoint }, { generateOne });
  await generateJob({ type: 'run', run_id: started.run.id }, { ...world.deps, generateOne });
  await doneOf(await start({ prompt: 'x' }, {}, { generateOne }));
  expect(asked).toEqual([endpoint, undefined]);
});

test('the endpoint is no field of a request, and tells requests with one key apart', async () => {
  await expect(start({ prompt: 'x', endpoint: 'completions' })).rejects.toMatchObject({
    issues: [{ path: 'endpoint', message: 'is not a known field' }],
  });
  const key = { idempotencyKey: 'k-1' };
  await doneOf(await start({ prompt: 'x' }, key));
  await expect(start({ prompt: 'x' }, { ...key, endpoint: 'completions' })).rejects.toMatchObject({
    code: 'idempotency_key_reused',
  });
});

test('the text after a completion is a field of that endpoint alone', async () => {
  const body = { prompt: 'x', extra_body: { suffix: 'The end.' } };
  expect((await start(body, { endpoint: 'completions' })).kind).toBe('started');
  await expect(start(body)).rejects.toMatchObject({ issues: [{ path: 'extra_body.suffix' }] });
});

test('an invalid input creates no run', async () => {
  await expect(start({ prompt: ' ' })).rejects.toMatchObject({ name: 'InvalidInputError' });
  expect(world.runs.runs.size).toBe(0);
});
