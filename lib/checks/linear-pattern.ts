import type { Steps } from './steps.ts';

/** A pattern that is wrong or too large; `message` says what is wrong with it, to go on after its path. */
export class PatternError extends Error {}

type Pattern = {
  /** Whether it matches somewhere. Spends characters x program size, the most that a linear engine can need. */
  test(text: string, steps: Steps): boolean;
};

/** Throws `PatternError`. */
export type CompilePattern = (source: string) => Pattern;

const MAX_PATTERN = 1_000;
/** Instructions. Repeats multiply: (x?){1000} has 4,000 of them. */
const MAX_PROGRAM = 2_000;

/** RE2's syntax and linear time. Loaded only when somebody needs it: a start without patterns must not pay for it. */
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
        `is too large: its repeats unfold to ${size} steps, at most ${MAX_PROGRAM} are taken`,
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
