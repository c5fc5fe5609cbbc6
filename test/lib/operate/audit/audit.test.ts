import { beforeEach, describe, expect, test } from 'vitest';
import { deleteRun } from '../../../../lib/lifecycle/delete.ts';
import { moveRun } from '../../../../lib/lifecycle/move-run.ts';
import { audit, findingCounts, repairAll, reportLines } from '../../../../lib/operate/audit/audit.ts';
import { outputKey } from '../../../../lib/runs/keys.ts';
import type { Run } from '../../../../lib/runs/run.ts';
import { makeFaults } from '../../../crash/faults.ts';
import { makeMachine } from '../../../crash/machine.ts';
import { makeGenerateOne } from '../../../factories/generation.ts';
import { makeRun } from '../../../factories/run.ts';
import { makeMemoryScan } from '../../../memory/audit-ports.ts';
import { makeMemoryVectorIndex } from '../../../memory/vector-index.ts';
import { makeWorld, type World } from '../../../memory/world.ts';

const UNKNOWN = 'run_00000000000000000000000009';
const NAMESPACE = 'bag-of-words:files';
const LONG = `${'x'.repeat(1_500)}\n\n${'y'.repeat(1_500)}`;

let world: World;
let machine: ReturnType<typeof makeMachine>;

/** Three completed runs of two vectors each, a failed one, and their file. */
beforeEach(async () => {
  const generateOne = makeGenerateOne(({ index, messages }) =>
    messages[0]?.content === 'fail' ? null : `${index} to ${messages[0]?.content}: ${LONG}`,
  );
  world = makeWorld({ generateOne });
  machine = makeMachine(world, makeFaults(new Map()));
  const prompts = [{ prompt: 'one' }, { prompt: 'two' }, { prompt: 'z'.repeat(1_100) }, { prompt: 'fail' }];
  await machine.objects.send(world.drop('prompts/all.json', JSON.stringify(prompts)));
  await machine.untilQuiet(undefined, { isSummed: false });
});

const look = (more: { includesRefused?: boolean } = {}) =>
  audit({ ...world.deps, ...more, scan: makeMemoryScan(world) });
const found = async () => (await look()).findings.map(({ kind, id, count }) => ({ kind, id, count }));

const completed = (): Run => {
  const run = [...world.runs.runs.values()].find(({ status }) => status === 'completed');
  if (!run) throw new Error('there is no completed run');
  return run;
};
const theFile = () => {
  const [file] = world.files.files.values();
  if (!file) throw new Error('there is no file');
  return file;
};
const pointedKey = (run: Run) => outputKey(run.id, 0, run.generations[0]?.lease ?? '');
const putVector = (id: string, namespace = NAMESPACE) =>
  world.vectors.upsert(namespace, [{ id, values: new Float32Array(64).fill(1), metadata: {} }]);

/** Repairs everything, processes the runs that were put back, and audits again. */
const afterRepair = async () => {
  const { left } = await repairAll((await look()).findings);
  expect(left).toEqual([]);
  await machine.untilQuiet(undefined, { isSummed: false });
  return found();
};

describe('a consistent deployment', () => {
  test('has no findings, and every accepted run under its status', async () => {
    const result = await look();
    expect(result.findings).toEqual([]);
    expect(result).toMatchObject({ accepted: 4, files: 1, byStatus: { completed: 3, failed: 1, queued: 0 } });
  });

  test('has no findings while runs are queued and a deleted one waits for its second purge', async () => {
    await world.runs.create(makeRun({ id: UNKNOWN }));
    const deleted = completed();
    await deleteRun(deleted.id, 'files', world.deps);
    await world.content.put(outputKey(deleted.id, 0, 'late'), '{}', 'application/json');
    const result = await look();
    expect(result.findings).toEqual([]);
    expect(result.byStatus).toMatchObject({ queued: 1, completed: 2, deleted: 1 });
  });

  test('is only read: no item, object or vector is changed', async () => {
    const state = () =>
      structuredClone([world.runs.runs, world.files.files, world.content.objects, world.vectorIds()]);
    const before = state();
    await look();
    expect(state()).toEqual(before);
  });
});

