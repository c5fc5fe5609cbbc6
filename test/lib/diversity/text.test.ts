import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compressionRatio,
  distinctN,
  selfBleu4,
  textDiversityOf,
  words,
} from '../../../lib/diversity/text.ts';

const split = (...texts: string[]) => texts.map((text) => text.split(' '));
const wordLists = fc.array(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 4, maxLength: 12 }), {
  minLength: 2,
  maxLength: 6,
});

describe('distinct_n', () => {
  test('of identical texts is the share of one of them', () => {
    expect(distinctN(split('a b c', 'a b c'), 1)).toBe(3 / 6);
    expect(distinctN(split('a b c', 'a b c', 'a b c'), 2)).toBe(2 / 6);
  });

  test('of texts without a common word is 1', () => {
    expect(distinctN(split('a b c', 'd e f'), 2)).toBe(1);
  });

  test('of three texts, two of them alike, counts shared n-grams once', () => {
    expect(distinctN(split('a b', 'a b', 'c d'), 1)).toBe(4 / 6);
    expect(distinctN(split('a b', 'a b', 'c d'), 2)).toBe(2 / 3);
  });

  test('never counts an n-gram across two texts', () => {
    // Across the boundary there would be a second "b a".
    expect(distinctN(split('a b', 'a b'), 2)).toBe(1 / 2);
    expect(distinctN(split('a', 'b'), 2)).toBeNull();
  });

  test('is null for a single text', () => {
    expect(distinctN(split('a b c'), 1)).toBeNull();
  });
});

describe('self_bleu_4', () => {
  test('of identical texts is 1, of texts without a common word 0', () => {
    expect(selfBleu4(split('a b c d e', 'a b c d e'))).toBeCloseTo(1, 12);
    expect(selfBleu4(split('a b c d', 'e f g h'))).toBe(0);
  });

  test('of three texts, two of them alike, is the mean of 1, 1 and 0', () => {
    expect(selfBleu4(split('a b c d', 'a b c d', 'e f g h'))).toBeCloseTo(2 / 3, 12);
  });

  test('replaces zero matches of a higher order by 0.1', () => {
    // Each way: 4 of 5 words, 2 of 4 pairs, 0 of 3 threes, 0 of 2 fours.
    const each = (4 / 5) * (2 / 4) * (0.1 / 3) * (0.1 / 2);
    expect(selfBleu4(split('a b x c d', 'a b y c d'))).toBeCloseTo(each ** (1 / 4), 12);
  });

  test('clips the count of a repeated word at the highest count in any other text', () => {
    // "a a a a": clipped to two of four words and one of three pairs. "a a b c": two of four words, one of three pairs.
    const first = (2 / 4) * (1 / 3) * (0.1 / 2) * (0.1 / 1);
    const second = (2 / 4) * (1 / 3) * (0.1 / 2) * (0.1 / 1);
    expect(selfBleu4(split('a a a a', 'a a b c'))).toBeCloseTo((first ** 0.25 + second ** 0.25) / 2, 12);
  });

  test('lowers the score of a shorter text by the brevity penalty', () => {
    const shorter = Math.exp(1 - 5 / 4);
    const longer = ((4 / 5) * (3 / 4) * (2 / 3) * (1 / 2)) ** 0.25;
    expect(selfBleu4(split('a b c d', 'a b c d e'))).toBeCloseTo((shorter + longer) / 2, 12);
  });

  test('is null if a text has fewer than four words', () => {
    expect(selfBleu4(split('a b c', 'a b c'))).toBeNull();
  });

  test('matches its definition, computed text by text', () => {
    fc.assert(
      fc.property(wordLists, (texts) => {
        expect(selfBleu4(texts)).toBeCloseTo(naiveSelfBleu(texts), 10);
      }),
      { numRuns: 60 },
    );
  });
});

