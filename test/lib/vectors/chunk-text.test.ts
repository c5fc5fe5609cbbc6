import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunkText, MAX_CHUNK_BYTES } from '../../../lib/vectors/chunk-text.ts';

const bytes = (text: string) => Buffer.byteLength(text);
const sentence = (words: number) =>
  `${Array.from({ length: words }, (_, at) => `${at === 0 ? 'W' : 'w'}ord${at}`).join(' ')}. `;

describe('the chunks of a text', () => {
  test('are none when there is nothing to embed', () => {
    for (const blank of ['', ' ', '\n\t \n', ' '.repeat(5_000)]) expect(chunkText(blank)).toEqual([]);
  });

  test('are one up to 2,000 bytes, counted in UTF-8', () => {
    expect(chunkText('a'.repeat(2_000))).toEqual(['a'.repeat(2_000)]);
    expect(chunkText('é'.repeat(1_000))).toHaveLength(1);
    expect(chunkText('é'.repeat(1_001))).toEqual(['é'.repeat(1_000), 'é']);
  });

  test('end after the last paragraph that fits, even if more sentences would fit', () => {
    const first = sentence(100);
    const second = sentence(100);
    const third = sentence(200);
    expect(chunkText(`${first}\n\n${second}\r\n\r\n${third}`)).toEqual([
      `${first}\n\n${second}\r\n\r\n`,
      third,
    ]);
  });

  test('end after the last sentence when one paragraph is too long', () => {
    const [first, second, third] = [sentence(120), sentence(120), sentence(120)];
    expect(chunkText(first + second + third)).toEqual([first + second, third]);
  });

  test('end between words when one sentence is too long', () => {
    const [head, tail] = chunkText('wordy '.repeat(400).trim());
    expect(head).toBe('wordy '.repeat(333));
    expect(tail).toBe('wordy '.repeat(67).trim());
  });

  test('end between graphemes when one word is too long, and never inside a family emoji', () => {
    const family = '👩‍👩‍👧‍👦';
    const chunks = chunkText(family.repeat(200));
    for (const chunk of chunks) expect(chunk).toBe(family.repeat(chunk.length / family.length));
    expect(chunks[0]).toBe(family.repeat(Math.floor(2_000 / bytes(family))));
  });

  test('end between code points when one grapheme is too long', () => {
    const stacked = `e${'\u0301'.repeat(3_000)}`;
    const chunks = chunkText(stacked);
    expect(chunks.join('')).toBe(stacked);
    expect(Math.max(...chunks.map(bytes))).toBeLessThanOrEqual(2_000);
  });

  test('do not include one of only the blank lines before a long paragraph', () => {
    const long = 'x'.repeat(1_990);
    expect(chunkText(`\n\n${long}${long}`)[0]).toBe(`\n\n${'x'.repeat(1_998)}`);
  });

  test('lose nothing but white space, and each has text and at most 2,000 bytes', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.constantFrom(
        sentence(30),
        '\n\n',
        '\r\n \r\n',
        ' '.repeat(900),
        'z'.repeat(1_500),
        '数据库'.repeat(200),
        '\ud800',
        '\n',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const chunks = chunkText(text);
        const visible = (part: string) => part.replace(/\s/g, '');
        expect(visible(chunks.join(''))).toBe(visible(text));
        for (const chunk of chunks) {
          expect(bytes(chunk)).toBeLessThanOrEqual(MAX_CHUNK_BYTES);
          expect(chunk.trim()).not.toBe('');
          expect(text).toContain(chunk);
        }
        if (!/\s{900}/.test(text) && text.trim() === text) expect(chunks.join('')).toBe(text);
      }),
      { numRuns: 80 },
    );
  });

  test('are at most twice as many as the bytes require', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 }), (lengths) => {
        const text = lengths.map(sentence).join('\n\n');
        expect(chunkText(text).length).toBeLessThanOrEqual(
          2 * Math.ceil(bytes(text) / MAX_CHUNK_BYTES) + lengths.length,
        );
      }),
      { numRuns: 30 },
    );
  });
});
