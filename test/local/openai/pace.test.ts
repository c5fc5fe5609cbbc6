import { expect, test } from 'vitest';
import { makePacer, monotonicMs, scheduleOf, sleepUntil } from '../../../local/openai/pace.ts';

test('the first token is due ten tokens after the request, the others one interval apart', () => {
  const due = scheduleOf(1000, 1001, 100);
  expect([due(0), due(1), due(50)]).toEqual([1100, 1110, 1600]);
});

test('a model that was ready later than that sets the first token back, not the intervals', () => {
  const due = scheduleOf(1000, 1500, 100);
  expect([due(0), due(1)]).toEqual([1500, 1510]);
});

test('sleeping ends at the instant asked for or after it, never before', async () => {
  const { signal } = new AbortController();
  for (const wait of [0, 0.4, 3, 12.7]) {
    const due = monotonicMs() + wait;
    await sleepUntil(due, signal);
    expect(monotonicMs()).toBeGreaterThanOrEqual(due);
  }
});

test('an aborted signal ends the sleep', async () => {
  const controller = new AbortController();
  const sleep = sleepUntil(monotonicMs() + 60_000, controller.signal);
  controller.abort();
  await expect(sleep).rejects.toThrow();
  await expect(sleepUntil(0, controller.signal)).rejects.toThrow();
});

test('unpaced, a turn only lets others have theirs', async () => {
  const turnOf = makePacer(monotonicMs() + 60_000, monotonicMs() + 60_000, 0, new AbortController().signal);
  const before = monotonicMs();
  await turnOf(0);
  expect(monotonicMs()).toBeLessThan(before + 30_000);
});
