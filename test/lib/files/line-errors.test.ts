import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addErrors,
  countedCode,
  errorsBy,
  errorsOf,
  type LineErrors,
} from '../../../lib/files/line-errors.ts';

const failed = fc.array(
  fc.record({ line: fc.integer({ min: 1, max: 200 }), code: fc.constantFrom('gone', 'bad', 'late') }),
);
const total = (errors: LineErrors[]) => errors.reduce((sum, { count }) => sum + count, 0);

describe('the errors of lines by code', () => {
  test('count every line and name the first 20 of each code, those of most lines first', () => {
    const lines = Array.from({ length: 30 }, (_, at) => ({ line: 30 - at, code: 'rate_limited' }));
    expect(errorsOf([{ line: 99, code: 'gone' }, ...lines])).toEqual([
      { code: 'rate_limited', count: 30, lines: Array.from({ length: 20 }, (_, at) => at + 1) },
      { code: 'gone', count: 1, lines: [99] },
    ]);
    expect(errorsBy({ gone: [7, 3] })).toEqual([{ code: 'gone', count: 2, lines: [3, 7] }]);
  });

  test('are the same in whichever parts and order they are added up', () => {
    fc.assert(
      fc.property(failed, failed, (a, b) => {
        const whole = errorsOf([...a, ...b]);
        expect(addErrors([...errorsOf(a), ...errorsOf(b)])).toEqual(whole);
        expect(addErrors([...errorsOf(b), ...errorsOf(a)])).toEqual(whole);
      }),
    );
  });

  test('stay small with many codes: further ones are counted together', () => {
    const many = Array.from({ length: 100 }, (_, at) => ({ line: at + 1, code: `code_${at}` }));
    const once = errorsOf(many);
    const twice = addErrors([...once, ...errorsOf(many)]);
    expect([once.length, total(once), twice.length, total(twice)]).toEqual([21, 100, 21, 200]);
    expect(once[0]).toMatchObject({ code: 'other', count: 80 });
  });

  test('have codes that can name an attribute, whatever a server sent', () => {
    expect(countedCode('über-Limit.v2')).toBe('_ber_Limit_v2');
    expect(countedCode('x'.repeat(100))).toHaveLength(64);
  });
});
