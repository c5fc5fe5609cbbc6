/** The first items of a list that is read page by page, and whether it has more of them. */
export const firstItems = async <T>(
  all: AsyncIterable<T>,
  limit: number,
): Promise<{ items: T[]; isMore: boolean }> => {
  const items: T[] = [];
  for await (const item of all) {
    if (items.length === limit) return { items, isMore: true };
    items.push(item);
  }
  return { items, isMore: false };
};
