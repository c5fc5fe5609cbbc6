import { expect, test } from 'vitest';
import { gatherBatches, usdByBatch } from '../../../tools/scale/embed-batches.ts';

test('a batch holds its first run and those that arrive within its window', () => {
  const { meanSize, meanDelaySeconds, p99DelaySeconds } = gatherBatches({
    ...{ perSecond: 10, pollers: 1, windowSeconds: 1, size: 1_000 },
  });
  expect(meanSize).toBeCloseTo(11, 0);
  // The first waits for a second, the ten others for half of it on average.
  expect(meanDelaySeconds).toBeCloseTo((1 + 10 / 2) / 11, 1);
  expect(p99DelaySeconds).toBeLessThanOrEqual(1);
});

test('a full batch does not wait, and pollers share what arrives', () => {
  const busy = { perSecond: 1_000, windowSeconds: 1, size: 50 };
  expect(gatherBatches({ ...busy, pollers: 1 }).meanSize).toBeCloseTo(50, 0);
  expect(gatherBatches({ ...busy, pollers: 1 }).meanDelaySeconds).toBeLessThan(0.05);
  expect(gatherBatches({ ...busy, perSecond: 100, pollers: 5 }).meanSize).toBeCloseTo(21, 0);
});

test('without a window every run goes alone', () => {
  const { meanSize, meanDelaySeconds } = gatherBatches({
    ...{ perSecond: 100, pollers: 1, windowSeconds: 0, size: 10 },
  });
  expect({ meanSize, meanDelaySeconds }).toEqual({ meanSize: 1, meanDelaySeconds: 0 });
});

test('a run of a batch of fifty costs a fiftieth of the invocation and its wait', () => {
  expect(usdByBatch(50)).toBeCloseTo(usdByBatch(1) / 50);
});