/** BLEU by its definition: each text against the list of its references, all counted again. */
const naiveSelfBleu = (texts: string[][]): number => {
  const grams = (words: string[], n: number) =>
    words.map((_, at) => words.slice(at, at + n).join('_')).slice(0, words.length - n + 1);
  const count = (list: string[], item: string) => list.filter((each) => each === item).length;
  const scores = texts.map((text, own) => {
    const references = texts.filter((_, at) => at !== own);
    const precision = (n: number) => {
      const ours = grams(text, n);
      const matched = [...new Set(ours)].map((gram) =>
        Math.min(
          count(ours, gram),
          Math.max(...references.map((reference) => count(grams(reference, n), gram))),
        ),
      );
      return { matched: matched.reduce((sum, each) => sum + each, 0), all: ours.length };
    };
    if (precision(1).matched === 0) return 0;
    const product = [1, 2, 3, 4].map(precision).reduce((all, p) => all * ((p.matched || 0.1) / p.all), 1);
    const nearest = references
      .map(({ length }) => length)
      .sort((a, b) => Math.abs(a - text.length) - Math.abs(b - text.length) || a - b)[0];
    return product ** 0.25 * Math.min(1, Math.exp(1 - (nearest ?? 0) / text.length));
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
};

describe('the text figures together', () => {
  test('are unknown of more than 4,000,000 characters, which would take too long', () => {
    const half = 'a'.repeat(2_000_000);
    expect(textDiversityOf([half, half]).duplicate_rate).toBe(0.5);
    expect(new Set(Object.values(textDiversityOf([half, `${half}b`])))).toEqual(new Set([null]));
  });

  test('are all null for fewer than two texts', () => {
    for (const texts of [[], ['one text of five words']]) {
      expect(Object.values(textDiversityOf(texts))).toEqual(Array(8).fill(null));
    }
  });

  test('cut every text to the length of the shortest, and report that length', () => {
    const figures = textDiversityOf(['a b c d', 'A, b; C d e f g h']);
    expect(figures).toMatchObject({
      distinct_1: 4 / 8,
      self_bleu_4: 1,
      words_cut: 4,
      words_uncut: 6,
      duplicate_rate: 0,
    });
  });

  test('distinguish identical texts from varied ones', () => {
    const same = textDiversityOf(Array(4).fill('the graph is searched from its entry point'));
    expect(same).toMatchObject({ distinct_1: 8 / 32, self_bleu_4: 1, duplicate_rate: 3 / 4 });
    expect(textDiversityOf(['a b c d', 'a b c d', 'e f g h'])).toMatchObject({ duplicate_rate: 1 - 2 / 3 });
  });

  test('accept a text without words', () => {
    expect(textDiversityOf(['', 'a b c d'])).toMatchObject({
      distinct_1: null,
      self_bleu_4: null,
      words_cut: 0,
      duplicate_rate: 0,
    });
  });

  test('give repeated texts a higher compression ratio', () => {
    const once = compressionRatio(['vector databases store embeddings', 'a cat sat on the mat outside']);
    const often = compressionRatio(Array(10).fill('vector databases store embeddings'));
    expect(often).toBeGreaterThan(Number(once));
    // "a\n" and gzip's 18 bytes around a stored or fixed block: known to the byte.
    expect(compressionRatio(['', ''])).toBeCloseTo(1 / 21, 12);
  });

  test('do not depend on the order of the texts', () => {
    fc.assert(
      fc.property(wordLists, (lists) => {
        const texts = lists.map((words) => words.join(' '));
        const { compression_ratio: _, ...there } = textDiversityOf(texts);
        const { compression_ratio: __, ...back } = textDiversityOf(texts.toReversed());
        for (const [name, value] of Object.entries(there))
          expect(Reflect.get(back, name)).toBeCloseTo(Number(value), 10);
      }),
      { numRuns: 30 },
    );
  });
});

test('words are lower case, without punctuation and spaces', () => {
  expect(words("Don't panic: HNSW-graphs, v2.0!")).toEqual(["don't", 'panic', 'hnsw', 'graphs', 'v2.0']);
});

test('composed and decomposed letters make the same word', () => {
  expect(words('Cafe\u0301')).toEqual(words('CAF\u00c9'));
});

test('a script without spaces has words, and emoji are not words', () => {
  expect(words('我喜欢数据库').length).toBeGreaterThan(1);
  expect(words('🦜 … —')).toEqual([]);
});
