import { SchemaError } from './schema-error.ts';

/** OpenAI's limits: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas */
const MAX_NESTING = 10;
const MAX_PROPERTIES = 5_000;
const MAX_ENUM_VALUES = 1_000;
const MAX_CHARACTERS = 120_000;
/** Of a path in the schema: nested lists and choices count here, objects also as levels of nesting. */
const MAX_PATH = 100;
/** Of all patterns and formats together, and a limit of this server: each is limited alone, too. */
const MAX_PATTERN_MOVES = 400_000;

/** Counts what a schema has. Each method throws a SchemaError once there is too much of it. */
export type SchemaLimits = {
  enter(path: readonly string[], objects: number): void;
  addProperties(path: readonly string[], names: readonly string[]): void;
  addValues(path: readonly string[], values: readonly unknown[]): void;
  /** Adds the moves of the automaton of a pattern or format. */
  addMoves(path: readonly string[], moves: number): void;
};

export const schemaLimits = (): SchemaLimits => {
  let properties = 0;
  let enumValues = 0;
  let characters = 0;
  let patternMoves = 0;
  const addCharacters = (path: readonly string[], texts: readonly string[]): void => {
    characters += texts.reduce((sum, { length }) => sum + length, 0);
    if (characters > MAX_CHARACTERS)
      throw new SchemaError(
        path,
        `the names and values of the schema have more than ${MAX_CHARACTERS} characters in total.`,
      );
  };
  return {
    enter(path, objects) {
      if (objects > MAX_NESTING || path.length > MAX_PATH)
        throw new SchemaError(path, `the schema has more than ${MAX_NESTING} levels of nesting.`);
    },
    addProperties(path, names) {
      properties += names.length;
      if (properties > MAX_PROPERTIES)
        throw new SchemaError(path, `the schema has more than ${MAX_PROPERTIES} properties in total.`);
      addCharacters(path, names);
    },
    addValues(path, values) {
      enumValues += values.length;
      if (enumValues > MAX_ENUM_VALUES)
        throw new SchemaError(path, `the schema has more than ${MAX_ENUM_VALUES} enum values in total.`);
      addCharacters(
        path,
        values.map((value) => JSON.stringify(value)),
      );
    },
    addMoves(path, moves) {
      patternMoves += moves;
      if (patternMoves > MAX_PATTERN_MOVES)
        throw new SchemaError(path, 'the patterns of the schema are too large in total.');
    },
  };
};