describe('a run', () => {
  test('with work left and no due time is reported as lost, and repaired by a due time', async () => {
    await world.runs.create(makeRun({ id: UNKNOWN, dueAt: null }));
    expect(await found()).toEqual([{ kind: 'no_due_time', id: UNKNOWN, count: 1 }]);
    expect(await afterRepair()).toEqual([]);
    expect(await world.runs.get(UNKNOWN)).toMatchObject({ status: 'completed' });
  });

  test('that has ended with a pending event and no due time is repaired by one, too', async () => {
    const { id } = completed();
    await world.runs.change(id, { pending: ['RunCompleted'] }, {});
    expect(await found()).toEqual([{ kind: 'no_due_time', id, count: 1 }]);
    expect(await afterRepair()).toEqual([]);
  });

  test('that ended without a retention gets a due time once there is one', async () => {
    const { id } = completed();
    const DAY = 86_400_000;
    const withRetention = { ...world.deps, retentionDays: 30 };
    const lookAgain = () => audit({ ...withRetention, scan: makeMemoryScan(world) });
    const { findings } = await lookAgain();
    expect(findings.filter(({ kind }) => kind === 'no_due_time')).toHaveLength(4);
    await repairAll(findings);
    for (const run of world.runs.runs.keys()) await moveRun({ pk: `RUN#${run}`, sk: 'RUN' }, withRetention);
    const run = await world.runs.get(id);
    expect(run?.dueAt).toBe(Date.parse(run?.createdAt ?? '') + 30 * DAY);
    expect((await lookAgain()).findings).toEqual([]);
  });

  test('that is completed without all of its vectors is embedded again', async () => {
    const { id } = completed();
    await world.vectors.delete(NAMESPACE, [`${id}#0#1`]);
    expect(await found()).toEqual([{ kind: 'missing_vectors', id, count: 1 }]);
    expect(await afterRepair()).toEqual([]);
    expect(world.vectorIds()[NAMESPACE]).toContain(`${id}#0#1`);
  });

  test('that the index refused is no finding, unless refused runs are asked for: then it is embedded again', async () => {
    const { id } = completed();
    await world.vectors.delete(NAMESPACE, [`${id}#0#0`, `${id}#0#1`]);
    const error = { code: 'index_refused', message: 'refused' };
    await world.runs.change(id, { status: 'failed', error, embedAttempts: 4, dueTries: 4 }, {});
    expect(await found()).toEqual([]);
    const { findings } = await look({ includesRefused: true });
    expect(findings).toMatchObject([{ kind: 'missing_vectors', id, count: 2 }]);
    await repairAll(findings);
    await machine.untilQuiet();
    expect(await world.runs.get(id)).toMatchObject({ status: 'completed', error: null, embedAttempts: 1 });
    expect(await found()).toEqual([]);
  });

  test('that was deleted since the scan is not embedded again', async () => {
    const { id } = completed();
    await world.vectors.delete(NAMESPACE, [`${id}#0#1`]);
    const { findings } = await look();
    await deleteRun(id, 'files', world.deps);
    expect((await repairAll(findings)).left).toMatchObject([{ kind: 'missing_vectors', id }]);
    expect(await world.runs.get(id)).toMatchObject({ status: 'deleted' });
  });

  test('whose output or saved request is gone is reported, and cannot be repaired', async () => {
    const run = [...world.runs.runs.values()].find(({ request }) => request === null);
    if (!run) throw new Error('no run has its request in an object');
    await world.content.delete([pointedKey(run), `requests/${run.id}.json`]);
    const { findings } = await look();
    const { id } = run;
    expect(findings).toMatchObject([
      { kind: 'missing_object', id, detail: 'its request' },
      { kind: 'missing_object', id, detail: 'output 0' },
    ]);
    expect((await repairAll(findings)).left).toEqual(findings);
  });

  test('whose template is gone is reported, and cannot be repaired', async () => {
    const defaults = { prompt: `${'z'.repeat(1_100)} {{name}}` };
    const lines = `${JSON.stringify({ defaults })}\n{"variables":{"name":"five"}}`;
    await machine.objects.send(world.drop('prompts/shared.jsonl', lines));
    await machine.untilQuiet();
    expect(await found()).toEqual([]);
    const run = [...world.runs.runs.values()].find(({ template }) => template !== null);
    await world.content.delete([run?.template ?? '']);
    const { findings } = await look();
    expect(findings).toMatchObject([
      { kind: 'missing_object', id: run?.id, detail: 'the template of its request' },
    ]);
    expect((await repairAll(findings)).left).toEqual(findings);
  });

  test.each([
    ['another text', (json: string) => json.replace('xxx', 'xyx')],
    ['something that is no output', () => 'not JSON'],
  ])('whose output object holds %s is reported as a mismatch', async (_, spoil) => {
    const run = completed();
    await world.content.put(pointedKey(run), spoil(await world.content.get(pointedKey(run))), 'text/plain');
    expect(await found()).toEqual([{ kind: 'sha256_mismatch', id: run.id, count: 1 }]);
  });

  test('that changes between the scan and the second look is not reported', async () => {
    const stale = makeRun({ id: UNKNOWN, dueAt: null });
    await world.runs.create({ ...stale, dueAt: world.clock.now() + 1 });
    const scan = {
      pages: async function* () {
        yield* makeMemoryScan(world).pages();
        yield { runs: [stale], files: [], blocks: [] };
      },
    };
    const deps = { ...world.deps, scan };
    expect((await audit(deps)).findings).toEqual([]);
  });
});

