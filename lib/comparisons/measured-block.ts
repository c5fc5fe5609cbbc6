import { type GenerationFigures, hasEnded, isAnswered, type Run } from '../runs/run.ts';
import type { Plan, PlannedBlock } from './plan.ts';

/** A block as it stands: for each setting the figures of its generation, undefined unless that completed. */
export type MeasuredBlock = {
  prompt: number;
  run: Run | undefined;
  isAnswered: boolean;
  hasEnded: boolean;
  cells: (GenerationFigures | undefined)[];
  failed: boolean[];
};

/**
 * Puts a block's figures in the order of the settings. `isOver`: its file has ended, so a run that is not there will
 * never be; its generations count as failed, as do those that an ended run lacks. Those of a deleted run do not count.
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
  return {
    prompt,
    run,
    isAnswered: answered,
    hasEnded: run ? hasEnded(run) : isOver,
    cells: figures.map((own) => (own?.status === 'completed' && !isDeleted ? own : undefined)),
    failed: figures.map((own) => answered && !isDeleted && own?.status !== 'completed'),
  };
};
