import { setImmediate } from 'node:timers/promises';
import { type InputIssue, InvalidInputError } from '../errors.ts';
import { isDeeperThan } from '../json/value.ts';
import { segmentsOf } from '../text/segments.ts';
import type { Check, CheckResult } from './check.ts';
import { compileSchema } from './json-schema.ts';
import type { JsonTest } from './json-test.ts';
import {
  type CompilePattern,
  loadPatterns,
  measurePatterns,
  type PatternBudget,
  PatternError,
  requestBudget,
} from './linear-pattern.ts';
import { makeSteps, OutOfSteps, type Steps } from './steps.ts';

/** Runs a request's checks on one text. The results have the order of the checks. Never rejects because of the text. */
export type Checker = (text: string) => Promise<CheckResult[]>;

/**
 * The reason of a failure; null: it passed.
 *
 * @throws {OutOfSteps} when the check needs more work than is left
 */
type Judge = (text: string, steps: Steps) => string | null;

/** For all checks of one text together: a few seconds in the worst case. */
const MAX_STEPS = 100_000_000;
/** For all schemas of a request together: each pattern may hold a table in memory while texts are checked. */
const MAX_SCHEMA_PATTERNS = 40;
const MAX_JSON_DEPTH = 100;
const MAX_MESSAGE = 300;

/**
 * Validates a request's checks, or a line's within the budget of its file. Nothing is compiled, and what is too large is
 * refused before the engine is loaded.
 *
 * @throws {InvalidInputError} when patterns or schemas are invalid or too large; it names each by its path
 *   (`checks.0.pattern`)
 */
export const validateChecks = async (checks: Check[], budget?: PatternBudget): Promise<void> => {
  const { measure, isExceeded } = measurePatterns([requestBudget(), ...(budget ? [budget] : [])]);
  const measured = judgesOf(checks, measure);
  const { issues } =
    isExceeded() || !checks.some(needsPatterns) ? measured : judgesOf(checks, (await loadPatterns()).parse);
  if (issues.length > 0) throw new InvalidInputError(issues);
};

/** Whether checks of the right shape may still be invalid, which only `validateChecks` tells. */
export const needValidation = (checks: Check[]): boolean =>
  checks.some(({ type }) => type === 'regex' || type === 'json_schema');

/**
 * Compiles validated checks. The checker's work is bounded for any text: a check that would exceed the limit fails as
 * undecided. It yields to the event loop between checks, so that it does not distort the timing of other streams. A
 * check that is no longer valid, for a run that was accepted by an earlier version, fails every text with its issue as
 * the reason: it must not keep its run from ending.
 *
 * @example
 * const check = await makeChecker([{ type: 'contains', value: 'HNSW' }]);
 * await check('About HNSW.') // [{ type: 'contains', passed: true, message: null }]
 */
export const makeChecker = async (checks: Check[]): Promise<Checker> => {
  const { measure } = measurePatterns([requestBudget()]);
  const { compile } = checks.some(needsPatterns) ? await loadPatterns() : { compile: measure };
  const { judges } = judgesOf(checks, (source) => {
    measure(source);
    return compile(source);
  });
  return async (text) => {
    const steps = makeSteps(MAX_STEPS);
    const results: CheckResult[] = [];
    for (const [at, { type }] of checks.entries()) {
      if (at > 0) await setImmediate();
      const message = judged(judges[at], text, steps);
      results.push({ type, passed: message === null, message });
    }
    return results;
  };
};

const judgesOf = (checks: Check[], patterns: CompilePattern): { judges: Judge[]; issues: InputIssue[] } => {
  const issues: InputIssue[] = [];
  const schemaPatterns = limitCount(MAX_SCHEMA_PATTERNS, patterns);
  const judges = checks.map((check, at): Judge => {
    const own: InputIssue[] = [];
    const judge = judgeOf(check, `checks.${at}`, { patterns, schemaPatterns, issues: own });
    issues.push(...own);
    const [issue] = own;
    return issue ? () => issue.message : judge;
  });
  return { judges, issues };
};

type Preparing = { patterns: CompilePattern; schemaPatterns: CompilePattern; issues: InputIssue[] };

const judgeOf = (check: Check, path: string, { patterns, schemaPatterns, issues }: Preparing): Judge => {
  switch (check.type) {
    case 'contains':
      return contains(check.value);
    case 'regex':
      return matches(check.pattern, `${path}.pattern`, patterns, issues);
    case 'json_schema':
      return fulfils(check.schema, `${path}.schema`, schemaPatterns, issues);
    case 'min_length':
      return hasAtLeast(check.value);
    case 'max_length':
      return hasAtMost(check.value);
  }
};

const judged = (judge: Judge | undefined, text: string, steps: Steps): string | null => {
  try {
    return judge?.(text, steps)?.slice(0, MAX_MESSAGE).toWellFormed() ?? null;
  } catch (error) {
    if (!(error instanceof OutOfSteps)) throw error;
    return 'is undecided: this check needs more work than the limit for one text';
  }
};

/** Whether the engine is needed. A property named `pattern` also matches; then the engine is loaded in vain. */
const needsPatterns = (check: Check): boolean =>
  check.type === 'regex' ||
  (check.type === 'json_schema' && /"pattern(Properties)?":/.test(JSON.stringify(check.schema)));

const limitCount = (limit: number, compile: CompilePattern): CompilePattern => {
  let count = 0;
  return (source) => {
    count += 1;
    if (count > limit)
      throw new PatternError(`exceeds the limit of ${limit} patterns in all schemas together`);
    return compile(source);
  };
};

const contains =
  (value: string): Judge =>
  (text) =>
    text.includes(value) ? null : 'does not contain the value';

const matches = (source: string, path: string, compile: CompilePattern, issues: InputIssue[]): Judge => {
  try {
    const pattern = compile(source);
    return (text, steps) => (pattern.test(text, steps) ? null : 'the pattern matches nowhere');
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    issues.push({ path, message: error.message });
    return () => null;
  }
};

const fulfils = (
  schema: Record<string, unknown>,
  path: string,
  compile: CompilePattern,
  issues: InputIssue[],
): Judge => {
  const compiled = compileSchema(schema, path, compile);
  issues.push(...compiled.issues);
  return (text, steps) => judgeJson(text, compiled.test, steps);
};

const judgeJson = (text: string, test: JsonTest, steps: Steps): string | null => {
  steps.spend(text.length);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'is not JSON';
  }
  if (isDeeperThan(MAX_JSON_DEPTH, value)) return `is nested deeper than ${MAX_JSON_DEPTH} levels`;
  const failure = test(value, { steps, depth: 0 });
  return failure && [failure.path.join('.'), failure.message].filter((part) => part !== '').join(' ');
};

/** A text never has more graphemes than UTF-16 units, so a short enough text passes without counting. */
const hasAtMost =
  (most: number): Judge =>
  (text, steps) => {
    if (text.length <= most) return null;
    steps.spend(4 * text.length);
    const count = countGraphemes(text);
    return count <= most ? null : `has ${count} characters, but may have at most ${most}`;
  };

const hasAtLeast =
  (least: number): Judge =>
  (text, steps) => {
    steps.spend(4 * text.length);
    const count = countGraphemes(text);
    return count >= least ? null : `has ${count} characters, but must have at least ${least}`;
  };

/** Counts characters as readers do: a letter with its accents is one (https://unicode.org/reports/tr29/). */
const countGraphemes = (text: string): number => {
  let count = 0;
  for (const _ of segmentsOf(text, 'grapheme')) count += 1;
  return count;
};
