import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeSpreadSketch } from '../../../../lib/files/results/spread-sketch.ts';
import { spreadOf } from '../../../../lib/timing/spread.ts';

const sketchOf = (samples: Iterable<number>) => {
  const sketch = makeSpreadSketch();
  for (const sample of samples) sketch.add(sample);
  return sketch;
};

test('up to 10,000 samples the spread is exact', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 300 }), (samples) => {
      expect(sketchOf(samples).spread()).toEqual(spreadOf(samples));
    }),
    { numRuns: 100 },
  );
});

test('above 10,000 samples percentiles are within half a percent, in constant memory, and the rest is exact', () => {
  // Realistic latencies: many near 300 ms, some of many seconds, some of zero.
  const samples = Array.from({ length: 40_000 }, (_, at) =>
    at % 100 === 0 ? 0 : 300 + ((at * 7_919) % 1_000) * (at % 50 === 1 ? 60 : 0.4),
  );
  const sketch = sketchOf(samples);
  const [found, exact] = [sketch.spread(), spreadOf(samples)];
  expect([found.n, found.min, found.max]).toEqual([exact.n, exact.min, exact.max]);
  expect(found.mean).toBeCloseTo(exact.mean ?? 0, 6);
  expect(found.std).toBeCloseTo(exact.std ?? 0, 6);
  for (const p of ['p50', 'p90', 'p95', 'p99'] as const) {
    expect(Math.abs((found[p] ?? 0) / (exact[p] ?? 1) - 1)).toBeLessThan(0.006);
  }
  expect(JSON.stringify(sketch.state()).length).toBeLessThan(20_000);
});

test('a sketch that was saved as JSON continues as if it had not been', () => {
  for (const [first, second] of [
    [0, 3],
    [5, 5],
    [9_999, 3],
    [12_000, 100],
  ] as const) {
    const samples = Array.from({ length: first + second }, (_, at) => (at * 37) % 1_000);
    const stored = JSON.parse(JSON.stringify(sketchOf(samples.slice(0, first)).state()));
    const again = makeSpreadSketch(stored);
    for (const sample of samples.slice(first)) again.add(sample);
    expect(again.spread()).toEqual(sketchOf(samples).spread());
  }
});
