import { expect, test } from 'vitest';
import { viewComparison } from '../../../lib/comparisons/make-view.ts';
import type { Plan } from '../../../lib/comparisons/plan.ts';
import { makeBlocks } from '../../factories/measured-block.ts';

const notesOf = (rows: Parameters<typeof makeBlocks>[0]) => {
  const plan = {
    ...{ id: 'cmp_1', created_at: '2026-11-29T00:00:00.000Z', prompts: rows.length, samples: 1, index: true },
    ...{ objectives: null, metadata: {}, has_checks: false, warm_ups: [{}] },
    settings: ['A', 'B'].map((label) => ({ label, model: 'm', requested: {} })),
  } as unknown as Plan;
  const outputs = { sampling: [null, null], diversities: [], vectors: [], texts: [], isFinal: true };
  return viewComparison({
    file: { id: 'cmp_1', status: 'completed', stopped: null, error: null },
    ...{ plan, blocks: makeBlocks(rows), warmUps: [], outputs: outputs as never },
  });
};
const rowsOf = (n: number, a: object | 'failed', b: object | 'failed') =>
  Array.from({ length: n }, () => [a, b] as Parameters<typeof makeBlocks>[0][number]);

test('the notes name a setting without an answer, and why', () => {
  const { notes } = notesOf(rowsOf(12, {}, 'failed'));
  expect(notes).toContain('B has no answer: model_not_found (12).');
  expect(notes).toContain('12 failed generations are left out, with their pairs.');
});

test('the notes say that nothing is told below six blocks, and nothing of a test', () => {
  const below = notesOf(rowsOf(5, {}, {})).notes.join(' ');
  expect(below).toContain('Nothing is told below six blocks');
  expect(below).not.toContain('One test decides');
  expect(notesOf(rowsOf(6, {}, {})).notes.join(' ')).toContain('One test decides');
});

test('the notes count uncertain times by figure', () => {
  const uncertain = { uncertain: ['ttft_ms', 'e2e_ms'] };
  const notes = notesOf([...rowsOf(6, {}, uncertain), ...rowsOf(1, { uncertain: ['e2e_ms'] }, {})]).notes;
  expect(notes).toContainEqual(
    expect.stringContaining(': ttft_ms of 6 generations and e2e_ms of 7 generations.'),
  );
});

test('the notes have the number of their nouns', () => {
  const { notes } = notesOf(rowsOf(1, { coldStart: true }, 'failed'));
  expect(notes[0]).toMatch(/^1 block in random order/);
  expect(notes).toContain('1 failed generation is left out, with its pairs.');
  expect(notes).toContainEqual(expect.stringMatching(/^1 generation came from a cold start; its times/));
});
