/** A JSON object: neither null nor an array. */
export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The field of that name, if the object itself has it. Names that others choose are looked up this way (or in a `Map`):
 * `object[name]` would find members of every object, such as `constructor`.
 *
 * @example
 * own({ a: 1 }, 'a') // 1
 * own({ a: 1 }, 'toString') // undefined
 */
export const own = <T>(object: { readonly [name: string]: T }, name: string): T | undefined =>
  Object.getOwnPropertyDescriptor(object, name)?.value;

/** Parses a text that holds a JSON object; `undefined` for any other text. */
export const parseObject = (text: string): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};
