import { expect, test } from 'vitest';
import { checkTexts } from '../../../../tools/soak/fuzz/check-texts.ts';
import { type ModelAnswer, POISON } from '../../../../tools/soak/fuzz/draw-model-answer.ts';
import type { RunItem } from '../../../../tools/soak/read-state.ts';

const answer: ModelAnswer = {
  ...{ kind: 'other shape', status: 200, headers: {}, body: Buffer.alloc(0), id: 'chatcmpl-1' },
  ...{ end: 'completed', text: 'whole' },
};
const run: RunItem = {
  ...{
    id: 'run_1',
    caller: 'local',
    created_at: '2026-11-22T13:00:00.000Z',
    status: 'completed',
    index: true,
    attempts: 1,
  },
  generations: [{ s: 'c', l: 'a1', k: 1 }],
};

const check = (text: string, changes: Partial<ModelAnswer> = {}, runChanges: Partial<RunItem> = {}) => {
  const given = { ...answer, ...changes };
  const output = {
    ...{ run_id: 'run_1', generation: { status: 'completed', text } },
    trace: { marks: { completion_id: given.id } },
  };
  return checkTexts(
    {
      runs: new Map([['run_1', { ...run, ...runChanges }]]),
      keys: ['outputs/run_1/0.a1.json', 'requests/run_1.json'],
      text: async () => JSON.stringify(output),
    },
    new Map([[given.id, given]]),
  );
};

test('an output with the whole text of its answer passes the check', async () => {
  expect(await check('whole')).toEqual({ known: 1, broken: [] });
});

test.each<[string, Parameters<typeof check>, string]>([
  ['a text that is less than was sent', ['who'], '"who" instead of "whole"'],
  ['an error that was taken for an answer', ['x', { end: 'failed', text: undefined }], 'taken for an answer'],
  ['a completed run whose text cannot be embedded', [POISON, { text: POISON }], 'is completed'],
  [
    'a run that was refused and goes on',
    ['whole', {}, { status: 'generated', error: { code: 'index_refused' } }],
    'run_1 is generated',
  ],
])('the check finds %s', async (_, given, found) => {
  expect((await check(...given)).broken.join()).toContain(found);
});
