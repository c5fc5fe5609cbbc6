import { beforeEach, expect, test } from 'vitest';
import { claimRun, parseJob } from '../../../lib/lifecycle/claim.ts';
import { emitPending } from '../../../lib/lifecycle/emit.ts';
import { MAX_ATTEMPTS } from '../../../lib/runs/due.ts';
import { makeRun } from '../../factories/run.ts';
import { makeWorld, type World } from '../../memory/world.ts';

let world: World;
beforeEach(() => {
  world = makeWorld();
});

test('a queued run is claimed under a lease of a minute, and the attempt is counted', async () => {
  const { id } = makeRun();
  await world.runs.create(makeRun({ dueTries: 4 }));
  const run = await claimRun(id, world);
  const until = world.clock.now() + 60_000;
  expect(run).toMatchObject({
    status: 'generating',
    attempts: 1,
    lease: { until },
    dueAt: until,
    dueTries: 0,
  });
  expect(await world.runs.get(id)).toEqual(run);
});

test('a run under a live lease is not claimed, up to the last instant of the lease', async () => {
  const lease = { token: 'aa', until: world.clock.now() };
  const run = makeRun({ status: 'generating', attempts: 1, lease });
  await world.runs.create(run);
  expect(await claimRun(run.id, world)).toBeUndefined();
  expect(await world.runs.get(run.id)).toEqual(run);
});

test('a run whose lease has run out is claimed with a new token', async () => {
  const lease = { token: 'aa', until: world.clock.now() - 1 };
  const { id } = makeRun();
  await world.runs.create(makeRun({ status: 'generating', attempts: 1, lease }));
  const run = await claimRun(id, world);
  expect(run).toMatchObject({ status: 'generating', attempts: 2 });
  expect(run?.lease?.token).not.toBe('aa');
});

test('one of two workers that claim a queued or stale run gets it', async () => {
  const stale = {
    status: 'generating',
    attempts: 1,
    lease: { token: 'aa', until: world.clock.now() - 1 },
  } as const;
  for (const [at, own] of [{}, stale].entries()) {
    const run = makeRun({ ...own, id: `run_0000000000000000000000000${at + 1}` });
    await world.runs.create(run);
    const claims = await Promise.all([claimRun(run.id, world), claimRun(run.id, world)]);
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
  }
});

test.each(['generated', 'completed', 'failed', 'cancelled', 'deleted'] as const)(
  'a late job for a run that is %s has no effect',
  async (status) => {
    const run = makeRun({ status });
    await world.runs.create(run);
    expect(await claimRun(run.id, world)).toBeUndefined();
    expect(await world.runs.get(run.id)).toEqual(run);
  },
);

test('a run that lost its fifth worker fails, and its RunFailed is sent', async () => {
  const { id } = makeRun();
  await world.runs.create(makeRun());
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    expect(await claimRun(id, world)).toMatchObject({ status: 'generating', attempts: attempt });
    await world.clock.advance(60_001);
  }
  const run = await claimRun(id, world);
  expect(run).toMatchObject({
    status: 'failed',
    lease: null,
    error: { code: 'attempts_exhausted' },
    pending: ['RunFailed'],
  });
  expect(run?.dueAt).toBeLessThanOrEqual(world.clock.now() + 90_000);
  expect(await claimRun(id, world)).toBeUndefined();
  if (run) await emitPending(run, world);
  expect(world.bus.idsOf('RunFailed')).toEqual([`${id}.RunFailed`]);
});

test('an unknown run is a retryable error', async () => {
  await expect(claimRun('run_00000000000000000000000001', world)).rejects.toMatchObject({
    name: 'NotFoundError',
    code: 'unknown_run',
    retryable: true,
  });
});

test('a job of either kind is parsed', () => {
  expect(parseJob('{"type":"run","run_id":"run_1"}')).toEqual({ type: 'run', run_id: 'run_1' });
  const line = { type: 'line', file_id: 'file_1', block: 0, line: 3, start: 120, end: 240 };
  expect(parseJob(JSON.stringify(line))).toEqual(line);
});

test.each([
  '',
  '[]',
  '{"type":"run"}',
  '{"type":"other","run_id":"run_1"}',
  '{"type":"line","file_id":"f","block":-1}',
])('a job that reads %j is a permanent bad_job error', (body) => {
  expect(() => parseJob(body)).toThrow(expect.objectContaining({ code: 'bad_job', retryable: false }));
});
