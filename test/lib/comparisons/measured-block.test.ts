import { expect, test } from 'vitest';
import { measuredBlock } from '../../../lib/comparisons/measured-block.ts';
import type { Plan, PlannedBlock } from '../../../lib/comparisons/plan.ts';
import { makeFigures, makeRun } from '../../factories/run.ts';

const block = { prompt: 0, order: [1, 0] } as unknown as PlannedBlock;
const plan = { settings: [{}, {}] } as unknown as Pick<Plan, 'settings'>;

test('a block has the error code of each failed generation, in the order of the settings', () => {
  const failed = makeFigures({ status: 'failed', errorCode: 'model_not_found' });
  const run = makeRun({ status: 'completed', generations: [failed, makeFigures({})] });
  expect(measuredBlock(block, run, plan, true).errorCodes).toEqual([null, 'model_not_found']);
});

test('generations that never began have the code of their run, or not_generated', () => {
  const run = makeRun({ status: 'failed', generations: [], error: { code: 'over_budget', message: 'no' } });
  expect(measuredBlock(block, run, plan, true).errorCodes).toEqual(['over_budget', 'over_budget']);
  expect(measuredBlock(block, undefined, plan, true).errorCodes).toEqual(['not_generated', 'not_generated']);
  expect(measuredBlock(block, undefined, plan, false).errorCodes).toEqual([null, null]);
});
