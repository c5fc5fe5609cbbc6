import { expect, test } from 'vitest';
import { compareWithBest } from '../../../../tools/bench/truth/compare-with-best.ts';
import { lineOf } from './lines.ts';

const own = lineOf('everytoken', [[1], [2], [3]]);

test('a difference within the larger spread of the two is not worse, a larger one is', () => {
  const near = lineOf('langchain', [[0.5], [0.5], [0.5]]);
  expect(compareWithBest(own, [own, near], 'ttft', 'median')).toEqual({
    own: 2,
    best: 0.5,
    bestRow: 'langchain',
    spread: 2,
    isWorse: false,
  });
  const still = lineOf('everytoken', [[2], [2], [2.1]]);
  expect(compareWithBest(still, [still, near], 'ttft', 'median')).toMatchObject({ isWorse: true });
});

test('the best of the others counts, but not one that is wrong by definition, nor a row of our own', () => {
  const lines = [
    own,
    lineOf('everytoken, call', [[0], [0]]),
    lineOf('tutorial', [[0], [0]]),
    lineOf('ai sdk', [[9], [9]]),
    lineOf('plain loop', [[7], [7]]),
  ];
  expect(compareWithBest(own, lines, 'ttft', 'tail')).toMatchObject({ best: 7, bestRow: 'plain loop' });
});

test('nobody is held to less than a write of the server takes', () => {
  const exact = { ...lineOf('everytoken', [[0.01], [0.01]]), writeMs: 0.03 };
  const other = lineOf('plain loop', [[0], [0]]);
  expect(compareWithBest(exact, [exact, other], 'ttft', 'median')).toMatchObject({
    spread: 0.03,
    isWorse: false,
  });
});

test('with one round, or nobody else there, nothing is said', () => {
  const once = lineOf('everytoken', [[1]]);
  expect(compareWithBest(once, [once, lineOf('plain loop', [[0]])], 'ttft', 'median')).toBeUndefined();
  expect(
    compareWithBest(own, [own, lineOf('plain loop', [[0], [0]], 'noise')], 'ttft', 'median'),
  ).toBeUndefined();
});
