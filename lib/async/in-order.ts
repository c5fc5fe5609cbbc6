/**
 * Maps items and yields the results in order. A next call begins while the weights of those that are under way, or
 * whose result was not taken yet, stay within `atOnce`; an item that is heavier is mapped alone. By default every item
 * weighs one. No call begins unless a result is awaited.
 */
export const inOrder = async function* <T, R>(
  items: readonly T[],
  atOnce: number,
  map: (item: T) => Promise<R>,
  weightOf: (item: T) => number = () => 1,
): AsyncGenerator<R> {
  const underWay: { result: Promise<R>; weight: number }[] = [];
  let weight = 0;
  let next = 0;
  const beginMore = () => {
    for (; next < items.length; next += 1) {
      const item = items[next] as T;
      const own = Math.max(1, weightOf(item));
      if (underWay.length > 0 && weight + own > atOnce) return;
      const result = map(item);
      // This promise is awaited only after earlier ones; until then a rejection must not count as unhandled.
      result.catch(() => undefined);
      underWay.push({ result, weight: own });
      weight += own;
    }
  };
  beginMore();
  for (let first = underWay[0]; first; first = underWay[0]) {
    const value = await first.result;
    underWay.shift();
    weight -= first.weight;
    beginMore();
    yield value;
  }
};
