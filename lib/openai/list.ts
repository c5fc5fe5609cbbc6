/** The ids that tell a client where the next page begins, and whether there is one. */
type Page<Item> = {
  object: 'list';
  data: Item[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
};

/** A page in the shape of OpenAI's lists: https://platform.openai.com/docs/api-reference/batch/list. */
export const listOf = <Item extends { id: string }>(data: Item[], hasMore: boolean): Page<Item> => ({
  object: 'list',
  data,
  first_id: data[0]?.id ?? null,
  last_id: data.at(-1)?.id ?? null,
  has_more: hasMore,
});
