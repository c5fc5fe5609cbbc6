const STEPS: readonly [ms: number, unit: string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

/** A span of time as people say it: `0.4 s`, `12 s`, `3 min`, `1.5 h`. */
export const spanText = (ms: number): string => {
  const [size, unit] = STEPS.find(([step]) => ms >= step) ?? [1_000, 's'];
  const value = ms / size;
  return `${value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 })}\u00a0${unit}`;
};
