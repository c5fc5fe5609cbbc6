import { beforeEach, describe, expect, test } from 'vitest';
import { createComparison } from '../../../lib/comparisons/create.ts';
import { type ComparisonQuery, listComparisons } from '../../../lib/comparisons/list.ts';
import { answerKey, readComparison } from '../../../lib/comparisons/read.ts';
import { deleteFile } from '../../../lib/files/delete-file.ts';
import { stopFile } from '../../../lib/files/stop-file.ts';
import type { GenerateOne } from '../../../lib/generate/generate-one.ts';
import { deleteRun } from '../../../lib/lifecycle/delete.ts';
import { makeComparing } from '../../factories/comparison.ts';
import { makeGenerateOne } from '../../factories/generation.ts';
import { makePromptFile } from '../../factories/prompt-file.ts';
import { makeWorld, type World } from '../../memory/world.ts';

/** A setting `failing` has no output. */
const model: GenerateOne = (input) =>
  makeGenerateOne(() => (input.setting.label === 'failing' ? null : 'An answer'))(input);

let world: World;
let comparing: ReturnType<typeof makeComparing>;
beforeEach(() => {
  world = makeWorld({ generateOne: model });
  comparing = makeComparing(world);
});

const body = { prompts: ['one'], settings: [{ label: 'a' }, { label: 'b' }], samples: 2 };
const create = async (own: object = {}): Promise<string> => {
  await world.clock.advance(1_000);
  return (await createComparison({ ...body, ...own }, { caller: 'docs' }, world.deps)).id;
};
const end = async () => {
  await comparing.work();
  await comparing.embed();
};
const list = (query: Partial<ComparisonQuery> = {}, deps = world.deps) =>
  listComparisons({ caller: 'docs', limit: 20, ...query }, deps);
const idsIn = ({ comparisons }: Awaited<ReturnType<typeof list>>) => comparisons.map(({ id }) => id);

/** The ports, of which reads of run items are counted. */
const countingRuns = () => {
  const count = { runs: 0 };
  const get: World['runs']['get'] = async (id) => {
    count.runs += 1;
    return world.runs.get(id);
  };
  return { count, deps: { ...world.deps, runs: { ...world.runs, get } } };
};

