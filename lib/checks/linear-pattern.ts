import { patternSize } from './pattern-size.ts';
import type { Steps } from './steps.ts';

/** Thrown for an invalid or too large pattern. `message` continues a sentence that begins with the pattern's path. */
export class PatternError extends Error {}

type Pattern = {
  /** Whether it matches anywhere in the text. Spends characters x program size, the upper bound of a linear engine. */
  test(text: string, steps: Steps): boolean;
};

/** @throws {PatternError} when the pattern is invalid or too large; one that is too large is not compiled */
export type CompilePattern = (source: string) => Pattern;

export type Patterns = {
  /** @throws {PatternError} when the pattern is too large, or a budget does not cover it */
  reserve(source: string): void;
  load(): Promise<CompilePattern>;
};

/** The steps (`patternSize`) that patterns may still take together. Compiling one takes its steps away. */
export type PatternBudget = {
  left: number;
  /** Continues a sentence that begins with the path of the pattern that exceeds the budget. */
  refusal: string;
};

const MAX_PATTERN = 1_000;
/** Of one pattern. Repeats multiply: `(x?){1000}` takes 4,002. */
const MAX_STEPS = 2_000;
/** Of all different patterns in a request: some 20 ms of processor time at most, in a new process. */
const MAX_REQUEST_STEPS = 2_500;

/** The budget of one request's checks. */
export const requestBudget = (): PatternBudget => ({
  left: MAX_REQUEST_STEPS,
  refusal: `takes the patterns of all checks together over ${MAX_REQUEST_STEPS} steps; use fewer patterns, or smaller repeats and classes`,
});

/**
 * Prepares the patterns of one request. `reserve` takes a pattern's steps from all budgets, before anything is loaded or
 * compiled; `load` loads the RE2 engine, which matches in linear time, on demand: cold starts without patterns stay
 * short. A pattern is reserved and compiled once, wherever it stands again.
 *
 * @example
 * const patterns = makePatterns([requestBudget()]);
 * patterns.reserve('a{2,3}');
 * const compile = await patterns.load();
 * compile('a{2,3}').test('caat', steps) // true
 */
export const makePatterns = (budgets: PatternBudget[]): Patterns => {
  const reserved = new Set<string>();
  const compiled = new Map<string, Pattern>();

  const reserve = (source: string): void => {
    if (reserved.has(source)) return;
    spend(source, budgets);
    reserved.add(source);
  };

  const load = async (): Promise<CompilePattern> => {
    const { RE2JS } = await import('re2js');
    const compile = (source: string): Pattern => {
      const engine = parsed(() => RE2JS.compile(source));
      const size = engine.programSize();
      return {
        test: (text, steps) => {
          steps.spend(text.length * size);
          return engine.test(text);
        },
      };
    };
    return (source) => {
      reserve(source);
      const pattern = compiled.get(source) ?? compile(source);
      compiled.set(source, pattern);
      return pattern;
    };
  };

  return { reserve, load };
};

const parsed = <Engine>(compile: () => Engine): Engine => {
  try {
    return compile();
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
