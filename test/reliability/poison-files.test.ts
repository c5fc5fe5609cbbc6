import { expect, test } from 'vitest';
import { moveFile } from '../../lib/files/move-file.ts';
import { templateKey } from '../../lib/files/prompt-file.ts';
import { intakeObject } from '../../lib/files/read/intake.ts';
import { stopFile } from '../../lib/files/stop-file.ts';
import { sweep } from '../../lib/operate/sweep.ts';
import { makeFaults } from '../crash/faults.ts';
import { expectAllEnded } from '../crash/invariant.ts';
import { makeMachine } from '../crash/machine.ts';
import { jsonLines, makeFileWorld, prompts, SMALL } from '../lib/files/file-world.ts';
import { makeWorld } from '../memory/world.ts';

const KEY = 'prompts/poison.jsonl';
type FileWorld = ReturnType<typeof makeFileWorld>;
const dies = () => new Promise<never>(() => {});

/** Lets time pass until `file` has ended, with a sweep at each due time and every message processed by `work`. */
const untilEnded = async (world: FileWorld, work: () => Promise<unknown>): Promise<number> => {
  const began = world.clock.now();
  const hasEnded = () => world.files.files.size > 0 && world.file().endedAt !== null;
  for (let step = 0; step < 100 && !hasEnded(); step += 1) {
    await work();
    if (hasEnded()) break;
    const next = Math.min(...world.dueIndex.entries().map(({ dueAt }) => dueAt));
    await world.clock.advance(Math.max(0, next - world.clock.now()));
    await sweep(world.deps);
  }
  await world.work();
  return world.clock.now() - began;
};

/** Processes a message as a worker does that may die: nothing waits for it. */
const mayDie = async (world: FileWorld) => {
  void world.workMessage().catch(() => {});
  await world.clock.advance(1);
};

test('37. a file whose reader crashes whenever it reads ends as attempts_exhausted, after five attempts', async () => {
  const world = makeFileWorld({ limits: SMALL });
  const { readSource } = world.deps;
  let attempts = 0;
  world.deps.readSource = () => {
    attempts += 1;
    return dies();
  };
  const object = world.drop(KEY, prompts('one', 'two'));
  void intakeObject(object, world.deps);
  await world.clock.advance(1);
  const tookMs = await untilEnded(world, () => mayDie(world));
  expect(attempts).toBe(5);
  expect(tookMs).toBeLessThan(15 * 60_000);
  expect(world.file()).toMatchObject({ status: 'failed', error: { code: 'attempts_exhausted' } });
  expect((await world.rows()).map(({ error }) => error.code)).toEqual(['attempts_exhausted']);
  await expectAllEnded(world);

  // Once the cause is mended, the same bytes can be uploaded again.
  world.deps.readSource = readSource;
  await world.take(KEY, prompts('one', 'two'));
  await world.work();
  expect(world.prompted()).toEqual(['one', 'two']);
});

test('37. a file whose reader fails with an error that may pass ends all the same', async () => {
  const world = makeFileWorld({ limits: SMALL });
  let attempts = 0;
  world.deps.readSource = async () => {
    attempts += 1;
    throw new Error('the disk is on fire');
  };
  await intakeObject(world.drop(KEY, prompts('one')), world.deps).catch(() => {});
  await untilEnded(world, () => mayDie(world));
  expect(attempts).toBe(5);
  expect(world.file()).toMatchObject({ status: 'failed', error: { code: 'attempts_exhausted' } });
});

test('37. a file that is read in forty continuations, with a crash in each of them, is not failed', async () => {
  const world = makeFileWorld({ limits: SMALL, remainingMs: () => 20_000 });
  const texts = Array.from({ length: 40 }, (_, at) => `prompt ${at}`);
  const { readSource } = world.deps;
  let reads = 0;
  // Every second attempt dies; the others read one line and hand over.
  world.deps.readSource = (...args) => (reads++ % 2 === 0 ? dies() : readSource(...args));
  void intakeObject(world.drop(KEY, prompts(...texts)), world.deps);
  await world.clock.advance(1);
  for (let step = 0; step < 400 && world.file().status === 'reading'; step += 1) {
    await mayDie(world);
    await world.clock.advance(61_000);
    await sweep(world.deps);
  }
  world.deps.readSource = readSource;
  await world.work();
  expect(world.file()).toMatchObject({ status: 'completed', lines: 40 });
});

test('37. a file whose results cannot be written keeps the answers of its lines', async () => {
  const world = makeFileWorld({ limits: SMALL });
  await world.take(KEY, prompts('one', 'two', 'fail'));
  while (await world.workJob()) {}
  const { content } = world.deps;
  let attempts = 0;
  // Assembling reads the outputs that generating has saved.
  world.deps.content = {
    ...content,
    get: (key, range) => {
      if (!key.startsWith('outputs/')) return content.get(key, range);
      attempts += 1;
      return dies();
    },
  };
  await untilEnded(world, () => mayDie(world));
  // Each attempt begins with up to three lines at once.
  expect(attempts).toBe(5 * 3);
  expect(world.file()).toMatchObject({ status: 'failed', error: { code: 'attempts_exhausted' } });
  expect(await world.summary()).toMatchObject({
    status: 'failed',
    counts: { lines: 3, completed: 2, failed: 1, generations: 3 },
  });
  expect([...world.runs.runs.values()].map(({ status }) => status).sort()).toEqual([
    'failed',
    'generated',
    'generated',
  ]);

  world.deps.content = content;
  await world.take(KEY, prompts('one', 'two', 'fail'));
  await world.work();
  expect(world.prompted()).toEqual(['one', 'two', 'fail', 'fail']);
});

