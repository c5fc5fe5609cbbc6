import { expect, test } from 'vitest';
import { alternativeLines, quoted } from '../../../cli/runs/alternatives.ts';
import { findToken } from '../../../cli/runs/tokens.ts';
import { alternativesOf, cutsOf } from '../../../report/alternatives.ts';
import { logprobOf } from './traces.ts';

const VECTOR = logprobOf(' vector', 0.25, [
  [' graph', 0.5],
  [' tree', 0.125],
]);

test('alternatives stand in order of probability, with the chosen one marked', () => {
  expect(
    alternativeLines(alternativesOf(VECTOR), cutsOf(alternativesOf(VECTOR), { top_k: 1, top_p: 0.7 })),
  ).toEqual([
    '  1  " graph"    50.00 %  ████████████░░░░░░░░░░░░',
    '     ─────────  top-k 1 cuts here',
    '  2  " vector"   25.00 %  ██████░░░░░░░░░░░░░░░░░░  ← chosen',
    '     ─────────  top-p 0.7 cuts here',
    '  3  " tree"     12.50 %  ███░░░░░░░░░░░░░░░░░░░░░',
  ]);
});

test('a token that is not among the most probable ones comes last, without a rank', () => {
  const rare = { ...VECTOR, token: 'zebra', bytes: [...Buffer.from('zebra')], logprob: Math.log(0.001) };
  expect(alternativesOf(rare).at(-1)).toMatchObject({ rank: undefined, text: 'zebra', isChosen: true });
  expect(alternativeLines(alternativesOf(rare), []).at(-1)).toContain('0.10 %');
});

test('tokens with the same text and other bytes are told apart', () => {
  const [first = VECTOR, second = VECTOR] = [[0xe8], [0xaa]].map((bytes) => ({
    ...VECTOR,
    token: '�',
    bytes,
  }));
  const alternatives = alternativesOf({ ...second, top_logprobs: [first, second] });
  expect(alternatives.map(({ isChosen }) => isChosen)).toEqual([false, true]);
});

test('top-k and top-p cut where they were asked to, or beyond what is known', () => {
  const alternatives = alternativesOf(VECTOR);
  expect(cutsOf(alternatives, {})).toEqual([]);
  expect(cutsOf(alternatives, { top_k: 3, top_p: 1 })).toEqual([{ name: 'top-k 3', after: 3 }]);
  expect(cutsOf(alternatives, { top_k: 40, top_p: 0.95 })).toEqual([
    { name: 'top-k 40', after: undefined },
    { name: 'top-p 0.95', after: undefined },
  ]);
});

test('a token is shown on one line with its spaces, and cut', () => {
  expect([' a\n', 'x'.repeat(99), '\x1b[31m"'].map(quoted)).toEqual([
    '" a\\n"',
    `"${'x'.repeat(21)}…"`,
    '"\\""',
  ]);
});

test('tokens count from 1, and those of one chunk came together', () => {
  const chunks = [
    { t_ms: 5, text: 'A b', tokens: 2 },
    { t_ms: 9, text: ' vector', tokens: 1, logprobs: [VECTOR] },
  ];
  expect(
    [1, 2, 3]
      .map((number) => findToken({ chunks }, number)?.token)
      .map((token) => [token?.number, token?.text, token?.gap_ms, token?.inChunk]),
  ).toEqual([
    [1, 'A b', null, 2],
    [2, 'A b', null, 2],
    [3, ' vector', 4, 1],
  ]);
  expect(findToken({ chunks }, 4)).toEqual({ token: undefined, count: 3 });
  expect(findToken({ chunks: [{ t_ms: 5, text: 'A b', tokens: null }] }, 1)).toBeUndefined();
});

test('a chunk of more tokens than memory has is counted', () => {
  const chunks = [{ t_ms: 5, text: 'A b', tokens: 1e15 }];
  expect(findToken({ chunks }, 1e14)?.token).toMatchObject({ number: 1e14, text: 'A b', inChunk: 1e15 });
});
