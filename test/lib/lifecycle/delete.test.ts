import { beforeEach, expect, test } from 'vitest';
import { embedRuns } from '../../../lib/embed/embed-runs.ts';
import { deleteRun } from '../../../lib/lifecycle/delete.ts';
import { makeStartRun } from '../../../lib/lifecycle/start.ts';
import { sweep } from '../../../lib/operate/sweep.ts';
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

test('a deleted run leaves a tombstone alone: no vector, no output, no request, no block of its stream', async () => {
  expect(world.vectorIds()).toEqual({ 'bag-of-words:docs': [`${id}#0#0`, `${id}#1#0`] });
  expect(world.content.objects.size).toBe(3);
  const block = { caller: 'docs', attempt: 1, index: 0, number: 0, chunks: '["a"]' };
  await world.streamBlocks.put({ runId: id, ...block });
  await world.streamBlocks.put({ runId: 'run_other', ...block });
  await deleteRun(id, 'docs', world.deps);
  expect(world.streamBlocks.blocks().map(({ runId }) => runId)).toEqual(['run_other']);
  expect(world.vectorIds()).toEqual({ 'bag-of-words:docs': [] });
  expect(world.content.objects.size).toBe(0);
  expect(await world.runs.get(id)).toMatchObject({
    status: 'deleted',
    lease: null,
    pending: [],
    dueAt: world.clock.now() + 600_000,
  });
});

test('a deletion removes the prompt from the run item', async () => {
  const run = makeRun();
  await world.runs.create(run);
  expect(run.request).toContain('vector databases');
  await deleteRun(run.id, 'docs', world.deps);
  expect((await world.runs.get(run.id))?.request).toBeNull();
});

test('a commit between the reading of a run and its deletion loses no chunk count', async () => {
  const [read] = [...world.runs.runs.values()];
  if (!read) throw new Error('there is a run');
  world.runs.runs.set(id, { ...read, status: 'generating', generations: [] });
  const get: World['runs']['get'] = async (asked) => {
    const found = await world.runs.get(asked);
    // The worker commits right after the deletion has read the run.
    if (found?.status === 'generating') world.runs.runs.set(id, read);
    return found;
  };
  await deleteRun(id, 'docs', { ...world.deps, runs: { ...world.runs, get } });
  expect(world.vectorIds()).toEqual({ 'bag-of-words:docs': [] });
  expect((await world.runs.get(id))?.generations.map(({ chunks }) => chunks)).toEqual([1, 1]);
});

test('a run whose objects cannot be removed is deleted all the same, and the sweep removes them later', async () => {
  const vectors = { ...world.vectors, delete: async () => Promise.reject(new Error('down')) };
  await deleteRun(id, 'docs', { ...world.deps, vectors });
  expect((await world.runs.get(id))?.status).toBe('deleted');
  expect(world.content.objects.size).toBe(3);
});

test('a run whose entry in the list cannot be written is deleted all the same, and the sweep writes it later', async () => {
  const put = async () => Promise.reject(new Error('throttled'));
  await deleteRun(id, 'docs', { ...world.deps, list: { ...world.list, put } });
  const run = await world.runs.get(id);
  expect(run?.status).toBe('deleted');
  expect(world.log.named('list.delayed')).toMatchObject([{ level: 'warn', run_id: id }]);
  await world.clock.advance(600_000);
  await sweep(world.deps);
  expect(run && (await world.list.get(run))).toMatchObject({ status: 'deleted', promptPreview: null });
});

test('a caller can delete its own runs alone, once', async () => {
  await expect(deleteRun(id, 'other', world.deps)).rejects.toMatchObject({ code: 'not_found' });
  await expect(deleteRun('run_nonsense', 'docs', world.deps)).rejects.toMatchObject({ code: 'not_found' });
  await deleteRun(id, 'docs', world.deps);
  await expect(deleteRun(id, 'docs', world.deps)).rejects.toMatchObject({ code: 'gone' });
});
