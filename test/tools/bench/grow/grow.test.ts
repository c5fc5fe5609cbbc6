import { describe, expect, test } from 'vitest';
import { parseOptions } from '../../../../tools/bench/grow/grow.ts';
import {
  type Figures,
  growthTables,
  growthVerdict,
  memoryTable,
} from '../../../../tools/bench/grow/summary.ts';
import { UsageError } from '../../../../tools/command.ts';

test('the bench stores 1,000, 10,000 and 100,000 runs by default', () => {
  expect(parseOptions([])).toEqual({ sizes: [1_000, 10_000, 100_000], rounds: 15, json: undefined });
  expect(parseOptions(['--sizes', '1000', '--rounds', '2'])).toMatchObject({ sizes: [1_000], rounds: 2 });
});

test.each([
  ['sizes that do not grow', ['--sizes', '2000,1000']],
  ['fewer runs than an export has rows', ['--sizes', '999']],
  ['no rounds', ['--rounds', '0']],
  ['a file in a folder that is not there', ['--json', 'absent/grow.json']],
  ['an unknown option', ['--runs', '5']],
])('%s is a usage error', (_, args) => {
  expect(() => parseOptions(args)).toThrow(UsageError);
});

const figures = (own: Partial<Figures> & Pick<Figures, 'operation' | 'runs'>): Figures => ({
  ...{ isLimited: false, units: { read: 1, write: 0 }, ms: [10, 30, 20] },
  ...own,
});
const get = (runs: number, units = 1) =>
  figures({ operation: 'get', runs, units: { read: units, write: 0 } });
const page = (runs: number, ms: number, units = 2) =>
  figures({ operation: 'page', runs, isLimited: true, ms: [ms], units: { read: units, write: 0 } });
const query = (runs: number, ms: number) => figures({ operation: 'query', runs, units: null, ms: [ms] });

describe('the verdict on growth', () => {
  test('is that it held when units are flat, limited ones grew by less than half, and the query is fast', () => {
    const all = [
      get(1_000),
      get(100_000),
      page(1_000, 10),
      page(100_000, 15, 3),
      query(1_000, 1),
      query(100_000, 250),
    ];
    const { held, sentences } = growthVerdict(all);
    expect(held).toBe(true);
    expect(sentences).toHaveLength(3);
    expect(sentences.every((sentence) => sentence.startsWith('held: '))).toBe(true);
    expect(sentences[2]).toContain('over 100,000 vectors in 250 ms');
  });

  test.each([
    ['the units of a read grow at all', [get(1_000), get(100_000, 2)], 'the units of get (2.00x) grow'],
    [
      'the units of a page grow by more than half',
      [page(1_000, 10), page(100_000, 10, 3.5)],
      'page (1.75x) grow',
    ],
  ])('is that it did not hold when %s', (_, all, words) => {
    const { held, sentences } = growthVerdict(all);
    expect(held).toBe(false);
    expect(sentences[0]).toContain(words);
  });

  test('tells times that grow, but does not fail by them', () => {
    const { held, sentences } = growthVerdict([page(1_000, 10), page(100_000, 16), query(100_000, 251)]);
    expect(held).toBe(true);
    expect(sentences.slice(1)).toEqual([
      'NOT held: page (1.60x) take longer than 1.5 times.',
      'NOT held: the local Pinecone answers a query over 100,000 vectors in 251 ms (at most 250).',
    ]);
  });
});

test('the tables have a row for each operation, its sizes in order and the ratio of the last to the first', () => {
  const all = [page(100_000, 15, 3), page(1_000, 10), query(1_000, 2), query(100_000, 5)];
  const rows = growthTables(all)
    .split('\n')
    .filter((row) => row.startsWith('|'));
  expect(rows).toEqual([
    '| stored runs | 1,000 | 100,000 | ratio |',
    '| --- | ---: | ---: | ---: |',
    '| page | 0 w, 2 r | 0 w, 3 r | 1.50x |',
    '| stored runs | 1,000 | 100,000 | ratio |',
    '| --- | ---: | ---: | ---: |',
    '| page | 10.0 (10.0) | 15.0 (15.0) | 1.50x |',
    '| query | 2.0 (2.0) | 5.0 (5.0) | 2.50x |',
  ]);
});

test('the table of memory has each kind of process, also one that ran at one size alone', () => {
  const stacks = [
    { runs: 1_000, startMs: 1_500, peakMb: { stack: 200.4 } },
    { runs: 100_000, startMs: 9_000, peakMb: { stack: 1_000, 'function api': 90 } },
  ];
  expect(memoryTable(stacks).split('\n').slice(2)).toEqual([
    '| function api, peak MB |  | 90 |',
    '| stack, peak MB | 200 | 1000 |',
    '| start of the local stack, s | 1.5 | 9.0 |',
  ]);
});
