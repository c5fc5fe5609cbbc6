/** Maps items with at most `atOnce` of them under way; results in order. Rejects with the first failure. */
export const inBatches = async <T, R>(
  items: readonly T[],
  atOnce: number,
  map: (item: T) => Promise<R>,
): Promise<R[]> => {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += atOnce) {
    results.push(...(await Promise.all(items.slice(at, at + atOnce).map(map))));
  }
  return results;
};
