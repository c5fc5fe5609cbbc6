import { expect, test } from 'vitest';
import { figuresOf } from '../../../lib/openai/run-figures.ts';
import { generationView, runView } from '../../fixtures/run-view.ts';

test('the figures of a run of one generation are its timing and its cost', () => {
  const run = runView({ cost_usd: 0.002 });
  expect(figuresOf(run)).toEqual({
    run_id: 'run_0',
    timing: run.generations[0]?.timing,
    cost_usd: 0.002,
  });
});

test('the figures of several generations have those of each', () => {
  const generations = [generationView({ cost_usd: 0.001 }), generationView({ index: 1, timing: null })];
  expect(figuresOf(runView({ generations, cost_usd: null }))).toEqual({
    run_id: 'run_0',
    timing: generations[0]?.timing,
    cost_usd: null,
    generations: [
      { index: 0, timing: generations[0]?.timing, cost_usd: 0.001 },
      { index: 1, timing: null, cost_usd: null },
    ],
  });
});
