import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readWords, wordsToStore } from '../../../lib/vectors/words.ts';

const notCommon = (text: string) =>
  readWords(text)
    .filter(({ kind }) => kind !== 'common')
    .map(({ text: word, kind, parts }) => [word, kind, ...parts]);

describe('the words of a text', () => {
  const rare: [string, string, string[][]][] = [
    ['an error code, with its parts', 'What raises ERR_4411?', [['err_4411', 'identifier', 'err', '4411']]],
    ['a call', 'call foo.bar() first', [['foo.bar', 'identifier', 'foo']]],
    [
      'product numbers',
      'the sku-99-x and sku-100',
      [
        ['sku-99-x', 'identifier', 'sku'],
        ['sku-100', 'identifier', 'sku', '100'],
      ],
    ],
    [
      'camel case',
      'parseHTTPError503 or toZorkName',
      [
        ['parsehttperror503', 'identifier', '503'],
        ['tozorkname', 'identifier', 'zork'],
      ],
    ],
    [
      'a path and a version',
      'see lib/zork_1.ts in v1.2.3',
      [
        ['lib/zork_1.ts', 'identifier', 'zork_1', 'ts', 'zork'],
        ['v1.2.3', 'identifier', 'v1'],
      ],
    ],
    ['capitals that are no common word', 'EADDRINUSE over HTTP', [['eaddrinuse', 'identifier']]],
    [
      'long numbers',
      '4411 of 10,000 in 12 or 3',
      [
        ['4411', 'identifier'],
        ['10,000', 'identifier', '000'],
      ],
    ],
    [
      'words beyond common English',
      'the kubelet of Szymborska',
      [
        ['kubelet', 'rare'],
        ['szymborska', 'rare'],
      ],
    ],
    [
      'names that are common words, inside a sentence',
      'ask the engineer Ann Baker',
      [
        ['ann', 'rare'],
        ['baker', 'rare'],
      ],
    ],
    [
      'possessives, without their ending',
      "the kubelet's and Müller’s",
      [
        ['kubelet', 'rare'],
        ['müller', 'rare'],
      ],
    ],
    [
      'words of scripts without spaces, beside identifiers',
      '東京でERR-12を見た',
      [
        ['東京', 'rare'],
        ['err-12', 'identifier', 'err'],
      ],
    ],
  ];
  test.each(rare)('are rare: %s', (_, text, expected) => expect(notCommon(text)).toEqual(expected));

  test.each([
    'How does similarity search find the nearest neighbours of a vector?',
    "It doesn't, e.g. in the U.S., and/or read-only",
    'the 2nd of 10ms, 1.5x and 24h',
    'Stopped queues were quickly restarted by the largest workers',
    'JSON over HTTP, __ and _',
    'Baker Street',
  ])('are all common in: %s', (text) => expect(notCommon(text)).toEqual([]));

  test('are the same in any form and case', () => {
    expect(notCommon('cafe\u0301_9')).toEqual(notCommon('CAFÉ_9'));
  });

  test('are found in any text, in lower case and NFC, with parts that are parts of them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        for (const word of readWords(text)) {
          expect(word.text).toBe(word.text.toLowerCase().normalize('NFC'));
          for (const part of word.parts) expect(word.text).toContain(part);
        }
      }),
    );
  });
});

describe('the words stored with a vector', () => {
  test('are identifiers with their parts, then the other rare words, the longest first', () => {
    expect(wordsToStore('Szymborska met the kubelet at ERR_4411 and again at ERR_4411.')).toEqual([
      'err_4411',
      'err',
      '4411',
      'szymborska',
      'kubelet',
    ]);
  });

  test('are none for common prose', () =>
    expect(wordsToStore('The queue stops when workers are slow.')).toEqual([]));

  test('are at most 64 in 640 bytes of JSON, none above 64 bytes, identifiers before others', () => {
    const identifiers = Array.from({ length: 20 }, (_, at) => `code_${at}00`);
    const text = `${'x'.repeat(65)} ${Array.from({ length: 200 }, (_, at) => `zq${'é'.repeat(1 + (at % 9))}w`).join(' ')} ${identifiers.join(' ')}`;
    const words = wordsToStore(text);
    expect(words).toEqual(expect.arrayContaining(identifiers));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (any) => {
        for (const stored of [wordsToStore(`${text} ${any}`), wordsToStore(any)]) {
          expect(stored.length).toBeLessThanOrEqual(64);
          expect(Buffer.byteLength(JSON.stringify(stored))).toBeLessThanOrEqual(642);
          expect(new Set(stored).size).toBe(stored.length);
          for (const word of stored) expect(Buffer.byteLength(word)).toBeLessThanOrEqual(64);
        }
      }),
    );
  });
});
