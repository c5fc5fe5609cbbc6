/** A check took more work than one text's checks may take together: it is not known how it would have ended. */
export class OutOfSteps extends Error {}

/** The work that is left for one text's checks. A step is about what looking at one character costs. */
export type Steps = {
  /** Throws `OutOfSteps` once more is spent than there was. */
  spend(count: number): void;
};

export const makeSteps = (most: number): Steps => {
  let left = most;
  return {
    spend(count) {
      left -= count;
      if (left < 0) throw new OutOfSteps();
    },
  };
};
