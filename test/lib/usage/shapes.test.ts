import { expect, test } from 'vitest';
import { makePart } from '../../../lib/runs/list/parts.ts';
import type { UsageShape } from '../../../lib/usage/ports.ts';
import { makeShapes } from '../../../lib/usage/shapes.ts';
import { OBJECT_MEMBERS } from '../../factories/object-members.ts';
import { makeFigures } from '../../factories/run.ts';

const figures = makeFigures({ completionTokens: 10 });
const shape = (settings: [model: string, label: string][], metadata = {}): UsageShape => ({
  metadata,
  requests: 1,
  failedRequests: 0,
  parts: settings.map(([model, label]) => makePart({ model, label }, [figures])),
});
const summed = (shapes: UsageShape[], { keys = ['team'], max = 100 } = {}) => {
  const sums = makeShapes(keys, max);
  for (const one of shapes) sums.add(one);
  return sums.shapes();
};
const tokensOf = (shapes: UsageShape[]) =>
  shapes.flatMap(({ parts }) => parts).reduce((sum, { completionTokens }) => sum + completionTokens, 0);

test('runs of the same settings and chosen metadata are one shape, in their order', () => {
  const shapes = summed([
    shape([['m', 'a']], { team: 'x', order: '1' }),
    shape([['m', 'a']], { order: '2', team: 'x' }),
    shape([['m', 'a']], { team: 'y' }),
    shape(
      [
        ['m', 'a'],
        ['n', 'b'],
      ],
      { team: 'x' },
    ),
    shape(
      [
        ['n', 'b'],
        ['m', 'a'],
      ],
      { team: 'x' },
    ),
  ]);
  expect(shapes.map(({ requests, metadata }) => [requests, metadata])).toEqual([
    [2, { team: 'x' }],
    [1, { team: 'y' }],
    [1, { team: 'x' }],
    [1, { team: 'x' }],
  ]);
  expect(shapes[0]?.parts).toMatchObject([{ model: 'm', label: 'a', completionTokens: 20 }]);
});

test.each(OBJECT_MEMBERS)('metadata named %s is chosen like any other', (member) => {
  const metadata = Object.fromEntries([[member, 'x']]);
  const [one] = summed([shape([['m', 'a']], metadata)], { keys: [member] });
  expect(Object.entries(one?.metadata ?? {})).toEqual([[member, 'x']]);
  expect(summed([shape([['m', 'a']])], { keys: [member] })[0]?.metadata).toEqual({});
});

test('beyond a number of shapes further ones are added up by model, then without a name, and none is lost', () => {
  const many = [
    ...Array.from({ length: 5 }, (_, at) =>
      shape(
        [
          ['m', `label ${at}`],
          ['m', 'b'],
        ],
        { team: `${at}` },
      ),
    ),
    ...Array.from({ length: 5 }, (_, at) => shape([[`model ${at}`, 'a']])),
  ];
  const shapes = summed(many, { max: 2 });
  expect(shapes).toHaveLength(5);
  expect(shapes.reduce((sum, { requests }) => sum + requests, 0)).toBe(10);
  expect(tokensOf(shapes)).toBe(tokensOf(many));
  expect(shapes.map(({ parts }) => parts.map(({ model, label }) => [model, label]))).toEqual([
    ...[0, 1].map((at) => [
      ['m', `label ${at}`],
      ['m', 'b'],
    ]),
    [['m', null]],
    [['model 0', null]],
    [[null, null]],
  ]);
});
