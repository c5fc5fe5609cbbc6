import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { folded, markedPieces, queryWords } from '../../../dashboard/search/marked-words.ts';

const marked = (text: string, query: string, found: string[] = []): string[] =>
  markedPieces(text, queryWords(query, found)).flatMap(({ text, isMarked }) => (isMarked ? [text] : []));

const WORDS = ['cache', 'Überlauf', 'café', 'naïve', 'queue', 'Straße', '4411', 'x_y', 'caches', 'the', 'a'];
const words = fc.array(fc.constantFrom(...WORDS));
const gap = fc.constantFrom(' ', ', ', '. ', '\n', ' – ', '<b>', '"');
const passage = fc
  .array(fc.tuple(fc.constantFrom(...WORDS), gap))
  .map((pairs) => pairs.map(([word, after]) => word + after).join(''));

describe('the words of a query in a passage', () => {
  test('are marked whole, whatever their case and diacritics', () => {
    expect(marked('A Cache, caches, and cached CACHE.', 'cache')).toEqual(['Cache', 'CACHE']);
    expect(marked('Ein uberlauf und ein ÜBERLAUF.', 'überlauf')).toEqual(['uberlauf', 'ÜBERLAUF']);
    expect(marked('Cafe\u0301s and cafe\u0301.', 'café')).toEqual(['cafe\u0301']);
    expect(marked('ΛΟΓΟΣ λόγος', 'λογος')).toEqual(['ΛΟΓΟΣ', 'λόγος']);
  });

  test('leave out short ones unless the API found them', () => {
    expect(marked('the API is up', 'is the API up')).toEqual([]);
    expect(marked('the API is up', 'is the API up', ['api'])).toEqual(['API']);
  });

  test('mark an identifier as one, signs included', () => {
    expect(marked('See foo.bar(x) and ERR-4411.', 'foo.bar ERR-4411', ['foo.bar', 'err-4411'])).toEqual([
      'foo.bar',
      'ERR-4411',
    ]);
  });

  test('need no spaces in scripts that have none', () => {
    expect(marked('分布式缓存失效', '缓存')).toEqual(['缓存']);
  });

  test('leave the passage as it is, whatever both hold', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, fc.array(text), (body, query, found) => {
        const pieces = markedPieces(body, queryWords(query, found));
        expect(pieces.map(({ text }) => text).join('')).toBe(body);
        expect(pieces.every(({ text }) => text !== '')).toBe(true);
      }),
    );
  });

  test('are all that is marked, and none of them is left out', () => {
    fc.assert(
      fc.property(passage, words, (body, query) => {
        const wanted = queryWords(query.join(' '), []);
        const pieces = markedPieces(body, wanted);
        for (const { text, isMarked } of pieces) {
          const own = folded(text).match(/[\p{L}\p{N}_]+/gu) ?? [];
          if (isMarked) expect(wanted).toContain(folded(text));
          else expect(own.filter((word) => wanted.includes(word))).toEqual([]);
        }
      }),
    );
  });

  test('are the same for a query in other case and without diacritics', () => {
    fc.assert(
      fc.property(passage, words, (body, query) => {
        const plain = query.join(' ');
        expect(markedPieces(body, queryWords(plain.toUpperCase().replace(/SS/g, 'ß'), []))).toEqual(
          markedPieces(body, queryWords(plain.toLowerCase(), [])),
        );
        expect(markedPieces(body, queryWords(folded(plain), []))).toEqual(
          markedPieces(body, queryWords(plain, [])),
        );
      }),
    );
  });
});
