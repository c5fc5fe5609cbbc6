import { setImmediate } from 'node:timers/promises';
import { type InputIssue, InvalidInputError } from '../errors.ts';
import { isDeeperThan } from '../json/value.ts';
import type { Check, CheckResult } from './check.ts';
import { compileSchema } from './json-schema.ts';
import type { JsonTest } from './json-test.ts';
import { type CompilePattern, loadPatterns, PatternError } from './linear-pattern.ts';
import { makeSteps, OutOfSteps, type Steps } from './steps.ts';

/** The results of a run's checks on one text, in the order of the checks. Never rejects for a text's sake. */
export type Checker = (text: string) => Promise<CheckResult[]>;

/** Why it failed, or null when it passed. Throws `OutOfSteps`. */
type Judge = (text: string, steps: Steps) => string | null;

/** For one text, all its checks together: a few seconds at the very worst. */
const MAX_STEPS = 100_000_000;
/** In all schemas of a request: each pattern may keep a table of its own while texts are checked. */
const MAX_SCHEMA_PATTERNS = 40;
const MAX_JSON_DEPTH = 100;
const MAX_MESSAGE = 300;

/**
 * Prepares a request's checks. Throws `InvalidInputError` that names every bad pattern and schema by its path
 * (`checks.0.pattern`). The checker's work is bounded whatever the text is; a check that would take more fails and
 * says that it was not decided. Between checks others have their turn: elsewhere tokens are being timed.
 */
export const makeChecker = async (checks: Check[]): Promise<Checker> => {
  const issues: InputIssue[] = [];
  const patterns = checks.some(needsPatterns) ? await loadPatterns() : noPatterns;
  const schemaPatterns = atMost(MAX_SCHEMA_PATTERNS, patterns);
  const judges = checks.map((check, at) =>
    judgeOf(check, `checks.${at}`, { patterns, schemaPatterns, issues }),
  );
  if (issues.length > 0) throw new InvalidInputError(issues);
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
    return 'was not decided: it would take too much work';
  }
};

/** JSON Schema's patterns have these names; so may a property, which only loads the engine for nothing. */
const needsPatterns = (check: Check): boolean =>
  check.type === 'regex' ||
  (check.type === 'json_schema' && /"pattern(Properties)?":/.test(JSON.stringify(check.schema)));

const noPatterns: CompilePattern = () => {
  throw new PatternError('is a pattern where none was expected');
};

const atMost = (most: number, compile: CompilePattern): CompilePattern => {
  let count = 0;
  return (source) => {
    count += 1;
    if (count > most)
      throw new PatternError(`is one pattern too many: all schemas together may have ${most}`);
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

/** No text has more characters than UTF-16 units: where that decides, nothing has to be counted. */
const hasAtMost =
  (most: number): Judge =>
  (text, steps) => {
    if (text.length <= most) return null;
    steps.spend(4 * text.length);
    const count = countGraphemes(text);
    return count <= most ? null : `has ${count} characters, at most ${most} are asked for`;
  };

const hasAtLeast =
  (least: number): Judge =>
  (text, steps) => {
    steps.spend(4 * text.length);
    const count = countGraphemes(text);
    return count >= least ? null : `has ${count} characters, at least ${least} are asked for`;
  };

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Characters as a reader counts them: a flag, a family or a letter with its accents is one (UAX #29). */
const countGraphemes = (text: string): number => {
  let count = 0;
  for (const _ of GRAPHEMES.segment(text)) count += 1;
  return count;
};
