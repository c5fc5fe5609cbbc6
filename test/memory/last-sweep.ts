import type { LastSweep, SweepRecord } from '../../lib/operate/sweep.ts';

/** The record of the last sweep in a variable. */
export const makeMemoryLastSweep = (): LastSweep => {
  let last: SweepRecord | undefined;
  return {
    write: async (record) => {
      last = { ...record };
    },
    read: async () => last && { ...last },
  };
};
