import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasHidden, visible } from '../../local/visible.ts';

test('characters that would rearrange or forge a line are shown as escapes', () => {
  expect(visible('invoice\u202Etxt.exe')).toBe('invoice\\u202etxt.exe');
  expect(visible('a\u001B[2K\rb\u0007\u009B1m\u2066\u200F\u2028')).toBe(
    'a\\u001b[2K\\rb\\u0007\\u009b1m\\u2066\\u200f\\u2028',
  );
  expect(visible('two\nlines')).toBe('two\\nlines');
  for (const plain of ['Geräte März\t🚀 漢 👨‍👩‍👧.csv', 'שלום', '']) expect(visible(plain)).toBe(plain);
});

test('a line of JSON keeps its meaning, and no shown text has a hidden character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const line = JSON.stringify({ text });
      expect(JSON.parse(visible(line))).toEqual({ text });
      expect(hasHidden(visible(text))).toBe(false);
      expect(visible(text) === text).toBe(!hasHidden(text));
    }),
  );
});
