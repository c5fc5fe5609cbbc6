/**
 * Whether the current invocation is its execution environment's first. `begin` is called at each invocation's start;
 * everything generated until the next one counts alike.
 */
export const makeColdStart = () => {
  let invocations = 0;
  return {
    begin: (): void => {
      invocations += 1;
    },
    isCold: (): boolean => invocations <= 1,
  };
};
