import { beforeEach, describe, expect, test } from 'vitest';
import { makeStartRun } from '../../../lib/lifecycle/start.ts';
import { findRun, readTrace } from '../../../lib/runs/read-run.ts';
import { makeGenerateOne, withSampling } from '../../factories/generation.ts';
import { readRun } from '../../fixtures/run-view.ts';
import { makeWorld, type World } from '../../memory/world.ts';

let world: World;
beforeEach(() => {
  world = makeWorld();
});

const start = async (body: Record<string, unknown>) => {
  const started = await makeStartRun(world.deps)(body, { caller: 'docs' });
  return started.kind === 'started' ? started.done : started.run;
};

test.each([
  ['short', 'Explain neural nets.'],
  ['long', 'x'.repeat(2_000)],
])('a run with a %s prompt is read as it was answered', async (_, prompt) => {
  const answered = await start({ prompt, samples: 2 });
  expect(await readRun(answered.id, 'docs', world)).toEqual(answered);
  expect(answered).toMatchObject({ prompt, messages: null, status: 'generated' });
  expect(answered.generations.map(({ text }) => text)).toEqual([
    `Answer 0 to: ${prompt}`,
    `Answer 1 to: ${prompt}`,
  ]);
});

test('long sampling is stored once for a run, and read with each of its outputs as it was answered', async () => {
  world = makeWorld({ generateOne: withSampling(makeGenerateOne(), 'https://api.openai.com/v1') });
  const extra_body = {
    logit_bias: Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`z${1_000 - at}`, at])),
  };
  const body = {
    prompt: 'x',
    samples: 32,
    stop: 's'.repeat(30_000),
    settings: [
      { label: 'a', extra_body },
      { label: 'b', top_k: 2 },
    ],
  };
  const answered = await start(body);
  const stored = [...world.content.objects.values()].reduce((bytes, { length }) => bytes + length, 0);
  expect(stored).toBeLessThan(300_000);
  expect(await readRun(answered.id, 'docs', world)).toEqual(answered);
  expect(answered.generations[0]?.sampling.requested).toMatchObject({
    stop: [body.stop],
    logit_bias: { z7: 993 },
  });
  expect(answered.generations[63]?.sampling).toMatchObject({
    requested: { stop: [body.stop], top_k: 2 },
    effective: { stop: [body.stop], top_k: null },
  });
});

test('a queued run has no generations yet', async () => {
  const { id } = await start({ prompt: 'later', background: true });
  expect(await readRun(id, 'docs', world)).toMatchObject({
    status: 'queued',
    generations: [],
    diversity: null,
  });
});

test('a run keeps the model that was the default when it was accepted', async () => {
  const { id } = await start({ prompt: 'x' });
  expect((await readRun(id, 'docs', world)).model).toBe('gpt-6-luna');
});

test("another caller's run and an unknown one are both not found; a deleted one is gone", async () => {
  const { id } = await start({ prompt: 'x' });
  await expect(findRun(id, 'other', world)).rejects.toMatchObject({
    name: 'NotFoundError',
    code: 'not_found',
  });
  await expect(findRun('run_00000000000000000000000001', 'docs', world)).rejects.toMatchObject({
    code: 'not_found',
  });
  await world.runs.change(id, { status: 'deleted' }, {});
  await expect(readRun(id, 'docs', world)).rejects.toMatchObject({ code: 'gone' });
  await expect(readTrace(id, 0, 'docs', world)).rejects.toMatchObject({ code: 'gone' });
});

describe('a trace', () => {
  test('has the token timeline of one generation', async () => {
    const { id, generations } = await start({ prompt: 'x', samples: 2 });
    const { chunks } = await readTrace(id, 1, 'docs', world);
    expect(chunks.map(({ text }) => text).join('')).toBe(generations[1]?.text);
  });

  test('of a missing index is not found', async () => {
    const { id } = await start({ prompt: 'x' });
    await expect(readTrace(id, 1, 'docs', world)).rejects.toMatchObject({ code: 'not_found' });
  });
});