test('37. a worker whose last write comes after its file was given up does not leave other results than the error', async () => {
  const world = makeFileWorld();
  await world.take(KEY, prompts('one', 'two'));
  while (await world.workJob()) {}
  const { content } = world.deps;
  const own = `results/${KEY}.${world.file().id}.jsonl`;
  const late = Promise.withResolvers<void>();
  let attempts = 0;
  world.deps.content = {
    ...content,
    get: (key, range) => (key.startsWith('outputs/') && attempts > 0 ? dies() : content.get(key, range)),
    put: async (key, body, type) => {
      if (key === own && attempts++ === 0) await late.promise;
      await content.put(key, body, type);
    },
  };
  const slow = world.workMessage();
  await untilEnded(world, () => mayDie(world));
  const given = { status: 'failed', error: { code: 'attempts_exhausted' } };
  expect(world.file()).toMatchObject(given);
  late.resolve();
  await slow;
  expect(world.file()).toMatchObject(given);
  expect(await world.rows()).toMatchObject([{ line: null, ...given }]);
  expect(await world.summary()).toMatchObject(given);
  expect(await content.get(`results/${KEY}.jsonl`)).toBe(await world.read('.jsonl'));
});

test('37. a line that kills its worker before it has a run ends alone, after five attempts', async () => {
  const world = makeFileWorld({ limits: SMALL });
  await world.take(KEY, prompts('one', 'poison', 'two'));
  let attempts = 0;
  const { budget } = world.deps;
  world.deps.budget = {
    ...budget,
    reserve: (caller, request) => {
      if (request.prompt !== 'poison') return budget.reserve(caller, request);
      attempts += 1;
      return dies();
    },
  };
  const jobs = async () => {
    for (let job = 0; job < 4; job += 1) {
      void world.workJob();
      await world.clock.advance(1);
    }
    await world.workMessage();
  };
  await untilEnded(world, jobs);
  expect(attempts).toBe(5);
  expect((await world.rows()).map(({ error }) => error?.code ?? null)).toEqual([
    null,
    'attempts_exhausted',
    null,
  ]);
});

test('37. a file whose lines are lost ends, and so does a line that no budget covers', async () => {
  const lost = makeFileWorld({ limits: SMALL });
  await lost.take(KEY, prompts('one'));
  const [key] = [...lost.content.objects.keys()].filter((each) => each.includes('/blocks/'));
  await lost.content.delete([key ?? '']);
  await moveFile({ pk: `FILE#${lost.file().id}`, sk: 'BLOCK#000000' }, lost.deps);
  await lost.workMessage();
  expect(lost.file()).toMatchObject({ status: 'failed', error: { code: 'attempts_exhausted' } });

  const poor = makeFileWorld({ limits: SMALL });
  await poor.budgets.set('files', { tokens: 10, costUsd: null });
  await poor.take(KEY, prompts('one'));
  await poor.work();
  expect((await poor.rows()).map(({ error }) => error.code)).toEqual(['over_budget']);
});

test('37. a file whose lines share a template that is lost ends, also when its caller stops it', async () => {
  const begun = async () => {
    const world = makeFileWorld({ limits: SMALL });
    const lines = ['one', 'two'].map((name) => ({ variables: { name } }));
    const defaults = { prompt: `${'x'.repeat(2_000)}{{name}}` };
    await world.take(KEY, jsonLines({ defaults }, ...lines));
    await world.content.delete([templateKey(world.file().id)]);
    return world;
  };
  const failed = { status: 'failed', error: { code: 'attempts_exhausted' } };
  const lost = await begun();
  await lost.work();
  expect(lost.file()).toMatchObject(failed);

  const stopped = await begun();
  await stopFile(stopped.file().id, 'cancelled', stopped.deps);
  while (await stopped.workMessage()) {}
  expect(stopped.file()).toMatchObject(failed);
});

test('37. a comparison whose lines cannot be read ends as failed', async () => {
  const world = makeWorld();
  const machine = makeMachine(world, makeFaults(new Map()));
  const { createComparison } = await import('../../lib/comparisons/create.ts');
  const { readComparison } = await import('../../lib/comparisons/read.ts');
  const body = { prompts: ['one'], settings: [{ label: 'a' }, { label: 'b', temperature: 1 }] };
  const { id } = await createComparison(body, { caller: 'docs' }, world.deps);
  const [key] = [...world.content.objects.keys()].filter((each) => each.includes('planned-lines'));
  await world.content.delete([key ?? '']);
  await machine.untilQuiet();
  expect(await readComparison(id, 'docs', world.deps)).toMatchObject({
    status: 'failed',
    error: { code: 'attempts_exhausted' },
  });
});