describe('the audit of stray objects and vectors', () => {
  test('deletes outputs that no ended run points at, and keeps the one pointed at', async () => {
    const run = completed();
    await world.content.put(outputKey(run.id, 0, 'lostlease'), '{}', 'application/json');
    await world.content.put(outputKey(run.id, 5, run.generations[0]?.lease ?? ''), '{}', 'application/json');
    await world.content.put(outputKey(UNKNOWN, 0, 'nobody'), '{}', 'application/json');
    expect(await found()).toEqual([
      { kind: 'orphaned_objects', id: run.id, count: 2 },
      { kind: 'orphaned_objects', id: UNKNOWN, count: 1 },
    ]);
    expect(await afterRepair()).toEqual([]);
    expect(world.content.objects.has(pointedKey(run))).toBe(true);
  });

  test('leaves alone the outputs of a run that is still being generated', async () => {
    await world.runs.create(makeRun({ id: UNKNOWN, status: 'generating', attempts: 1 }));
    await world.content.put(outputKey(UNKNOWN, 0, 'somelease'), '{}', 'application/json');
    expect(await found()).toEqual([]);
  });

  test('deletes vectors of unknown or failed runs and of another namespace, and chunks beyond the last', async () => {
    const { id } = completed();
    const failed = [...world.runs.runs.values()].find(({ status }) => status === 'failed')?.id ?? '';
    const before = world.vectorIds()[NAMESPACE];
    for (const stray of [`${id}#0#2`, `${id}#9#0`, `${UNKNOWN}#0#0`, `${failed}#0#0`]) await putVector(stray);
    await putVector(`${id}#0#0`, 'bag-of-words:somebody');
    const findings = await found();
    expect(findings).toHaveLength(4);
    expect(findingCounts((await look()).findings)).toMatchObject({ 'orphaned vectors': 5, lost: 0 });
    expect(await afterRepair()).toEqual([]);
    expect(world.vectorIds()).toEqual({ [NAMESPACE]: before, 'bag-of-words:somebody': [] });
  });

  test('leaves alone vectors of another embedding model, and ids of another form', async () => {
    await putVector(`${UNKNOWN}#0#0`, 'another-model:files');
    await putVector('a-note');
    expect(await found()).toEqual([]);
  });

  test('finds and removes objects and vectors written after a deletion was over', async () => {
    const run = completed();
    await deleteRun(run.id, 'files', world.deps);
    await machine.untilQuiet();
    await putVector(`${run.id}#0#0`);
    await world.content.put(pointedKey(run), '{}', 'application/json');
    await world.content.put(`requests/${run.id}.json`, '{}', 'application/json');
    expect(await found()).toEqual([
      { kind: 'orphaned_objects', id: run.id, count: 2 },
      { kind: 'orphaned_vectors', id: run.id, count: 1 },
    ]);
    expect(await afterRepair()).toEqual([]);
  });
});

