import { isAnswered, type Run } from '../runs/run.ts';

/** Sums over lines that were sent and are done. Money is in whole nano-USD, so that sums are exact in any order. */
export type FileCounts = {
  completed: number;
  failed: number;
  /** Had not begun when the file was stopped. */
  skipped: number;
  /** Lines whose run an earlier file had made. */
  reused: number;
  generations: number;
  promptTokens: number;
  completionTokens: number;
  costNano: number;
  /** The part of `costNano` that was paid for an earlier file. */
  reusedCostNano: number;
  /** Completed generations whose cost is not known. */
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

/** What a line counts for, by its answered run; `fileId` tells whether the run was made for this file. */
export const countsOf = (run: Run, fileId: string): Partial<FileCounts> => {
  const isCompleted = isAnswered(run) && (run.status === 'generated' || run.status === 'completed');
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
