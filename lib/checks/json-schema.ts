import type { InputIssue } from '../errors.ts';
import { isDeeperThan, isObject, jsonBytes, own } from '../json/value.ts';
import { ANNOTATIONS, JSON_KEYWORDS } from './json-keywords.ts';
import { JSON_SUBSCHEMAS, type Subschema } from './json-subschemas.ts';
import { allOf, fails, type JsonTest, KeywordError } from './json-test.ts';
import { type CompilePattern, PatternError } from './linear-pattern.ts';

const MAX_SCHEMA_BYTES = 64 * 1024;
const MAX_SCHEMA_DEPTH = 64;
/** Schemas within schemas where a reference leads on to the next, which nesting alone does not bound. */
const MAX_REFERENCE_DEPTH = 500;

export type CompiledSchema = { test: JsonTest; issues: InputIssue[] };

/**
 * Compiles a JSON Schema (https://json-schema.org/draft/2020-12) to a test that counts its work. `issues` lists the
 * schema's errors, with paths below `path`; the test may be used only if there are none. Nothing is fetched and no code
 * is generated: references stay within the schema. An unsupported keyword is an issue, never ignored. `format` is an
 * annotation, the standard's default.
 *
 * @example
 * const { test, issues } = compileSchema({ type: 'integer' }, 'checks.0.schema', compilePattern);
 * if (issues.length === 0) test(3.5, { steps, depth: 0 }) // { path: [], message: 'must be of type integer' }
 */
export const compileSchema = (
  schema: Record<string, unknown>,
  path: string,
  compilePattern: CompilePattern,
): CompiledSchema => {
  const issues: InputIssue[] = [];
  const refuse = (message: string) => ({ test: () => null, issues: [{ path, message }] });
  if (isDeeperThan(MAX_SCHEMA_DEPTH, schema))
    return refuse(`is nested deeper than ${MAX_SCHEMA_DEPTH} levels`);
  if (jsonBytes(schema) > MAX_SCHEMA_BYTES) {
    return refuse(`is over ${MAX_SCHEMA_BYTES} bytes`);
  }
  const made = new Map<object, JsonTest>();
  let depth = 0;

  const make: Subschema = (part, at) => {
    if (typeof part === 'boolean') return part ? () => null : () => fails('is not allowed');
    if (!isObject(part)) {
      issues.push({ path: at, message: 'must be a schema: an object, true or false' });
      return () => null;
    }
    if (!made.has(part)) {
      // A recursive reference gets this placeholder while the test is still being compiled.
      made.set(part, (value, walk) => made.get(part)?.(value, walk) ?? null);
      if (depth >= MAX_REFERENCE_DEPTH)
        throw new KeywordError(`leads over more than ${MAX_REFERENCE_DEPTH} references`);
      depth += 1;
      made.set(part, testOf(part, at));
      depth -= 1;
    }
    return (value, walk) => made.get(part)?.(value, walk) ?? null;
  };

  const testOf = (part: Record<string, unknown>, at: string): JsonTest =>
    allOf(
      Object.keys(part).flatMap((keyword): JsonTest[] => {
        try {
          return keywordTests(keyword, part, at);
        } catch (error) {
          if (!(error instanceof KeywordError || error instanceof PatternError)) throw error;
          issues.push({ path: `${at}.${keyword}`, message: error.message });
          return [];
        }
      }),
    );

  const keywordTests = (keyword: string, part: Record<string, unknown>, at: string): JsonTest[] => {
    if (keyword === '$ref') return [make(targetOf(part.$ref, schema), `${path}${dotted(part.$ref)}`)];
    const subschemas = JSON_SUBSCHEMAS.get(keyword);
    if (subschemas) return subschemas(part, { make, at, compilePattern });
    const test = JSON_KEYWORDS.get(keyword);
    if (test) return [test(own(part, keyword), compilePattern)];
    if (ANNOTATIONS.has(keyword) || keyword.startsWith('x-')) return [];
    throw new KeywordError('is not a supported keyword');
  };

  return { test: make(schema, path), issues };
};

const pointer = (reference: unknown): string[] => {
  const [, fragment] = typeof reference === 'string' ? (/^#((?:\/.*)?)$/s.exec(reference) ?? []) : [];
  if (fragment === undefined) {
    throw new KeywordError('must point into this schema: # or #/$defs/name; nothing is fetched');
  }
  try {
    return decodeURIComponent(fragment)
      .split('/')
      .slice(1)
      .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
  } catch {
    throw new KeywordError('is not a valid JSON Pointer: its percent-encoding is malformed');
  }
};

const dotted = (reference: unknown): string =>
  pointer(reference)
    .map((segment) => `.${segment}`)
    .join('');

const targetOf = (reference: unknown, schema: unknown): unknown =>
  pointer(reference).reduce((place: unknown, segment) => {
    if (typeof place !== 'object' || place === null || !Object.hasOwn(place, segment))
      throw new KeywordError('points to nothing in this schema');
    return Reflect.get(place, segment);
  }, schema);
