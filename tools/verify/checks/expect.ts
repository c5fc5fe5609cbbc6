import { AssertionError, deepStrictEqual } from 'node:assert';

/** Throws an error that says what was expected and what was found. */
export const same = (what: string, actual: unknown, expected: unknown): void => {
  try {
    deepStrictEqual(actual, expected);
  } catch (error) {
    if (!(error instanceof AssertionError)) throw error;
    throw new Error(`${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
  }
};

/** Throws an error with these words unless `holds`. */
export function must(holds: unknown, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
