/** Maps items with at most `atOnce` under way, and yields the results in the items' order as they come. */
export const inOrder = async function* <T, R>(
  items: readonly T[],
  atOnce: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  const begin = (item: T) => {
    const result = map(item);
    // Whoever waits for an earlier one has not come to this one yet: its failure must not go unhandled.
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