describe('two deployments with one index and one namespace', () => {
  const STAGES = ['dev', 'prod'] as const;
  const startBoth = async () => {
    const sharedVectors = makeMemoryVectorIndex({ dimension: 64 });
    const worlds = {
      dev: makeWorld({ sharedVectors, deployment: 'dev' }),
      prod: makeWorld({ sharedVectors }),
    };
    for (const stage of STAGES) {
      const running = makeMachine(worlds[stage], makeFaults(new Map()));
      // The second file is the same in both, so its runs and vectors have the same ids.
      for (const file of [`prompts/${stage}.txt`, 'prompts/same.txt'])
        await running.objects.send(worlds[stage].drop(file, `Explain ${file}.`));
      await running.untilQuiet();
    }
    return worlds;
  };
  const auditOf = ({ deps }: World) => audit({ ...deps, scan: makeMemoryScan(deps) });
  const contentOf = (of: World) => structuredClone(of.vectors.namespaces);

  test('have no findings about the vectors of the other, and a repair deletes none of them', async () => {
    const worlds = await startBoth();
    expect(worlds.dev.vectorIds()[NAMESPACE]).toHaveLength(4);
    const before = contentOf(worlds.dev);
    for (const stage of STAGES) {
      const { findings } = await auditOf(worlds[stage]);
      expect(findings).toEqual([]);
      await repairAll(findings);
    }
    expect(contentOf(worlds.dev)).toEqual(before);
  });

  test('delete and repair only their own: runs, strays and vectors of runs that are gone', async () => {
    const { dev, prod } = await startBoth();
    const ofProd = await prod.vectors.fetch(
      NAMESPACE,
      [...prod.runs.runs.keys()].map((id) => `${id}#0#0`),
    );
    expect(ofProd).toHaveLength(2);
    for (const id of dev.runs.runs.keys()) await deleteRun(id, 'files', dev.deps);
    await dev.vectors.upsert(NAMESPACE, [
      { id: `${UNKNOWN}#0#0`, values: new Float32Array(64).fill(1), metadata: {} },
    ]);
    dev.runs.runs.clear();
    expect((await auditOf(prod)).findings).toEqual([]);
    const { findings } = await auditOf(dev);
    expect(findings.filter(({ kind }) => kind === 'orphaned_vectors')).toMatchObject([{ id: UNKNOWN }]);
    await repairAll(findings);
    expect(dev.vectorIds()[NAMESPACE]).toHaveLength(2);
    expect(
      await prod.vectors.fetch(
        NAMESPACE,
        ofProd.map(({ id }) => id),
      ),
    ).toEqual(ofProd);
  });
});