describe('the list of comparisons', () => {
  test('follows a comparison to its end, with the status that its answer has', async () => {
    const id = await create({ name: 'Nightly' });
    const shown = async () => {
      const [entry] = (await list()).comparisons;
      const { status, name, stopped, error } = await readComparison(id, 'docs', world.deps);
      expect(entry).toMatchObject({ id, status, name, stopped, error });
      return [entry?.status, entry?.progress.done];
    };
    expect(await shown()).toEqual(['generating', 0]);
    await comparing.workNow();
    expect(await shown()).toEqual(['generating', 0]);
    await comparing.work();
    expect(await shown()).toEqual(['generated', 2]);
    await comparing.embed();
    expect(await shown()).toEqual(['completed', 2]);
  });

  test('tells failed outputs of completed runs, without anyone having read the comparison', async () => {
    const some = await create({ settings: [{ label: 'a' }, { label: 'failing' }] });
    const all = await create({ settings: [{ label: 'failing' }] });
    await end();
    expect((await list()).comparisons.map(({ id, status }) => [id, status])).toEqual([
      [all, 'failed'],
      [some, 'completed_with_errors'],
    ]);
  });

  test('reads the runs of a comparison once, and keeps its status when they are deleted', async () => {
    await create();
    await end();
    const { count, deps } = countingRuns();
    await list({}, deps);
    expect(count.runs).toBe(2);
    for (const id of world.runs.runs.keys()) await deleteRun(id, 'docs', world.deps);
    expect((await list({}, deps)).comparisons).toMatchObject([{ status: 'completed' }]);
    expect(count.runs).toBe(2);
  });

  test('does not read the runs of a comparison whose answer was read when it had ended', async () => {
    const id = await create();
    await end();
    await readComparison(id, 'docs', world.deps);
    const { count, deps } = countingRuns();
    expect((await list({}, deps)).comparisons).toMatchObject([{ status: 'completed' }]);
    expect(count.runs).toBe(0);
  });

  test('shows that one was cancelled, before it began and while it was generated', async () => {
    const early = await create();
    await stopFile(early, 'cancelled', world.deps);
    const late = await create();
    await comparing.workNow();
    await stopFile(late, 'cancelled', world.deps);
    const stopped = { code: 'cancelled', at: expect.any(String) };
    expect((await list()).comparisons).toMatchObject([
      { id: late, status: 'generating', stopped },
      { id: early, status: 'failed', stopped, error: { code: 'cancelled' } },
    ]);
    await comparing.work();
    expect((await list({ status: 'failed' })).comparisons).toMatchObject([
      { id: late, stopped },
      { id: early, stopped },
    ]);
  });

  test('filters by status and by time, page by page', async () => {
    const ids = [await create(), await create({ settings: [{ label: 'failing' }] }), await create()];
    await end();
    ids.push(await create());
    const [first = '', failed, third = '', last] = ids;
    expect(idsIn(await list({ status: 'generating' }))).toEqual([last]);
    expect(idsIn(await list({ status: 'failed' }))).toEqual([failed]);
    const page = await list({ status: 'completed', limit: 1 });
    expect(idsIn(page)).toEqual([third]);
    const rest = await list({ status: 'completed', limit: 1, cursor: page.nextCursor ?? '' });
    expect(idsIn(rest)).toEqual([first]);
    const since = world.files.files.get(third)?.createdAt ?? '';
    expect(idsIn(await list({ since }))).toEqual([last, third]);
    expect(idsIn(await list({ until: since }))).toEqual([failed, first]);
  });

  test('ends a page that would read more than 1,000 runs, and goes on at its cursor', async () => {
    const ids = [];
    const prompts = Array.from({ length: 30 }, (_, at) => `prompt ${at}`);
    for (let made = 0; made < 5; made += 1) ids.push(await create({ prompts, samples: 8 }));
    for (const id of ids)
      await world.files.change(id, { status: 'completed', endedAt: '2026-11-22T13:00:00.000Z' }, {});
    const { count, deps } = countingRuns();
    const first = await list({}, deps);
    expect(idsIn(first)).toEqual(ids.slice(1).toReversed());
    expect(count.runs).toBe(960);
    const rest = await list({ cursor: first.nextCursor ?? '' }, deps);
    expect(idsIn(rest)).toEqual(ids.slice(0, 1));
    expect(rest.nextCursor).toBeNull();
  });

  test('has no deleted comparison, no prompt file and no comparison of another caller', async () => {
    const gone = await create();
    const kept = await create();
    await deleteFile(gone, world.deps);
    await world.files.create(makePromptFile({ caller: 'docs' }));
    await createComparison(body, { caller: 'other' }, world.deps);
    expect(idsIn(await list())).toEqual([kept]);
  });

  test('lists comparisons of earlier versions, whose files say nothing of them', async () => {
    const id = await create();
    await end();
    const view = await readComparison(id, 'docs', world.deps);
    const now = await list();
    await world.files.change(id, { comparison: null }, {});
    for (const run of world.runs.runs.keys()) await deleteRun(run, 'docs', world.deps);
    expect(await list()).toEqual(now);
    expect(world.content.objects.has(answerKey(id))).toBe(true);
    expect(now.comparisons).toMatchObject([{ status: view.status, name: null }]);
  });

  test('leaves to the next page what does not fit into an answer', async () => {
    const settings = Array.from({ length: 16 }, (_, at) => ({
      label: `${at}${'"'.repeat(98)}`,
      model: `own/${'"'.repeat(180)}`,
    }));
    for (let made = 0; made < 100; made += 1) {
      const id = `cmp_${String(made).padStart(26, '0')}`;
      const own = { name: '"'.repeat(200), prompts: 1, samples: 1, settings: settings, status: null };
      const many = { ...own, settings: settings.flatMap((each) => Array.from({ length: 10 }, () => each)) };
      await world.files.create(makePromptFile({ id, caller: 'docs', comparison: many }));
    }
    const first = await list({ limit: 100 });
    expect(first.comparisons.length).toBeLessThan(100);
    expect(Buffer.byteLength(JSON.stringify(JSON.stringify(first)))).toBeLessThan(5_100_000);
    const ids = idsIn(first);
    for (let page = first; page.nextCursor !== null; ) {
      page = await list({ limit: 100, cursor: page.nextCursor });
      ids.push(...idsIn(page));
    }
    expect(new Set(ids).size).toBe(100);
    expect(ids).toHaveLength(100);
  });
});
