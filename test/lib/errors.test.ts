import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutText, InvalidInputError } from '../../lib/errors.ts';

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