test('vectors without a deployment are counted and never deleted, and those of earlier namespaces are told', async () => {
  const stray = { values: new Float32Array(64).fill(1), metadata: {} };
  await world.sharedVectors.upsert(NAMESPACE, [{ id: `${UNKNOWN}#0#0`, ...stray }]);
  const result = await look();
  expect(result).toMatchObject({ findings: [], unclaimed: 1, earlier: 0 });
  expect(reportLines(result).at(-1)).toMatch(/^1 vectors have neither a run here nor a deployment's id/);
  const upgraded = { ...world.deps, namespace: (caller: string) => `dev:${world.namespace(caller)}` };
  const moved = await audit({ ...upgraded, scan: makeMemoryScan(world) });
  expect(moved).toMatchObject({ unclaimed: 0, earlier: 8 });
  expect(reportLines(moved).join('\n')).toMatch(/^8 vectors are in .*: npx everytoken vectors move moves/m);
});

describe('a file', () => {
  const results = () => `results/${theFile().key}.${theFile().id}.jsonl`;

  test('that is unfinished and without a due time gets one', async () => {
    const { id } = theFile();
    await world.files.change(id, { status: 'generating', dueAt: null }, {});
    expect(await found()).toEqual([{ kind: 'no_due_time', id, count: 1 }]);
    expect(await afterRepair()).toEqual([]);
  });

  test('with a block that nothing moves on gets it moved on', async () => {
    const file = theFile();
    await world.files.change(file.id, { status: 'generating', dueAt: world.clock.now() }, {});
    Object.assign(world.files.files.get(file.id) ?? {}, { fullBlocks: [] });
    expect(await found()).toEqual([{ kind: 'no_due_time', id: file.id, count: 1 }]);
    expect(await afterRepair()).toEqual([]);
  });

  test('that ended with unfinished lines, or without a block, is inconsistent', async () => {
    const file = theFile();
    for (const block of world.files.blocks.values()) block.done = block.done.slice(1);
    expect(await found()).toEqual([{ kind: 'inconsistent_block', id: file.id, count: 1 }]);
    world.files.blocks.clear();
    expect(await found()).toEqual([{ kind: 'inconsistent_block', id: file.id, count: 1 }]);
  });

  test('without a row or its object is reported as missing results, without its summary as missing that', async () => {
    const { id, key } = theFile();
    const rows = (await world.content.get(results())).split('\n');
    await world.content.put(results(), rows.slice(1).join('\n'), 'application/x-ndjson');
    expect(await found()).toEqual([{ kind: 'missing_result', id, count: 1 }]);
    await world.content.delete([results(), `results/${key}.${id}.summary.json`]);
    expect(await found()).toEqual([
      { kind: 'missing_result', id, count: 1 },
      { kind: 'missing_result', id, count: 4 },
    ]);
  });

  test('is read row by row, since its results may be longer than any string', async () => {
    const { get } = world.content;
    const ranges: number[] = [];
    world.deps.content.get = async (key, range) => {
      if (key === results()) throw new RangeError('Cannot create a string longer than 0x1fffffe8 characters');
      return get(key, range);
    };
    const { readSource } = world.deps;
    world.deps.readSource = async (key, etag, range) => {
      if (key === results()) ranges.push(range.end - range.start);
      return readSource(key, etag, range);
    };
    expect(await found()).toEqual([]);
    expect(ranges).toEqual([world.content.objects.get(results())?.length]);
  });

  test('with two rows for a line is reported as having a duplicate', async () => {
    const text = await world.content.get(results());
    await world.content.put(results(), `${text}${text.split('\n')[0]}\n`, 'application/x-ndjson');
    expect(await found()).toEqual([{ kind: 'duplicated_result', id: theFile().id, count: 1 }]);
  });
});

test('the report has every count and each finding by its id, and never a text', async () => {
  const run = completed();
  await world.vectors.delete(NAMESPACE, [`${run.id}#0#0`]);
  const lines = reportLines(await look());
  expect(lines).toContain(`accepted${' '.repeat(17)}4`);
  expect(lines).toContain(`lost${' '.repeat(21)}0`);
  expect(lines.at(-1)).toBe(`missing_vectors ${run.id}: 1 of 2`);
  expect(lines.join('\n')).not.toContain('xxx');
});

describe('today’s spending of a budget', () => {
  const account = { caller: 'files', day: '2026-11-22' };
  const used = () =>
    [...world.runs.runs.values()]
      .flatMap(({ generations }) => generations)
      .reduce(
        (sum, { promptTokens, completionTokens }) => sum + (promptTokens ?? 0) + (completionTokens ?? 0),
        0,
      );
  beforeEach(() => world.budgets.set('files', { tokens: 1_000_000, costUsd: null }));

  test('that a crash left too high is found, and corrected to the usage of the runs', async () => {
    await world.spend.reserve(account, { tokens: 9_999, nanoUsd: 0 }, { tokens: null, nanoUsd: null });
    expect(await found()).toEqual([{ kind: 'miscounted_budget', id: 'files', count: 1 }]);
    expect(await afterRepair()).toEqual([]);
    expect(await world.spend.get(account)).toMatchObject({ tokens: used() });
  });

  test('keeps what searches used, which leave no run behind', async () => {
    const unlimited = { tokens: null, nanoUsd: null };
    await world.spend.reserve(account, { tokens: 9_999, nanoUsd: 0 }, unlimited);
    await world.spend.reserve(account, { tokens: 70, nanoUsd: 7 }, unlimited, 'requests');
    expect(await found()).toEqual([{ kind: 'miscounted_budget', id: 'files', count: 1 }]);
    expect(await afterRepair()).toEqual([]);
    const requests = { tokens: 70, nanoUsd: 7 };
    expect(await world.spend.get(account)).toMatchObject({ tokens: used() + 70, requests });
  });

  test('is left alone while one of its runs has a reservation, and for a caller without a budget', async () => {
    const reserved = { day: account.day, tokens: 5, nanoUsd: 5 };
    await world.runs.create(makeRun({ id: UNKNOWN, caller: 'files', reserved, chargedOn: account.day }));
    expect(await found()).toEqual([]);
    await world.runs.change(UNKNOWN, { reserved: null }, {});
    await world.budgets.set('files', undefined);
    expect(await found()).toEqual([]);
  });

  test('keeps what a run used that was deleted, whether it had ended or was under way', async () => {
    const sums = { tokens: used(), nanoUsd: 0 };
    await world.spend.replace(account, sums, undefined);
    await afterRepair();
    const before = await world.spend.get(account);
    await deleteRun(completed().id, 'files', world.deps);
    const underWay = makeRun({
      id: UNKNOWN,
      caller: 'files',
      status: 'generating',
      reserved: { day: account.day, tokens: 1_000, nanoUsd: 1_000_000 },
      chargedOn: account.day,
    });
    await world.runs.create(underWay);
    await deleteRun(underWay.id, 'files', world.deps);
    // Its worker notices, and settles what it had used.
    await world.spend.adjust(account, { tokens: 400, nanoUsd: 400_000 });
    expect(await found()).toEqual([]);
    const after = await world.spend.get(account);
    expect(after?.tokens).toBe((before?.tokens ?? 0) + 400);
  });

  test('is not corrected when it changed since the scan', async () => {
    const { findings } = await look();
    await world.spend.adjust(account, { tokens: 1, nanoUsd: 0 });
    expect((await repairAll(findings)).left).toHaveLength(1);
    expect(await world.spend.get(account)).toEqual({ tokens: 1, nanoUsd: 0 });
  });
});
