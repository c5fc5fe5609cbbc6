/** A quantity's lowest, typical and highest value. `typical` is null where nothing earlier tells it. */
export type Range = { low: number; typical: number | null; high: number };

export const ZERO: Range = { low: 0, typical: 0, high: 0 };

/** Combines ranges value by value; one unknown typical value makes the result's unknown. */
export const combine = (ranges: readonly Range[], by: (values: number[]) => number): Range => {
  const typical = ranges.map((range) => range.typical);
  return {
    low: by(ranges.map(({ low }) => low)),
    typical: typical.includes(null) ? null : by(typical.map((value) => value ?? 0)),
    high: by(ranges.map(({ high }) => high)),
  };
};

export const sumOf = (ranges: readonly Range[]): Range =>
  combine(ranges, (values) => values.reduce((sum, value) => sum + value, 0));

export const mapRange = (range: Range, by: (value: number) => number): Range =>
  combine([range], ([value = 0]) => by(value));
