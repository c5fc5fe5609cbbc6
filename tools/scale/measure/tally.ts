/** Counts by name, such as `s3.put` or `lambda.embed.ms`. */
export type Tally = { add: (name: string, amount: number) => void; read: () => Record<string, number> };

export const makeTally = (): Tally => {
  const counts = new Map<string, number>();
  return {
    add: (name, amount) => {
      if (amount !== 0) counts.set(name, (counts.get(name) ?? 0) + amount);
    },
    read: () => Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b))),
  };
};

/** What was added between two readings, each divided by `by`. */
export const between = (
  before: Record<string, number>,
  after: Record<string, number>,
  by = 1,
): Record<string, number> =>
  Object.fromEntries(
    Object.entries(after)
      .map(([name, count]) => [name, (count - (before[name] ?? 0)) / by] as const)
      .filter(([, count]) => count !== 0),
  );
