import fc from 'fast-check';
import { expect, test } from 'vitest';
import { windowLength, windowsOf } from '../../../local/openai/windows.ts';

test('windows are short enough, well formed, and together the text', () => {
  const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 700 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), (words) => {
      const text = words.join(' ');
      const windows = windowsOf(text);
      expect(windows.join('')).toBe(text);
      for (const window of windows) {
        expect(window.length).toBeLessThanOrEqual(windowLength);
        expect(window.length).toBeGreaterThan(0);
        expect(window.isWellFormed()).toBe(true);
      }
    }),
    { numRuns: 100 },
  );
});

test('words are not cut when there is white space', () => {
  const text = 'nearest neighbours '.repeat(100);
  for (const window of windowsOf(text))
    expect(window.trim()).toMatch(/^(nearest|neighbours)\b.*(nearest|neighbours)$/);
});
