import { patternSize } from './pattern-size.ts';
import type { Steps } from './steps.ts';

/** Thrown for an invalid or too large pattern. `message` continues a sentence that begins with the pattern's path. */
export class PatternError extends Error {}

type Pattern = {
  /** Whether it matches anywhere in the text. Spends characters x program size, the upper bound of a linear engine. */
  test(text: string, steps: Steps): boolean;
};

/** @throws {PatternError} when the pattern is invalid or too large */
export type CompilePattern = (source: string) => Pattern;

/** The steps (`patternSize`) that patterns may still take together. Measuring one takes its steps away. */
export type PatternBudget = {
  left: number;
  /** Continues a sentence that begins with the path of the pattern that exceeds the budget. */
  refusal: string;
};

const MAX_PATTERN = 1_000;
/** Of one pattern. Repeats multiply: `(x?){1000}` takes 4,002. */
const MAX_STEPS = 2_000;
/** Of all different patterns in a request: some 20 ms of processor time to parse in a new process, and 50 ms to compile. */
const MAX_REQUEST_STEPS = 2_500;

/** The budget of one request's checks. */
export const requestBudget = (): PatternBudget => ({
  left: MAX_REQUEST_STEPS,
  refusal: `takes the patterns of all checks together over ${MAX_REQUEST_STEPS} steps; use fewer patterns, or smaller repeats and classes`,
});

/** A pattern whose text was looked at, but which is not compiled. */
const UNUSED: Pattern = {
  test: () => {
    throw new Error('a pattern that is only validated was used');
  },
};

/**
 * Measures the patterns of one request, without the engine. Each different pattern takes its steps from all budgets
 * once. `isExceeded` tells whether one was too large or not covered.
 *
 * @example
 * const { measure } = measurePatterns([requestBudget()]);
 * measure('a{0,1000}{0,1000}') // throws
 */
export const measurePatterns = (
  budgets: PatternBudget[],
): { measure: CompilePattern; isExceeded: () => boolean } => {
  const measured = new Set<string>();
  const exceeding = new Set<string>();
  return {
    isExceeded: () => exceeding.size > 0,
    measure: (source) => {
      if (measured.has(source)) return UNUSED;
      exceeding.add(source);
      spend(source, budgets);
      exceeding.delete(source);
      measured.add(source);
      return UNUSED;
    },
  };
};

/**
 * Loads the RE2 engine, which matches in linear time. Loaded on demand to keep cold starts without patterns short.
 * `parse` finds what is wrong with a pattern for half the work of compiling it. `compile` compiles each different
 * pattern once. Both are for measured patterns.
 */
export const loadPatterns = async (): Promise<{ parse: CompilePattern; compile: CompilePattern }> => {
  const { RE2JS, RE2Set } = await import('re2js');
  const known = new Map<string, Pattern>();
  const compiled = (source: string): Pattern => {
    const engine = named(() => RE2JS.compile(source));
    const size = engine.programSize();
    return {
      test: (text, steps) => {
        steps.spend(text.length * size);
        return engine.test(text);
      },
    };
  };
  return {
    parse: (source) => {
      named(() => new RE2Set().add(source)); // a set parses what it is given, and compiles when it is first used
      return UNUSED;
    },
    compile: (source) => {
      const pattern = known.get(source) ?? compiled(source);
      known.set(source, pattern);
      return pattern;
    },
  };
};

/** Gives the engine's errors the name and words of ours. */
const named = <Answer>(call: () => Answer): Answer => {
  try {
    return call();
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : '';
    throw new PatternError(`is not a pattern in RE2 syntax: ${reason}`, { cause: error });
  }
};

const spend = (source: string, budgets: PatternBudget[]): void => {
  if (source.length > MAX_PATTERN) throw new PatternError(`is longer than ${MAX_PATTERN} characters`);
  const steps = patternSize(source);
  if (steps > MAX_STEPS) {
    throw new PatternError(
      `is too large: its repeats and classes unfold to ${steps} steps, the limit is ${MAX_STEPS}; use smaller ones`,
    );
  }
  const exceeded = budgets.find(({ left }) => left < steps);
  if (exceeded) throw new PatternError(exceeded.refusal);
  for (const budget of budgets) budget.left -= steps;
};
