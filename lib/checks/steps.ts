/** Thrown when the checks of one text exceed their work limit. The outcome of the current check is unknown. */
export class OutOfSteps extends Error {}

/** The work that is left for the checks of one text. One step is about the cost of reading one character. */
export type Steps = {
  /** @throws {OutOfSteps} when more is spent than the limit */
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
