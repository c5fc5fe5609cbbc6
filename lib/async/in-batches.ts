/** Maps items in batches of `atOnce` concurrent calls, in order. Rejects with the first failure. */
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
 * Splits items into batches in their order, each filled up to the limits before the next one begins. An item larger
 * than `maxBytes` gets a batch of its own.
 *
 * @example
 * batchesUpTo(['aa', 'b', 'cc'], { maxItems: 10, maxBytes: 3, bytesOf: Buffer.byteLength }) // [['aa', 'b'], ['cc']]
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
