import { endedWithoutText, isAnswered, type Run } from '../runs/run.ts';

/** Sums over lines that are done. Costs are in whole nano-USD (1e-9 USD), so that sums are exact in any order. */
export type FileCounts = {
  completed: number;
  failed: number;
  /** Lines that had not begun when the file was stopped. */
  skipped: number;
  /** Lines answered by the run of an earlier file. */
  reused: number;
  generations: number;
  promptTokens: number;
  completionTokens: number;
  costNano: number;
  /** The part of `costNano` that earlier files paid. */
  reusedCostNano: number;
  /** Completed generations of unknown cost. */
  unpriced: number;
};

export const noCounts = (): FileCounts => ({
  completed: 0,
  failed: 0,
  skipped: 0,
  reused: 0,
  generations: 0,
  promptTokens: 0,
  completionTokens: 0,
  costNano: 0,
  reusedCostNano: 0,
  unpriced: 0,
});

export const addCounts = (a: FileCounts, b: Partial<FileCounts>): FileCounts => {
  const sums = { ...a };
  for (const name of Object.keys(sums) as (keyof FileCounts)[]) sums[name] += b[name] ?? 0;
  return sums;
};

const NANO = 1e9;

/** The counts that a line adds to the file `fileId`, by its answered run. A run made for another file is reused. */
export const countsOf = (run: Run, fileId: string): Partial<FileCounts> => {
  const isCompleted = isAnswered(run) && !endedWithoutText(run);
  const completed = run.generations.filter(({ status }) => status === 'completed');
  const sum = (values: (number | null)[]) => values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const costNano = sum(
    completed.map(({ costUsd }) => (costUsd === null ? null : Math.round(costUsd * NANO))),
  );
  const isReused = run.file?.fileId !== fileId;
  return {
    [isCompleted ? 'completed' : 'failed']: 1,
    reused: isReused ? 1 : 0,
    generations: run.generations.length,
    promptTokens: sum(completed.map(({ promptTokens }) => promptTokens)),
    completionTokens: sum(completed.map(({ completionTokens }) => completionTokens)),
    costNano,
    reusedCostNano: isReused ? costNano : 0,
    unpriced: completed.filter(({ costUsd }) => costUsd === null).length,
  };
};
