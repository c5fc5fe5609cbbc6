import { expect, test } from 'vitest';
import { continueFile } from '../../../../lib/files/move-file.ts';
import { fileIdOf, intakeObject } from '../../../../lib/files/read/intake.ts';
import { generateJob } from '../../../../lib/files/work/generate-job.ts';
import { makeGenerateOne, withSampling } from '../../../factories/generation.ts';
import { makeWorld } from '../../../memory/world.ts';

const KEY = 'prompts/checked.json';

/** Drops a file of these lines and processes it. Resolves to its result rows and its summary. */
const resultsOf = async (lines: unknown[]) => {
  const world = makeWorld({
    generateOne: withSampling(
      makeGenerateOne(({ messages }) =>
        messages[0]?.content === 'fail' ? null : `About ${messages[0]?.content}`,
      ),
      'https://api.openai.com/v1',
    ),
  });
  const object = world.drop(KEY, JSON.stringify(lines));
  await intakeObject(object, world.deps);
  for (let job = world.jobs.receive(); job; job = world.jobs.receive()) {
    await generateJob(job.body, world.deps);
    job.delete();
  }
  for (let file = world.fileQueue.receive(); file; file = world.fileQueue.receive()) {
    await continueFile(file.body.file_id, world.deps);
    file.delete();
  }
  const read = (suffix: string) => world.content.get(`results/${KEY}.${fileIdOf(object)}${suffix}`);
  const rows = (await read('.jsonl')).trimEnd().split('\n');
  return { rows: rows.map((row) => JSON.parse(row)), summary: JSON.parse(await read('.summary.json')) };
};

test('the checks of a line stand in its result, and the rates of the file in its summary', async () => {
  const checks = [{ type: 'contains', value: 'graphs' }];
  const { rows, summary } = await resultsOf([
    { prompt: 'graphs', checks, samples: 2 },
    { prompt: 'lists', checks },
    { prompt: 'fail', checks },
    { prompt: 'unchecked' },
  ]);
  expect(rows.map(({ run }) => run.checks?.by_label.default)).toEqual([
    { n: 2, passed: 2, rate: 1, interval: [expect.any(Number), 1] },
    { n: 1, passed: 0, rate: 0, interval: [0, expect.any(Number)] },
    { n: 0, passed: 0, rate: null, interval: null },
    undefined,
  ]);
  expect(rows[1].run.generations[0].checks).toEqual([
    { type: 'contains', passed: false, message: 'does not contain the value' },
  ]);
  expect(summary.checks).toEqual({ n: 3, passed: 2 });
});

test('a line whose patterns unfold beyond all memory is refused by name, and the others are generated', async () => {
  const poison = Array.from({ length: 20 }, () => ({ type: 'regex', pattern: 'a{0,1000}'.repeat(111) }));
  const { rows } = await resultsOf([
    { prompt: 'a', metadata: { constructor: 'Ferrari' } },
    { prompt: 'b', checks: poison },
    { prompt: 'c' },
  ]);
  expect(rows.map(({ status }) => status)).toEqual(['completed', 'failed', 'completed']);
  expect(rows[1].error.errors).toHaveLength(20);
  expect(rows[1].error.errors[0]).toEqual({
    path: 'checks.0.pattern',
    message: expect.stringMatching(/^is too large: its repeats and classes unfold to 222002 steps/),
  });
});

test('a line with a bad check fails alone, named by its path', async () => {
  const { rows, summary } = await resultsOf([
    { prompt: 'a', checks: [{ type: 'regex', pattern: '(' }] },
    { prompt: 'b' },
  ]);
  expect(rows.map(({ status }) => status)).toEqual(['failed', 'completed']);
  expect(rows[0].error).toMatchObject({ code: 'invalid_input', errors: [{ path: 'checks.0.pattern' }] });
  expect(summary).not.toHaveProperty('checks');
});

test('a line whose stop, response_format and extra_body are too large fails alone, by name', async () => {
  const { rows } = await resultsOf([{ prompt: 'a', extra_body: { x: 'x'.repeat(70_000) } }, { prompt: 'b' }]);
  expect(rows.map(({ status }) => status)).toEqual(['failed', 'completed']);
  expect(rows[0].error).toMatchObject({ code: 'fields_too_large', errors: [{ path: 'extra_body' }] });
});

test('a result leaves out sampling above 16 KB, which every line would repeat, and names where it is', async () => {
  const [short, long] = ['s'.repeat(1_000), 's'.repeat(30_000)];
  const { rows } = await resultsOf([
    { prompt: 'a', stop: short },
    { prompt: 'b', stop: long, samples: 2 },
  ]);
  expect(rows[0].run.generations[0].sampling.requested).toMatchObject({ stop: [short] });
  expect(rows[0].run.generations[0]).not.toHaveProperty('left_out');
  expect(rows[1].run.generations[1]).toMatchObject({
    text: 'About b',
    sampling: { requested: {}, sent: {}, effective: {}, warnings: [] },
    left_out: { fields: ['sampling'], read_at: `/runs/${rows[1].run_id}/generations/1` },
  });
});
