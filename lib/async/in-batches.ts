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

/**
 * Items in their order, in as few batches as the limits allow, each filled before the next one begins. An item that is
 * larger than `maxBytes` by itself has a batch of its own.
 */
export const batchesUpTo = <T>(
  items: readonly T[],
  { maxItems, maxBytes, bytesOf }: { maxItems: number; maxBytes: number; bytesOf: (item: T) => number },
): T[][] => {
  const batches: T[][] = [];
  let bytes = 0;
  for (const item of items) {
    const size = bytesOf(item);
    const open = batches.at(-1);
    if (open && open.length < maxItems && bytes + size <= maxBytes) {
      open.push(item);
      bytes += size;
    } else {
      batches.push([item]);
      bytes = size;
    }
  }
  return batches;
};
