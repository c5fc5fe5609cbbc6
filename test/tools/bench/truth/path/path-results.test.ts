import { expect, test } from 'vitest';
import {
  boundsOf,
  errorsBeyond,
  isMeasured,
  pathLines,
  transitOf,
} from '../../../../../tools/bench/truth/path/path-results.ts';
import { conditionOf, sampleOf } from './samples.ts';

const bare = [0.1, -0.3, 0.2].map((error) =>
  sampleOf({ bare: 'idle' }, { ttft: error, first: error, gaps: [0.01] }),
);
const busy = [4, 5, 6].map((ttft) => sampleOf({ bare: 'busy' }, { ttft }));

test("errors count beyond the bare client's median of absolute errors under the same load", () => {
  const transit = transitOf([...bare, ...busy]);
  const samples = [
    sampleOf(conditionOf(), { ttft: 1 }),
    sampleOf(conditionOf({ load: 'busy' }), { ttft: -7 }),
    sampleOf(conditionOf(), { ttft: null }),
  ].filter(isMeasured);
  expect(errorsBeyond(samples, 'ttft', transit)).toEqual([0.8, 2]);
});

test('a generation is within its bound if first token, last token and end all are', () => {
  const transit = transitOf(bare);
  const bounded = (uncertaintyMs: number | null, errors = {}) =>
    sampleOf(conditionOf(), errors, { uncertaintyMs, uncertain: uncertaintyMs === 9 ? ['tpot_ms'] : [] });
  const samples = [
    bounded(1, { first: 1.2, ttft: 7 }),
    bounded(1, { first: 1.3 }),
    bounded(2, { first: 0, ttlt: 3 }),
    bounded(9, { e2e: -8 }),
    bounded(null),
  ].filter(isMeasured);
  expect(boundsOf(samples, transit)).toEqual({ n: 4, missing: 1, within: 2, medianMs: 1.5, flagged: 1 });
});

test('a condition has one line with its errors, cold starts, retries and waits', () => {
  const condition = conditionOf({ start: 'cold', memoryMb: 512 });
  const throttling = { periods: 10, throttled: 4, waitedMs: 40 };
  const samples = [
    ...bare,
    sampleOf(condition, { ttft: 2.2, gaps: [1, 2] }, { coldStart: true, throttling }),
    sampleOf(condition, { ttft: 4.2, textDiffers: true }, { attempts: 2, throttling }),
  ];
  const [line, ...others] = pathLines(samples, [conditionOf(), condition], transitOf(samples));
  expect(others).toEqual([]);
  expect(line).toMatchObject({
    ...{ condition, n: 2, coldStarts: 1, retried: 1, differingTexts: 1 },
    beyond: { ttft: { n: 2, median: 3, worst: 4 }, gaps: { n: 2, worst: 1.99 } },
    raw: { ttft: { worst: 4.2 } },
    throttling: { periods: 20, throttled: 8, waitedMs: 80 },
  });
});
