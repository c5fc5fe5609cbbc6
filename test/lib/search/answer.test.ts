import { expect, test } from 'vitest';
import { answerSearch } from '../../../lib/search/answer.ts';
import type { SearchMatch } from '../../../lib/search/search-query.ts';

const match = (change: Partial<SearchMatch> = {}): SearchMatch => ({
  score: 0.5,
  run_id: 'run_1',
  index: 0,
  text: 'vector search',
  words: [],
  model: 'gpt-6-luna',
  label: 'A',
  created_at: '2026-11-20T10:00:00.000Z',
  prompt_preview: null,
  metadata: {},
  ...change,
});

test('a search answers with a list, and with the same list without vectors under its earlier name', () => {
  const [one, two] = [match(), match({ index: 1 })];
  expect(
    answerSearch(
      [
        { ...one, vector: [0.5] },
        { ...two, vector: null },
      ],
      [],
    ),
  ).toEqual({
    data: [
      { ...one, vector: [0.5] },
      { ...two, vector: null },
    ],
    matches: [one, two],
    next_cursor: null,
  });
});

test('a hundred vectors of 1,536 values fit into one answer, and those of 8,192 do not: a warning says so', () => {
  const found = (dimensions: number) =>
    Array.from({ length: 100 }, (_, index) =>
      match({ index, vector: Array(dimensions).fill(-0.0123456789) }),
    );
  const whole = answerSearch(found(1_536), []);
  expect([whole.data.length, whole.warnings]).toEqual([100, undefined]);
  const part = answerSearch(found(8_192), ['earlier']);
  expect(JSON.stringify(part).length).toBeLessThan(5_000_000);
  expect(part.data).toHaveLength(part.matches.length);
  expect(part.warnings).toEqual([
    'earlier',
    `only the first ${part.data.length} of 100 matches fit into one answer; ask for a lower top_k, or without vectors`,
  ]);
});
