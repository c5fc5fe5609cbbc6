/** Maps items with at most `atOnce` concurrent calls, and yields the results in order as they complete. */
export const inOrder = async function* <T, R>(
  items: readonly T[],
  atOnce: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  const begin = (item: T) => {
    const result = map(item);
    // This promise is awaited only after earlier ones; until then a rejection must not count as unhandled.
    result.catch(() => undefined);
    underWay.push(result);
  };
  let next = 0;
  for (; next < Math.min(atOnce, items.length); next += 1) begin(items[next] as T);
  for (let result = underWay.shift(); result; result = underWay.shift()) {
    const value = await result;
    if (next < items.length) begin(items[next++] as T);
    yield value;
  }
};
