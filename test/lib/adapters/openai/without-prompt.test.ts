import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutPrompt } from '../../../../lib/adapters/openai/without-prompt.ts';

test('words that are not the prompt stay as they are', () => {
  expect(withoutPrompt('Unsupported parameter: temperature', ['Explain vector databases.'])).toBe(
    'Unsupported parameter: temperature',
  );
});

test('a quotation from the prompt is left out, whole or in part', () => {
  const prompt = 'My neighbour, Mr Example of 12 Sample Street, owes me money.';
  expect(withoutPrompt(`flagged: "${prompt}"`, ['other', prompt])).toBe('flagged: "…"');
  expect(withoutPrompt(`flagged: Mr Example of 12 Sample Street!`, [prompt])).toBe('flagged:…!');
  expect(withoutPrompt('cannot answer "tell me"', ['tell me'])).toBe('cannot answer "…"');
});

test('a long message is cut', () => {
  expect(withoutPrompt('x'.repeat(1_000), [])).toBe(`${'x'.repeat(300)}…`);
});

test('no 16 characters of a prompt are ever left', () => {
  const word = fc.string({ minLength: 0, maxLength: 60 });
  fc.assert(
    fc.property(
      word,
      fc.string({ minLength: 16, maxLength: 80 }),
      word,
      fc.nat(60),
      (before, prompt, after, from) => {
        const quoted = prompt.slice(from % 20);
        const shown = withoutPrompt(`${before}${quoted}${after}`, [prompt]);
        for (let at = 0; at + 16 <= prompt.length; at++)
          expect(shown).not.toContain(prompt.slice(at, at + 16));
      },
    ),
    { numRuns: 200 },
  );
});
