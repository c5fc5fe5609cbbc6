import { OutOfSteps, type Steps } from './steps.ts';

/** The reason why a value is invalid, and the place. `path` contains only names from the schema, never the value's. */
export type Failure = { path: string[]; message: string };

/** State that is passed down while a value is tested. */
export type Walk = { steps: Steps; depth: number };

/**
 * `null` when the value is valid.
 *
 * @throws {OutOfSteps} when the test needs more work than is left
 */
export type JsonTest = (value: unknown, walk: Walk) => Failure | null;

/** Thrown for a bad argument of a keyword. `message` continues a sentence that begins with the keyword's path. */
export class KeywordError extends Error {}

export const fails = (message: string): Failure => ({ path: [], message });

export const within = (segment: string, failure: Failure | null): Failure | null =>
  failure && { path: [segment, ...failure.path], message: failure.message };

const STEPS_PER_SCHEMA = 8;
/** Maximum depth of schemas within schemas, references included. It ends infinite recursion. */
const MAX_NESTED = 600;

/** Runs the tests in order up to the first failure. */
export const allOf =
  (tests: JsonTest[]): JsonTest =>
  (value, walk) => {
    walk.steps.spend(STEPS_PER_SCHEMA + tests.length);
    if (walk.depth >= MAX_NESTED) throw new OutOfSteps();
    walk.depth += 1;
    for (const test of tests) {
      const failure = test(value, walk);
      if (failure) {
        walk.depth -= 1;
        return failure;
      }
    }
    walk.depth -= 1;
    return null;
  };
