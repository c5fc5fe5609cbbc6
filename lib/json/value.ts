/** Whether a value is a JSON object: neither null nor a list. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
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

/** Whether a JSON value is nested deeper than `levels`. The recursion stops there, so it never overflows the stack. */
export const isDeeperThan = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((field) => isDeeperThan(levels - 1, field)));

/** Whether all strings in a JSON value, names of fields included, are valid Unicode: without lone surrogates. */
export const isWellFormed = (value: unknown): boolean =>
  typeof value === 'string'
    ? value.isWellFormed()
    : typeof value !== 'object' ||
      value === null ||
      Object.entries(value).every(([name, field]) => name.isWellFormed() && isWellFormed(field));

/** A time in ms, rounded to whole microseconds. */
export const microseconds = (ms: number): number => Math.round(ms * 1_000) / 1_000;

/**
 * A figure without the errors that sums and products of binary fractions end with: 12 significant digits, and six decimals
 * at least, so that sums of money stay exact to a millionth.
 *
 * @example
 * rounded(0.1 + 0.2) // 0.3
 * rounded(12 * 0.000002) // 0.000024
 */
export const rounded = (value: number): number => {
  const whole = Math.trunc(Math.abs(value)).toString().length;
  return Number.isInteger(value) ? value : Number(value.toPrecision(Math.min(15, Math.max(12, whole + 6))));
};

/** The bytes of a value as JSON in UTF-8. */
export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * Drops fields that are undefined: `exactOptionalPropertyTypes` distinguishes them from absent ones.
 *
 * @example
 * dropAbsent({ a: 1, b: undefined, c: null }) // { a: 1, c: null }
 */
export const dropAbsent = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Defined<T>;
