/**
 * A page of OpenAI's lists: the items behind `after`, `limit` of them. `first_id` and `last_id` are null when it is empty.
 * https://platform.openai.com/docs/api-reference/files/list
 */
export const pageOf = <T extends { id: string }>(
  all: T[],
  { limit: asked, after }: Partial<Record<'limit' | 'after', string>>,
  { limit: usual, most }: { limit: number; most: number },
) => {
  const limit = Math.min(most, Math.max(1, Number(asked ?? usual) || usual));
  const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const data = all.slice(from, from + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: from + limit < all.length,
  };
};
