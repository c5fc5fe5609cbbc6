import { describe, expect, test } from 'vitest';
import { embedRuns } from '../../../lib/embed/embed-runs.ts';
import { deleteFile } from '../../../lib/files/delete-file.ts';
import { intakeObject } from '../../../lib/files/read/intake.ts';
import { generateJob } from '../../../lib/files/work/generate-job.ts';
import { deleteRun } from '../../../lib/lifecycle/delete.ts';
import { sweep } from '../../../lib/operate/sweep.ts';
import { makeFaults } from '../../crash/faults.ts';
import { makeMachine } from '../../crash/machine.ts';
import { jsonLines, makeFileWorld, prompts, SMALL } from './file-world.ts';

const KEY = 'prompts/many.jsonl';
const MINUTE = 60_000;
type FileWorld = ReturnType<typeof makeFileWorld>;

/** A file with all its work done, its runs indexed too. */
const ended = async (body = prompts('one', 'two', 'fail', 'x'.repeat(1_100)), options = {}) => {
  const world = makeFileWorld({ limits: SMALL, ...options });
  await world.take(KEY, body);
  await world.work();
  await embedRuns(world.generatedEvents(), world.deps);
  return world;
};

/** Lets everything happen that is due in the next hour. */
const anHourLater = async (world: FileWorld): Promise<void> => {
  for (let passed = 0; passed < 60; passed += 1) {
    await world.clock.advance(MINUTE);
    await sweep(world.deps);
    await world.work();
  }
};

const statuses = (world: FileWorld) => [
  ...new Set([...world.runs.runs.values()].map(({ status }) => status)),
];
const fileAt = (world: FileWorld, at: number) => [...world.files.files.values()][at];

