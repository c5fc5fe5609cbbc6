import { beforeEach, describe, expect, test } from 'vitest';
import { generateJob } from '../../../../lib/files/work/generate-job.ts';
import { problemSchema } from '../../../../lib/http/problem-schema.ts';
import { runSchema } from '../../../../lib/http/runs/schemas.ts';
import { makeStartRun } from '../../../../lib/lifecycle/start.ts';
import { makeGenerateOne } from '../../../factories/generation.ts';
import { eventsOf } from '../../../fixtures/http.ts';
import { readRun } from '../../../fixtures/run-view.ts';
import { makeWorld, type World } from '../../../memory/world.ts';
import { makeWorldApi } from '../../../memory/world-api.ts';

const TEXTS = ['HNSW is a graph.', 'IVF is a list.', null, '{"index": "HNSW"}'];
let world: World;
let generateOne: ReturnType<typeof makeGenerateOne>;
beforeEach(() => {
  generateOne = makeGenerateOne(({ index }) => TEXTS[index] ?? null);
  world = makeWorld({ generateOne });
});

const post = (body: Record<string, unknown>, headers: Record<string, string> = {}) =>
  makeWorldApi(world, {}, 'docs').generate.request('/runs', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ prompt: 'Compare indexes.', ...body }),
  });
const checks = [
  { type: 'contains', value: 'HNSW' },
  { type: 'regex', pattern: '\\.$' },
];
const twoLabels = { settings: [{ label: 'a' }, { label: 'b' }], samples: 2, checks };

describe('POST /runs with checks', () => {
  test('reports for each output whether it passed, and for each label how many did, failed outputs apart', async () => {
    const response = await post(twoLabels);
    expect(response.status).toBe(201);
    const run = runSchema.parse(await response.json());
    expect(run.generations.map((generation) => generation.checks)).toEqual([
      [
        { type: 'contains', passed: true, message: null },
        { type: 'regex', passed: true, message: null },
      ],
      [
        { type: 'contains', passed: false, message: 'does not contain the value' },
        { type: 'regex', passed: true, message: null },
      ],
      [],
      [
        { type: 'contains', passed: true, message: null },
        { type: 'regex', passed: false, message: 'the pattern matches nowhere' },
      ],
    ]);
    expect(run.checks).toEqual({
      by_label: {
        a: { n: 2, passed: 1, rate: 0.5, interval: [expect.closeTo(0.0945, 4), expect.closeTo(0.9055, 4)] },
        b: { n: 1, passed: 0, rate: 0, interval: [0, expect.closeTo(0.7935, 4)] },
      },
    });
    expect(await readRun(run.id, 'docs', world.deps)).toEqual(run);
    const stored = await world.runs.get(run.id);
    expect(stored?.generations.map(({ passed }) => passed)).toEqual([true, false, null, false]);
  });

  test('sends results in the stream, after every token', async () => {
    const response = await post({ checks, stream: true });
    const { events } = eventsOf(await response.text());
    const names = events.map(({ event }) => event);
    expect(names.lastIndexOf('generation.token')).toBeLessThan(names.indexOf('generation.completed'));
    const completed = events.find(({ event }) => event === 'generation.completed');
    expect(completed?.data).toMatchObject({ checks: [{ passed: true }, { passed: true }] });
  });

  test('has no checks when none were asked for, and no rates before there are outputs', async () => {
    expect(await (await post({})).json()).toMatchObject({ checks: null, generations: [{ checks: [] }] });
    expect(await (await post({ checks: null })).json()).toMatchObject({ checks: null });
    const begun = await post({ checks, background: true });
    expect(begun.status).toBe(202);
    expect(await begun.json()).toMatchObject({
      checks: { by_label: { default: { n: 0, passed: 0, rate: null, interval: null } } },
    });
  });

  test('refuses bad checks by their paths, before any write or request', async () => {
    const response = await post({
      checks: [
        { type: 'contains', value: 'fine' },
        { type: 'regex', pattern: '(?<!a)b' },
        { type: 'json_schema', schema: { $ref: 'https://example.com/schema.json' } },
      ],
    });
    expect(response.status).toBe(400);
    const problem = problemSchema.parse(await response.json());
    expect(problem.errors?.map(({ path }) => path)).toEqual(['checks.1.pattern', 'checks.2.schema.$ref']);
    expect(problem.errors?.[0]?.message).toMatch(/^is not a pattern in RE2 syntax: /);
    expect(generateOne.calls).toEqual([]);
    expect((await world.listRuns({ caller: 'docs', limit: 10 })).runs).toEqual([]);
  });

  test('keeps the results of outputs that an earlier worker saved', async () => {
    const out = new AbortController();
    const stopping = makeGenerateOne(async ({ index }) => {
      if (index === 1) {
        await expect.poll(() => world.content.list('outputs/')).toHaveLength(1);
        out.abort(new Error('out of time'));
      }
      return TEXTS[index] ?? null;
    });
    const first = makeStartRun({ ...world.deps, generateOne: stopping });
    const started = await first({ prompt: 'x', samples: 2, checks }, { caller: 'docs', signal: out.signal });
    if (started.kind === 'started') await started.done;
    await generateJob({ type: 'run', run_id: started.run.id }, world.deps);
    expect(generateOne.calls.map(({ index }) => index)).toEqual([1]);
    const run = await readRun(started.run.id, 'docs', world.deps);
    expect(run.generations.map((generation) => generation.checks.map(({ passed }) => passed))).toEqual([
      [true, true],
      [false, true],
    ]);
  });
});
