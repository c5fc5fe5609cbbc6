/** Whether a JSON value is nested deeper than so many levels. It looks no deeper, so no value is too deep for it. */
export const isDeeperThan = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((field) => isDeeperThan(levels - 1, field)));