describe('a file that is deleted', () => {
  test('leaves tombstones and no object, vector, block or sum, and its usage stays counted', async () => {
    const body = jsonLines(
      { defaults: { max_cost_usd: 1 } },
      { prompt: 'one' },
      { prompt: 'two' },
      { prompt: 7 },
    );
    const world = await ended(body);
    const { id } = world.file();
    const spent = await world.spend.get({ fileId: id });
    expect(spent?.tokens).toBeGreaterThan(0);
    expect(Object.values(world.vectorIds()).flat()).toHaveLength(2);
    await deleteFile(id, world.deps);
    await anHourLater(world);
    expect([...world.content.objects.keys()]).toEqual([]);
    expect(Object.values(world.vectorIds()).flat()).toEqual([]);
    expect([world.files.blocks.size, world.files.newestByKey.size]).toEqual([0, 0]);
    expect(await world.spend.get({ fileId: id })).toBeUndefined();
    expect(statuses(world)).toEqual(['deleted']);
    expect(world.file()).toMatchObject({ status: 'deleted', key: '', etag: '', dueAt: null, purge: null });
    expect(world.files.expiries.get(id)).toBeGreaterThan(world.clock.now() + 29 * 24 * 60 * MINUTE);
    const { runs } = await world.listRuns({ caller: 'files', limit: 10, includesDeleted: true });
    const buried = { status: 'deleted', model: '', textPreview: null, parts: [{ completed: 1 }] };
    expect(runs).toMatchObject([buried, buried]);
    await expect(deleteFile(id, world.deps)).rejects.toMatchObject({ code: 'gone' });
  });

  test.each([0, 1, 2, 3, 5, 8])(
    'after %i jobs begins nothing more, and no job brings it back',
    async (done) => {
      const world = makeFileWorld({ limits: SMALL });
      await world.take(KEY, prompts(...'abcdefghij'));
      for (let job = 0; job < done; job += 1) await world.workJob();
      const late = world.jobs.bodies();
      await deleteFile(world.file().id, world.deps);
      await world.work();
      expect(world.prompted()).toHaveLength(done);
      await anHourLater(world);
      for (const job of late) await generateJob(job, world.deps);
      await embedRuns(world.generatedEvents(), world.deps);
      await anHourLater(world);
      expect(world.prompted()).toHaveLength(done);
      expect([...world.content.objects.keys()]).toEqual([]);
      expect(Object.values(world.vectorIds()).flat()).toEqual([]);
    },
  );

  test('right before a line makes its run has that run found by the last purge', async () => {
    const world = makeFileWorld({ limits: SMALL });
    await world.take(KEY, prompts('one', 'two'));
    const { runs } = world.deps;
    // The worker has read the file, and makes its run only after the first purge. Then it crashes.
    world.deps.runs = {
      ...runs,
      create: async (run) => {
        world.deps.runs = runs;
        await deleteFile(world.file().id, world.deps);
        await world.workMessage();
        await runs.create(run);
        throw new Error('crash');
      },
    };
    await expect(world.workJob()).rejects.toThrow('crash');
    expect(statuses(world)).toEqual(['generating']);
    await anHourLater(world);
    expect(statuses(world)).toEqual(['deleted']);
    expect(world.prompted()).toEqual([]);
    expect([...world.content.objects.keys()]).toEqual([]);
  });

  test('while a worker makes and generates the run of a line has that run deleted by the last purge', async () => {
    const world = makeFileWorld({ limits: SMALL });
    await world.take(KEY, prompts('x'.repeat(1_100), 'two'));
    const { runs } = world.deps;
    world.deps.runs = {
      ...runs,
      create: async (run) => {
        world.deps.runs = runs;
        await deleteFile(world.file().id, world.deps);
        await world.workMessage();
        return runs.create(run);
      },
    };
    await world.workJob();
    expect(statuses(world)).toEqual(['generated']);
    await embedRuns(world.generatedEvents(), world.deps);
    expect(Object.values(world.vectorIds()).flat()).toHaveLength(1);
    await anHourLater(world);
    expect(statuses(world)).toEqual(['deleted']);
    expect(Object.values(world.vectorIds()).flat()).toEqual([]);
    expect([...world.content.objects.keys()]).toEqual([]);
  });

  test('is purged in as many invocations as it takes', async () => {
    const world = makeFileWorld({ limits: SMALL });
    await world.take(KEY, prompts(...'abcdefghij'));
    await world.work();
    world.deps.remainingMs = () => 10_000;
    await deleteFile(world.file().id, world.deps);
    const passes: unknown[] = [];
    while (await world.workMessage()) passes.push(world.file().purge);
    expect(passes.map((purge) => (purge as { blocks: number }).blocks)).toEqual([1, 2, 3, 4, 0]);
    await anHourLater(world);
    expect(world.file().status).toBe('deleted');
    expect(statuses(world)).toEqual(['deleted']);
    expect([...world.content.objects.keys()]).toEqual([]);
  });

  test('can be uploaded again: its lines are generated anew, and a repeated event of the first upload has no effect', async () => {
    const world = makeFileWorld({ limits: SMALL });
    const first = await world.take(KEY, prompts('one', 'two'));
    await world.work();
    await deleteFile(world.file().id, world.deps);
    await anHourLater(world);
    await intakeObject(first, world.deps);
    expect(world.files.files.size).toBe(1);
    expect([...world.content.objects.keys()]).toEqual([]);
    await world.take(KEY, prompts('one', 'two'));
    await world.work();
    expect(world.prompted()).toEqual(['one', 'two', 'one', 'two']);
    expect(fileAt(world, 1)).toMatchObject({ status: 'completed', counts: { completed: 2 } });
    expect(await world.content.get(`results/${KEY}.jsonl`)).toContain('About two');
  });

  test('takes nothing of a later version of its key, which generates its lines anew', async () => {
    const world = await ended(prompts('one', 'two'));
    await world.take(KEY, prompts('one', 'three'));
    await world.work();
    expect(world.prompted()).toEqual(['one', 'two', 'three']);
    const [first, second] = [fileAt(world, 0), fileAt(world, 1)];
    await deleteFile(first?.id ?? '', world.deps);
    await anHourLater(world);
    expect(await world.content.get(KEY)).toBe(prompts('one', 'three'));
    const results = await world.content.get(`results/${KEY}.jsonl`);
    expect(results).toBe(await world.content.get(`results/${KEY}.${second?.id}.jsonl`));
    expect(results).toContain('About one');
    expect([...world.content.objects.keys()].filter((key) => key.includes(first?.id ?? 'none'))).toEqual([]);
    // Its run of `one` was the first version's.
    await world.take(KEY, prompts('one', 'four'));
    await world.work();
    expect(world.prompted()).toEqual(['one', 'two', 'three', 'one', 'four']);
  });

  test('takes its results from under the key while a later version has none yet', async () => {
    const world = await ended(prompts('one'));
    await world.take(KEY, prompts('two'));
    expect(await world.content.get(`results/${KEY}.jsonl`)).toContain('About one');
    await deleteFile(fileAt(world, 0)?.id ?? '', world.deps);
    await world.workMessage();
    expect([...world.content.objects.keys()].filter((key) => key.startsWith('results/'))).toEqual([]);
    expect(await world.content.get(KEY)).toBe(prompts('two'));
    await world.work();
    expect(await world.content.get(`results/${KEY}.jsonl`)).toContain('About two');
  });

  test('has the files of its batches deleted at the model server, once these are closed', async () => {
    const world = makeFileWorld({ limits: SMALL });
    await world.take(KEY, jsonLines({ defaults: { mode: 'batch' } }, { prompt: 'one' }, { prompt: 'two' }));
    await world.work();
    const [id = ''] = world.batchServer.batches.keys();
    let isClosed = false;
    const { batches } = world.deps;
    world.deps.batches = {
      ...batches,
      cancel: async (batchId) => (isClosed ? undefined : batches.cancel(batchId)),
      remove: async (batchId) => isClosed && batches.remove(batchId),
    };
    await deleteFile(world.file().id, world.deps);
    await anHourLater(world);
    expect(world.batchServer.cancelled).toContain(id);
    expect(world.file()).toMatchObject({ status: 'deleting', purge: { isLast: true } });
    isClosed = true;
    await anHourLater(world);
    expect(world.batchServer.removed).toEqual([id]);
    expect(world.file().status).toBe('deleted');
    expect([...world.content.objects.keys()]).toEqual([]);
  });

  test('does not wait for a model server that is down for longer than this keeps the files', async () => {
    const world = makeFileWorld({ limits: SMALL });
    await world.take(KEY, jsonLines({ defaults: { mode: 'batch' } }, { prompt: 'one' }));
    await world.work();
    const down = async () => Promise.reject(new Error('down'));
    world.deps.batches = { ...world.deps.batches, remove: down, cancel: down, find: down };
    await deleteFile(world.file().id, world.deps);
    const machine = makeMachine({ ...world, ...world.deps } as never, makeFaults(new Map()));
    await machine.untilQuiet();
    expect(world.file().status).toBe('deleted');
    expect(world.clock.now() - Date.parse(world.file().createdAt)).toBeGreaterThan(7 * 24 * 60 * MINUTE);
  });
});

test('the line of a run that was deleted is gone in its own file, and generated anew by the next one', async () => {
  const world = makeFileWorld({ limits: SMALL });
  await world.take(KEY, prompts('one'));
  const [job] = world.jobs.bodies();
  await world.workJob();
  const [run] = world.runs.runs.values();
  await deleteRun(run?.id ?? '', 'files', world.deps);
  if (job) await generateJob(job, world.deps);
  await world.work();
  expect(world.prompted()).toEqual(['one']);
  expect((await world.rows()).map(({ error }) => error?.code)).toEqual(['gone']);
  await world.take(KEY, `${prompts('one')}\n`);
  await world.work();
  expect(world.prompted()).toEqual(['one', 'one']);
});
