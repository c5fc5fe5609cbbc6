import { expect, test } from 'vitest';
import { makeInvocation } from '../../../lib/adapters/lambda/invocation.ts';
import { makeSystemIds, systemClock, systemSleep } from '../../../lib/adapters/system.ts';
import { isRunId } from '../../../lib/runs/keys.ts';

test('a sleep ends with the reason of the signal that aborts it, even one aborted before', async () => {
  const reason = new Error('stopped');
  await expect(systemSleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  const controller = new AbortController();
  const asleep = systemSleep(60_000, controller.signal);
  controller.abort(reason);
  await expect(asleep).rejects.toBe(reason);
  await expect(systemSleep(1)).resolves.toBeUndefined();
});

test('ids are run ids that sort by time; lease tokens are hexadecimal and unique', () => {
  const systemIds = makeSystemIds(makeInvocation({}).trace);
  const [a, b] = [systemIds.runId(1), systemIds.runId(2)];
  expect(isRunId(a) && isRunId(b) && a < b).toBe(true);
  const tokens = new Set(Array.from({ length: 100 }, () => systemIds.leaseToken()));
  expect(tokens.size).toBe(100);
  for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{12}$/);
});

test("the monotonic clock is the machine's, to a tenth of a millisecond", () => {
  const machineMs = () => Number(process.hrtime.bigint()) / 1e6;
  const brackets = Array.from({ length: 100 }, () => {
    const before = machineMs();
    const ours = systemClock.monotonic();
    return { before, ours, after: machineMs() };
  });
  // The narrowest bracket is the most precise: nothing else ran in between.
  const [narrowest] = brackets.sort((a, b) => a.after - a.before - (b.after - b.before));
  expect(narrowest?.ours).toBeGreaterThan((narrowest?.before ?? 0) - 0.1);
  expect(narrowest?.ours).toBeLessThan((narrowest?.after ?? 0) + 0.1);
});
