import { OutOfSteps, type Steps } from './steps.ts';

/** Why a value does not fulfil a schema, and where in the value. `path` names only what the schema names. */
export type Failure = { path: string[]; message: string };

/** What is handed down while a value is looked at. */
export type Walk = { steps: Steps; depth: number };

/** `null` when the value fulfils it. Throws `OutOfSteps`. */
export type JsonTest = (value: unknown, walk: Walk) => Failure | null;

/** The argument of a keyword is wrong; `message` goes on after its path. */
export class KeywordError extends Error {}

export const fails = (message: string): Failure => ({ path: [], message });

export const within = (segment: string, failure: Failure | null): Failure | null =>
  failure && { path: [segment, ...failure.path], message: failure.message };

const STEPS_PER_SCHEMA = 8;
/** Schemas within schemas, references followed. A reference that leads back to itself ends here. */
const MAX_NESTED = 600;

/** All of them in order; the first failure counts. */
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
