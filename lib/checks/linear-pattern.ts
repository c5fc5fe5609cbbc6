import type { Steps } from './steps.ts';

/** Thrown for an invalid or too large pattern. `message` continues a sentence that begins with the pattern's path. */
export class PatternError extends Error {}

type Pattern = {
  /** Whether it matches anywhere in the text. Spends characters x program size, the upper bound of a linear engine. */
  test(text: string, steps: Steps): boolean;
};

/** @throws {PatternError} when the pattern is invalid or too large */
export type CompilePattern = (source: string) => Pattern;

const MAX_PATTERN = 1_000;
/** In instructions. Repeats multiply: `(x?){1000}` has 4,000. */
const MAX_PROGRAM = 2_000;

/** Loads the RE2 engine, which matches in linear time. Loaded on demand to keep cold starts without patterns short. */
export const loadPatterns = async (): Promise<CompilePattern> => {
  const { RE2JS } = await import('re2js');
  return (source) => {
    if (source.length > MAX_PATTERN) throw new PatternError(`is longer than ${MAX_PATTERN} characters`);
    let compiled: ReturnType<typeof RE2JS.compile>;
    try {
      compiled = RE2JS.compile(source);
    } catch (error) {
      const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : '';
      throw new PatternError(`is not a pattern in RE2 syntax: ${reason}`, { cause: error });
    }
    const size = compiled.programSize();
    if (size > MAX_PROGRAM) {
      throw new PatternError(
        `is too large: its repeats unfold to ${size} steps, the limit is ${MAX_PROGRAM}`,
      );
    }
    return {
      test: (text, steps) => {
        steps.spend(text.length * size);
        return compiled.test(text);
      },
    };
  };
};
