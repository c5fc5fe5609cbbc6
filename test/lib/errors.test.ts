import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { cutText, InvalidInputError, issuesOf } from '../../lib/errors.ts';
import { parseRunRequest } from '../../lib/runs/request.ts';

const issue = fc.record({ path: fc.string({ maxLength: 900 }), message: fc.string({ maxLength: 900 }) });

describe('an error of the input', () => {
  test('lists all of its problems, up to 20', () => {
    const issues = Array.from({ length: 20 }, (_, at) => ({ path: `field_${at}`, message: 'is wrong' }));
    const error = new InvalidInputError(issues);
    expect([error.issues, error.more]).toEqual([issues, 0]);
    expect(error.message).not.toContain('more');
  });

  test('tells the first 20 of more problems, and how many others there are', () => {
    const issues = Array.from({ length: 57 }, (_, at) => ({ path: `field_${at}`, message: 'is wrong' }));
    const error = new InvalidInputError(issues);
    expect([error.issues, error.more]).toEqual([issues.slice(0, 20), 37]);
    expect(error.message).toMatch(/; field_19: is wrong; and 37 more$/);
  });

  test('counts the problems that an earlier error has already left out', () => {
    const issues = Array.from({ length: 57 }, (_, at) => ({ path: `field_${at}`, message: 'is wrong' }));
    const first = new InvalidInputError(issues);
    const moved = new InvalidInputError(
      first.issues.map(({ path, message }) => ({ path: `body.${path}`, message })),
      { more: first.more },
    );
    expect([moved.issues.length, moved.more]).toEqual([20, 37]);
    expect(moved.message).toMatch(/; and 37 more$/);
  });

  test('has a bounded length, whatever its problems quote', () => {
    fc.assert(
      fc.property(fc.array(issue, { maxLength: 60 }), (issues) => {
        const error = new InvalidInputError(issues);
        expect(error.issues.length).toBeLessThanOrEqual(20);
        expect(error.issues.length + error.more).toBe(issues.length);
        expect(error.message.length).toBeLessThan(15_000);
        for (const [at, { path, message }] of error.issues.entries()) {
          expect(path).toBe(cutText(issues[at]?.path ?? '', 200));
          expect(message).toBe(cutText(issues[at]?.message ?? '', 500));
        }
      }),
    );
  });

  test('quotes the beginning of a name that is 900,000 characters long', () => {
    const error = new InvalidInputError([{ path: 'x'.repeat(900_000), message: 'is not a known field' }]);
    expect(error.message).toBe(`${'x'.repeat(200)}…: is not a known field`);
  });
});

test('a text is cut between its characters', () => {
  expect([cutText('short', 5), cutText('longer', 5)]).toEqual(['short', 'longe…']);
  expect(cutText('ab🚀c', 3)).toBe('ab\uFFFD…');
});

