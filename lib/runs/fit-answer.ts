import { jsonBytes } from '../json/value.ts';

/**
 * Upper bound of an answer of the API: Lambda's 6 MB for a buffered answer, less the rest of it. An answer's bytes are
 * counted as the JSON string that the gateway gets it in, with the quotes and backslashes of its own JSON escaped.
 */
const MAX_ANSWER_BYTES = 5_000_000;

/** The fields that an item leaves out because the whole would be too large, and the path of the API that has them. */
export type LeftOut<Field extends string = string> = { fields: Field[]; read_at: string };

/** How many of the first items fit into one answer. */
export const countFitting = (items: readonly unknown[]): number => {
  let bytes = 0;
  const excess = items.findIndex((item) => {
    bytes += answerBytes(item);
    return bytes > MAX_ANSWER_BYTES;
  });
  return excess < 0 ? items.length : excess;
};

/**
 * Makes an answer fit, which `answerOf` makes of its items: items leave fields out, show `instead` in their place, and
 * name them in `left_out`. Of the fields in `instead` it keeps the earlier ones rather than the later ones, each in the
 * items' order. An answer that fits is returned as it is.
 */
export const fitAnswer = <
  Field extends string,
  Item extends { [F in Field]?: unknown } & { left_out?: LeftOut<Field> },
  Answer,
>({
  items,
  instead,
  readAt,
  answerOf,
}: {
  items: Item[];
  instead: { [F in Field]: NonNullable<Item[F]> | null };
  readAt: (item: Item) => string;
  answerOf: (items: Item[]) => Answer;
}): Answer => {
  const whole = answerOf(items);
  // Escaping at most doubles the bytes, so nearly all answers are measured once, by their plain JSON.
  if (2 * jsonBytes(whole) <= MAX_ANSWER_BYTES) return whole;
  const fields = Object.keys(instead) as Field[];
  const leftOut = items.map((item) => new Set(fields.filter((field) => item[field] !== undefined)));
  const shown = () =>
    items.map((item, at): Item => {
      const left = fields.filter((field) => leftOut[at]?.has(field));
      if (left.length === 0) return item;
      const replaced = Object.fromEntries(left.map((field) => [field, instead[field]]));
      return { ...item, ...replaced, left_out: { fields: left, read_at: readAt(item) } };
    });
  let room = MAX_ANSWER_BYTES - answerBytes(answerOf(shown()));
  for (const field of fields) {
    for (const [at, item] of items.entries()) {
      if (!leftOut[at]?.has(field)) continue;
      const bytes = answerBytes(item[field]) - answerBytes(instead[field]);
      if (bytes > room) continue;
      room -= bytes;
      leftOut[at]?.delete(field);
    }
  }
  return answerOf(shown());
};

const answerBytes = (value: unknown): number => jsonBytes(JSON.stringify(value)) - 2;
