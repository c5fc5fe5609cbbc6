import { expect, test } from 'vitest';
import { firstDue, makePacer, monotonicMs, scheduleFrom, sleepUntil } from '../../../local/openai/pace.ts';

test('the first token is due ten token intervals after the request', () => {
  expect(firstDue(1000, 100)).toBe(1100);
});

test('later tokens are due one interval apart from the first, without drift', () => {
  const due = scheduleFrom(1100, 100);
  expect([due(0), due(1), due(50)]).toEqual([1100, 1110, 1600]);
});

test('a first token that is ready late is written at once, and the next one interval later', async () => {
  const turnOf = makePacer(monotonicMs() - 60_000, 100, new AbortController().signal);
  const ready = monotonicMs();
  await turnOf(0);
  expect(monotonicMs()).toBeLessThan(ready + 30_000);
  for (const token of [1, 2, 3]) {
    await turnOf(token);
    expect(monotonicMs()).toBeGreaterThanOrEqual(ready + token * 10);
  }
});

test('a first token that is ready early waits until it is due', async () => {
  const arrival = monotonicMs();
  await makePacer(arrival, 1000, new AbortController().signal)(0);
  expect(monotonicMs()).toBeGreaterThanOrEqual(arrival + 10);
});

test('a sleep ends at the requested instant or later, never earlier', async () => {
  const { signal } = new AbortController();
  for (const wait of [0, 0.4, 3, 12.7]) {
    const due = monotonicMs() + wait;
    await sleepUntil(due, signal);
    expect(monotonicMs()).toBeGreaterThanOrEqual(due);
  }
});

test('an aborted signal ends a sleep', async () => {
  const controller = new AbortController();
  const sleep = sleepUntil(monotonicMs() + 60_000, controller.signal);
  controller.abort();
  await expect(sleep).rejects.toThrow();
  await expect(sleepUntil(0, controller.signal)).rejects.toThrow();
});

test('without a pace, a token waits only for a turn of the event loop', async () => {
  const turnOf = makePacer(monotonicMs() + 60_000, 0, new AbortController().signal);
  const before = monotonicMs();
  await turnOf(0);
  expect(monotonicMs()).toBeLessThan(before + 30_000);
});
