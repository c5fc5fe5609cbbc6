import { describe, expect, test } from 'vitest';
import { type DeploymentLimits, makeLimitsOf, UNLIMITED } from '../../../lib/limits/caller-limits.ts';
import { makeMemoryClock } from '../../memory/clock.ts';
import { makeMemoryLimits } from '../../memory/limits.ts';

const DEPLOYMENT: DeploymentLimits = {
  requestsPerSecond: 20,
  runsInFlight: null,
  workers: 5,
  directRuns: 10,
  keptForOthersPercent: 20,
};

const limitsWith = (deployment = DEPLOYMENT) => {
  const clock = makeMemoryClock();
  const { limits } = makeMemoryLimits();
  return { clock, limits, limitsOf: makeLimitsOf(limits, deployment, clock) };
};

describe('the limits of a caller', () => {
  test("are the deployment's, and of its runs a single caller's share", async () => {
    const { limitsOf } = limitsWith();
    expect(await limitsOf('docs')).toEqual({ requestsPerSecond: 20, direct: 8, jobs: 4 });
  });

  test('are its own where it has any, but for more than its share', async () => {
    const { limits, limitsOf } = limitsWith();
    await limits.set('docs', { requestsPerSecond: 3, runsInFlight: 6 });
    expect(await limitsOf('docs')).toEqual({ requestsPerSecond: 3, direct: 6, jobs: 4 });
    await limits.set('other', { requestsPerSecond: null, runsInFlight: 100 });
    expect(await limitsOf('other')).toEqual({ requestsPerSecond: 20, direct: 8, jobs: 4 });
  });

  test('change within a minute', async () => {
    const { clock, limits, limitsOf } = limitsWith();
    await limitsOf('docs');
    await limits.set('docs', { requestsPerSecond: 1, runsInFlight: 1 });
    expect(await limitsOf('docs')).toMatchObject({ requestsPerSecond: 20 });
    await clock.advance(60_000);
    expect(await limitsOf('docs')).toEqual({ requestsPerSecond: 1, direct: 1, jobs: 1 });
  });

  test('leave a caller one run at least, however small the deployment', async () => {
    const { limitsOf } = limitsWith({ ...DEPLOYMENT, workers: 1, directRuns: 1, keptForOthersPercent: 90 });
    expect(await limitsOf('docs')).toMatchObject({ direct: 1, jobs: 1 });
  });

  test('are none where nothing is kept for others, or the numbers are not known', async () => {
    const none = { direct: null, jobs: null };
    expect(await limitsWith({ ...DEPLOYMENT, keptForOthersPercent: 0 }).limitsOf('docs')).toMatchObject(none);
    expect(await limitsWith(UNLIMITED).limitsOf('docs')).toEqual({ requestsPerSecond: null, ...none });
  });
});