describe('a problem of the input', () => {
  const problemsOf = (schema: z.ZodType, value: unknown) => {
    const { error } = schema.safeParse(value);
    return error ? issuesOf(error) : [];
  };
  const RULES: [z.ZodType, unknown, string][] = [
    [z.string().min(1), '', 'must have at least 1 character'],
    [z.string().max(3), 'long', 'must have at most 3 characters'],
    [z.string().length(3), 'long', 'must have exactly 3 characters'],
    [z.array(z.string()).min(2), [], 'must have at least 2 items'],
    [z.array(z.string()).max(1), ['a', 'b'], 'must have at most 1 item'],
    [z.number().min(2), 1, 'must be at least 2'],
    [z.number().max(2), 3, 'must be at most 2'],
    [z.number().gt(2), 2, 'must be greater than 2'],
    [z.number().lt(2), 2, 'must be less than 2'],
    [z.int(), 1.5, 'must be a whole number'],
    [z.int(), 2 ** 60, `must be at most ${Number.MAX_SAFE_INTEGER}`],
    [z.number().multipleOf(5), 3, 'must be a multiple of 5'],
    [z.string(), 5, 'must be a text'],
    [z.number(), 'five', 'must be a number'],
    [z.boolean(), 'yes', 'must be true or false'],
    [z.array(z.string()), {}, 'must be a list'],
    [z.object({}), [], 'must be an object'],
    [z.record(z.string(), z.string()), 7, 'must be an object'],
    [z.null(), 7, 'must be null'],
    [z.literal('list'), 'x', 'must be "list"'],
    [z.enum(['a', 'b']), 'c', 'must be one of "a", "b"'],
    [z.iso.datetime(), 'now', 'must be an instant in ISO 8601, such as 2026-11-22T13:00:00Z'],
    [z.url(), 'here', 'must be a URL, such as https://example.com/path'],
    [z.string().regex(/^a+$/), 'b', 'must match the pattern /^a+$/'],
    [z.string().startsWith('run_'), 'b', 'must start with "run_"'],
    [z.string().endsWith('.md'), 'b', 'must end with ".md"'],
    [z.string().includes('@'), 'b', 'must contain "@"'],
    [z.ipv4(), 'b', 'must be of the format ipv4'],
    [z.union([z.string(), z.array(z.string())]), 5, 'must be a text, or must be a list'],
    [
      z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]),
      {},
      'has none of the allowed forms; openapi.json describes them',
    ],
    [z.map(z.string(), z.string()), new Map([['a', 5]]), 'must be a text'],
    [z.set(z.string()), new Set([5]), 'must be a text'],
    [z.custom(() => false), 5, 'is not valid'],
    [z.string().refine(() => false, 'must rhyme'), 'x', 'must rhyme'],
    [z.string('must be a name'), 5, 'must be a name'],
  ];

  test.each(RULES)('reads as English: %o with %o %s', (schema, value, message) => {
    expect(problemsOf(z.object({ field: schema }), { field: value }).map((each) => each.message)).toEqual([
      message,
    ]);
  });

  test('says what is missing, and which options a form has', () => {
    const schema = z.object({ name: z.string(), of: z.object({ size: z.number() }) });
    expect(problemsOf(schema, { of: {} })).toEqual([
      { path: 'name', message: 'is missing; it must be a text' },
      { path: 'of.size', message: 'is missing; it must be a number' },
    ]);
    const forms = z.discriminatedUnion('type', [
      z.object({ type: z.literal('regex') }),
      z.object({ type: z.literal('contains') }),
    ]);
    expect(problemsOf(forms, { type: 'containing' })).toEqual([
      { path: 'type', message: 'must be one of "regex", "contains"' },
    ]);
  });

  test('names a key that is too long or empty, and what a key must be', () => {
    const pairs = z.record(z.string().min(1).max(3), z.string());
    expect(problemsOf(pairs, { '': 'x', long: 'x' })).toEqual([
      { path: '', message: 'is not allowed as a name: it must have at least 1 character' },
      { path: 'long', message: 'is not allowed as a name: it must have at most 3 characters' },
    ]);
    const metadata = (value: unknown) => () =>
      parseRunRequest({ prompt: 'x', metadata: value }, { model: 'm' });
    expect(metadata({ '': 'x' })).toThrow(
      'metadata.: is not allowed as a name: it must have at least 1 character',
    );
    expect(metadata({ a: 5 })).toThrow('metadata.a: must be a text');
    expect(metadata([])).toThrow('metadata: must be an object');
  });

  test('names each field that is not known', () => {
    expect(problemsOf(z.strictObject({ a: z.strictObject({}) }), { a: { b: 1 }, c: 1 })).toEqual([
      { path: 'a.b', message: 'is not a known field' },
      { path: 'c', message: 'is not a known field' },
    ]);
  });

  test('is never told in the words of the validator', () => {
    const schema = z.strictObject({
      a: z.string().min(1).max(5),
      b: z.int().min(1).max(5),
      c: z
        .array(z.enum(['x', 'y']))
        .min(1)
        .max(2),
      d: z.record(z.string().max(2), z.boolean()),
      e: z.union([z.string(), z.number()]),
      f: z.iso.date(),
    });
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), fc.jsonValue()),
        (value) => {
          for (const { message } of problemsOf(schema, value)) {
            expect(message).toMatch(/^(must|is|has) /);
            expect(message).not.toMatch(/expected|received|>=|<=|Invalid|Too /);
          }
        },
      ),
    );
  });
});
