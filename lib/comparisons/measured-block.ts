import { type GenerationFigures, hasEnded, isAnswered, type Run } from '../runs/run.ts';
import type { Plan, PlannedBlock } from './plan.ts';

/**
 * The current state of a block. `cells` has the figures of each setting's generation, undefined unless completed.
 * `errorCodes` has the code of each failed one, null for the others; `not_generated` where it never began.
 */
export type MeasuredBlock = {
  prompt: number;
  run: Run | undefined;
  isAnswered: boolean;
  hasEnded: boolean;
  cells: (GenerationFigures | undefined)[];
  failed: boolean[];
  errorCodes: (string | null)[];
};

/**
 * Puts a block's figures in the order of the settings. `isOver` means that its file has ended: a missing run will never
 * exist, so its generations count as failed, as do those that an ended run lacks. Those of a deleted run do not count.
 */
export const measuredBlock = (
  { prompt, order }: PlannedBlock,
  run: Run | undefined,
  { settings }: Pick<Plan, 'settings'>,
  isOver: boolean,
): MeasuredBlock => {
  const figures = settings.map((_, setting) => run?.generations[order.indexOf(setting)]);
  const answered = run ? isAnswered(run) : isOver;
  const isDeleted = run?.status === 'deleted';
  const failed = figures.map((own) => answered && !isDeleted && own?.status !== 'completed');
  return {
    prompt,
    run,
    isAnswered: answered,
    hasEnded: run ? hasEnded(run) : isOver,
    cells: figures.map((own) => (own?.status === 'completed' && !isDeleted ? own : undefined)),
    failed,
    errorCodes: figures.map((own, setting) =>
      failed[setting] ? (own?.errorCode ?? run?.error?.code ?? 'not_generated') : null,
    ),
  };
};
