import { beforeEach, expect, test } from 'vitest';
import { keepLease } from '../../../lib/lifecycle/lease.ts';
import type { Run } from '../../../lib/runs/run.ts';
import { serverError } from '../../factories/generation.ts';
import { makeRun } from '../../factories/run.ts';
import { makeWorld, type World } from '../../memory/world.ts';

let world: World;
let run: Run;
beforeEach(async () => {
  world = makeWorld();
  const until = world.clock.now() + 60_000;
  run = makeRun({ status: 'generating', attempts: 1, lease: { token: 'aa', until }, dueAt: until });
  await world.runs.create(run);
});

const until = async () => (await world.runs.get(run.id))?.lease?.until;

test('a lease is renewed every 20 s until it is released, without moving the run’s due time', async () => {
  const start = world.clock.now();
  const keeper = keepLease(run, world);
  await world.clock.advance(19_999);
  expect(await until()).toBe(start + 60_000);
  await world.clock.advance(1);
  expect(await until()).toBe(start + 80_000);
  await world.clock.advance(100_000);
  expect(await until()).toBe(start + 180_000);
  expect((await world.runs.get(run.id))?.dueAt).toBe(start + 60_000);
  await keeper.release();
  await world.clock.advance(100_000);
  expect(await until()).toBe(start + 180_000);
  expect(keeper.signal.aborted).toBe(false);
});

test('a lease is lost when another worker has taken the run, and is not touched again', async () => {
  const keeper = keepLease(run, world);
  const theirs = { token: 'bb', until: world.clock.now() + 600_000 };
  await world.runs.change(run.id, { lease: theirs }, {});
  await world.clock.advance(20_000);
  expect(keeper.signal.reason).toMatchObject({ name: 'ConflictError', code: 'lease_lost' });
  await world.clock.advance(100_000);
  expect((await world.runs.get(run.id))?.lease).toEqual(theirs);
  await keeper.release();
});

test('a lease is lost when the run was deleted', async () => {
  const keeper = keepLease(run, world);
  await world.runs.change(run.id, { status: 'deleted', lease: null }, {});
  await world.clock.advance(20_000);
  expect(keeper.signal.aborted).toBe(true);
  await keeper.release();
});

test('a lease survives renewals that fail for a while', async () => {
  let failing = true;
  const change: World['runs']['change'] = async (...parameters) => {
    if (failing) throw serverError();
    return world.runs.change(...parameters);
  };
  const start = world.clock.now();
  const keeper = keepLease(run, { ...world, runs: { ...world.runs, change } });
  await world.clock.advance(40_000);
  expect(keeper.signal.aborted).toBe(false);
  failing = false;
  await world.clock.advance(2_000);
  expect(await until()).toBe(start + 42_000 + 60_000);
  await keeper.release();
});

test('a lease that cannot be renewed is given up before it runs out', async () => {
  const change = async () => Promise.reject(serverError());
  const keeper = keepLease(run, { ...world, runs: { ...world.runs, change } });
  await world.clock.advance(57_000);
  expect(keeper.signal.aborted).toBe(false);
  await world.clock.advance(2_999);
  expect(keeper.signal.reason).toMatchObject({ code: 'lease_lost' });
  await keeper.release();
});
