import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countFitting, fitAnswer, type LeftOut } from '../../../lib/runs/fit-answer.ts';

const MAX = 5_000_000;
/** Bytes of an answer as the gateway gets it: its JSON, as a JSON string. */
const bytesOf = (answer: unknown) => Buffer.byteLength(JSON.stringify(JSON.stringify(answer)));

type Item = { id: number; text: string | null; note: string; left_out?: LeftOut<'text' | 'note'> };
const fit = (items: Item[], rest = '') =>
  fitAnswer({
    items,
    instead: { text: null, note: '' },
    readAt: ({ id }) => `/items/${id}`,
    answerOf: (shown) => ({ rest, items: shown }),
  });

/** A text of up to 3 MB, of a character that JSON escapes or does not. */
const long = fc
  .tuple(fc.constantFrom('x', '"', '\\', '\n', 'é', '\u0001', '🚀'), fc.nat(700_000))
  .map(([character, length]) => character.repeat(length));
const items = fc
  .array(fc.record({ text: fc.option(long), note: long }), { maxLength: 6 })
  .map((all) => all.map((own, id): Item => ({ id, ...own })));

describe('an answer', () => {
  test('has at most 5 MB as the gateway gets it, whatever its texts; each field is whole or named as left out', () => {
    fc.assert(
      fc.property(items, (all) => {
        const answer = fit(all);
        expect(bytesOf(answer)).toBeLessThanOrEqual(MAX);
        for (const [at, item] of answer.items.entries()) {
          const { fields = [], read_at } = item.left_out ?? {};
          const whole = all[at];
          expect(item.text).toBe(fields.includes('text') ? null : whole?.text);
          expect(item.note).toBe(fields.includes('note') ? '' : whole?.note);
          expect(read_at).toBe(item.left_out ? `/items/${at}` : undefined);
          expect(item.left_out?.fields.length).not.toBe(0);
        }
      }),
      { numRuns: 15 },
    );
  });

  test('that fits stays as it is', () => {
    const all = [{ id: 0, text: 'x'.repeat(2_400_000), note: 'y'.repeat(2_400_000) }];
    expect(fit(all)).toEqual({ rest: '', items: all });
  });

  test('leaves out later fields and later items first', () => {
    const all = [0, 1, 2].map((id) => ({ id, text: 'x'.repeat(2_000_000), note: 'y'.repeat(600_000) }));
    expect(fit(all).items.map(({ left_out }) => left_out?.fields)).toEqual([
      undefined,
      ['note'],
      ['text', 'note'],
    ]);
  });

  test('leaves everything out where the rest of it is too large alone', () => {
    const all = [{ id: 0, text: 'x', note: 'y' }];
    expect(fit(all, 'x'.repeat(MAX)).items[0]?.left_out?.fields).toEqual(['text', 'note']);
  });
});

test('the items that fit into one answer are counted from the first', () => {
  const item = { text: '"'.repeat(400_000) }; // 1.6 MB as the gateway gets it
  expect(countFitting([])).toBe(0);
  expect(countFitting([item, item, item])).toBe(3);
  expect(countFitting([item, item, item, item])).toBe(3);
});
