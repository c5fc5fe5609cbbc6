import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hrefOf, parseAddress } from '../../dashboard/address.ts';

describe('the address of a page', () => {
  test('gives back any segments and values that a link was made of', () => {
    const text = fc.string({ unit: 'binary', minLength: 1 }).map((value) => value.toWellFormed());
    fc.assert(
      fc.property(fc.array(text), fc.dictionary(text, text), (segments, values) => {
        const { segments: read, query } = parseAddress(hrefOf(segments, values));
        expect(read).toEqual(segments);
        expect(Object.fromEntries(query)).toEqual({ ...values });
      }),
    );
  });

  test('leaves out what is empty, and reads what a person typed', () => {
    expect(hrefOf(['runs'], { status: null, model: '', limit: 0 })).toBe('#/runs?limit=0');
    expect(parseAddress('').segments).toEqual([]);
    expect(parseAddress('#runs/100%').segments).toEqual(['runs', '100%']);
  });
});
