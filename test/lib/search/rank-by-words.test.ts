import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readQueryWords } from '../../../lib/search/query-words.ts';
import { rankByWords } from '../../../lib/search/rank-by-words.ts';

const at = (score: number, text: string) => ({ score, text });
const ranked = (query: string, texts: { score: number; text: string }[], nearest = texts) =>
  rankByWords(
    texts,
    nearest.map(({ score }) => score),
    readQueryWords(query),
  );

describe('the order by meaning and words', () => {
  test('has a text with the identifier before one that is nearer, and the nearer of two with it first', () => {
    const texts = [at(0.9, 'the queue stops'), at(0.2, 'it was ERR_4411'), at(0.3, 'ERR_4411 again')];
    expect(ranked('why does the queue stop with ERR_4411', texts)).toEqual([
      { ...at(0.3, 'ERR_4411 again'), words: ['err_4411'] },
      { ...at(0.2, 'it was ERR_4411'), words: ['err_4411'] },
      { ...at(0.9, 'the queue stops'), words: [] },
    ]);
  });

  test('has a text with the whole identifier before one with its parts, and that before one with none', () => {
    const texts = [at(0.5, 'none'), at(0.5, 'code 4411 of ERR'), at(0.5, 'ERR_4411')];
    expect(ranked('ERR_4411', texts).map(({ text, words }) => [text, words])).toEqual([
      ['ERR_4411', ['err_4411']],
      ['code 4411 of ERR', ['err', '4411']],
      ['none', []],
    ]);
  });

  test('gives a rare word less weight the more texts have it, and the more else the query says', () => {
    const many = Array.from({ length: 30 }, (_, n) => at(0.4, `kubelet ${n}`));
    const [first] = ranked('kubelet szymborska', [...many, at(0.4, 'szymborska')]);
    expect(first?.words).toEqual(['szymborska']);
    const texts = [at(0.9, 'the nearest'), at(0.1, 'some kubelet')];
    expect(ranked('kubelet', texts)[0]?.text).toBe('some kubelet');
    const long = 'which machine starts containers after restarting kubelet';
    expect(ranked(long, texts)[0]?.text).toBe('the nearest');
  });

  test('is that of the meaning when no text has a word of the query', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true })), (scores) => {
        const texts = scores.map((score, n) => at(score, `text ${n}`));
        const order = ranked('ERR_4411 of szymborska', texts).map(({ score }) => score);
        expect(order).toEqual(scores.toSorted((a, b) => b - a));
      }),
    );
  });

  test('never puts a text after one that is no nearer and has none of the words that it lacks', () => {
    const word = fc.constantFrom('err_4411', 'kubelet', 'szymborska', 'queue');
    const text = fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.subarray(['err_4411', 'kubelet', 'queue']),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), fc.array(word, { minLength: 1 }), (texts, query) => {
        const order = ranked(
          query.join(' '),
          texts.map(([score, words]) => at(score, words.join(' '))),
        );
        for (const [place, better] of order.entries())
          for (const worse of order.slice(place + 1)) {
            const hasAll = better.words.every((each) => worse.words.includes(each));
            const hasMore = worse.words.length > better.words.length;
            expect(hasAll && hasMore && worse.score > better.score).toBe(false);
          }
      }),
    );
  });
});

test('a query has at most 16 rare words, identifiers first; common words have none', () => {
  const query = `${Array.from({ length: 40 }, (_, n) => `zorq${'x'.repeat(n)}`).join(' ')} ERR_1 the queue`;
  const { words } = readQueryWords(query);
  expect(words).toHaveLength(16);
  expect(words[0]?.text).toBe('err_1');
  expect(readQueryWords('how do queues work').words).toEqual([]);
});
