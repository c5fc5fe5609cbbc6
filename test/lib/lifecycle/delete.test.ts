import { beforeEach, expect, test } from 'vitest';
import { embedRuns } from '../../../lib/embed/embed-runs.ts';
import { deleteRun } from '../../../lib/lifecycle/delete.ts';
import { makeStartRun } from '../../../lib/lifecycle/start.ts';
import { makeRun } from '../../factories/run.ts';
import { makeWorld, type World } from '../../memory/world.ts';

let world: World;
let id: string;
beforeEach(async () => {
  world = makeWorld();
  const started = await makeStartRun(world.deps)(
    { prompt: 'x'.repeat(1_100), samples: 2 },
    { caller: 'docs' },
  );
  id = started.run.id;
  if (started.kind === 'started') await started.done;
  await embedRuns(world.generatedEvents(), world.deps);
});

test('leaves a tombstone and nothing else: no vector, no output, no request', async () => {
  expect(world.vectorIds()).toEqual({ 'bag-of-words:docs': [`${id}#0#0`, `${id}#1#0`] });
  expect(world.content.objects.size).toBe(3);
  await deleteRun(id, 'docs', world.deps);
  expect(world.vectorIds()).toEqual({ 'bag-of-words:docs': [] });
  expect(world.content.objects.size).toBe(0);
  expect(await world.runs.get(id)).toMatchObject({
    status: 'deleted',
    lease: null,
    pending: [],
    dueAt: world.clock.now() + 600_000,
  });
});

test('takes the prompt out of the run where it stood there', async () => {
  const run = makeRun();
  await world.runs.create(run);
  expect(run.request).toContain('vector databases');
  await deleteRun(run.id, 'docs', world.deps);
  expect((await world.runs.get(run.id))?.request).toBeNull();
});

test('stands as deleted when nothing could be removed yet, and the sweep removes it later', async () => {
  const vectors = { ...world.vectors, delete: async () => Promise.reject(new Error('down')) };
  await deleteRun(id, 'docs', { ...world.deps, vectors });
  expect((await world.runs.get(id))?.status).toBe('deleted');
  expect(world.content.objects.size).toBe(3);
});

test("is for the caller's own runs, once", async () => {
  await expect(deleteRun(id, 'other', world.deps)).rejects.toMatchObject({ code: 'not_found' });
  await expect(deleteRun('run_nonsense', 'docs', world.deps)).rejects.toMatchObject({ code: 'not_found' });
  await deleteRun(id, 'docs', world.deps);
  await expect(deleteRun(id, 'docs', world.deps)).rejects.toMatchObject({ code: 'gone' });
});
