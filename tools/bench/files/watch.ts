import { type ProcessFigures, processesOf } from './processes.ts';

export type Watch = {
  /** All processes seen so far, also those that have ended, as they last were. */
  seen(): ProcessFigures[];
  end(): void;
};

const EVERY_MS = 200;

/** Looks at the processes of some groups, and at some alone, all the time; `groups` may change meanwhile. */
export const watchProcesses = (groups: readonly number[], alone: readonly number[] = []): Watch => {
  const seen = new Map<number, ProcessFigures>();
  const look = () => {
    for (const figures of processesOf(groups, alone)) seen.set(figures.pid, figures);
  };
  const timer = setInterval(look, EVERY_MS);
  return {
    seen: () => {
      look();
      return [...seen.values()];
    },
    end: () => clearInterval(timer),
  };
};
