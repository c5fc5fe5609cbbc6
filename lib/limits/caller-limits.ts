import type { Clock } from '../async/clock.ts';
import { remember } from '../async/remember.ts';
import { EverytokenError } from '../errors.ts';
import type { LimitStore } from './ports.ts';

/** The deployment's settings; null: no limit, or a number that is not known. */
export type DeploymentLimits = {
  /** Of each caller that has no limits of its own. */
  requestsPerSecond: number | null;
  runsInFlight: number | null;
  /** Jobs and direct runs that the deployment generates at once. */
  workers: number | null;
  directRuns: number | null;
  /** The percentage of both that no single caller can take. */
  keptForOthersPercent: number;
};

export const UNLIMITED: DeploymentLimits = {
  requestsPerSecond: null,
  runsInFlight: null,
  workers: null,
  directRuns: null,
  keptForOthersPercent: 0,
};

/** A caller's limits: requests a second, and runs in flight by door; null: no limit. */
type Limits = { requestsPerSecond: number | null; direct: number | null; jobs: number | null };

export type LimitsOf = (caller: string) => Promise<Limits>;

/** A caller reached one of its limits: `too_many_requests` or `too_many_runs`. */
export class LimitError extends EverytokenError {
  override readonly name = 'LimitError';
  readonly retryAfterMs: number;

  constructor(
    message: string,
    {
      code,
      retryAfterMs,
    }: { code: 'too_many_requests' | 'too_many_runs' | 'too_many_exports'; retryAfterMs: number },
  ) {
    super(message, { code, retryable: true });
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Looks up the limits of callers: their own, else the deployment's, and never more than a single caller's share. Own
 * limits are cached for a minute, so a change takes up to a minute to apply.
 */
export const makeLimitsOf = (
  store: Pick<LimitStore, 'get'>,
  deployment: DeploymentLimits,
  clock: Clock,
): LimitsOf => {
  const find = remember(store.get, clock);
  const { workers, directRuns, keptForOthersPercent } = deployment;
  const shares = {
    direct: shareOf(directRuns, keptForOthersPercent),
    jobs: shareOf(workers, keptForOthersPercent),
  };
  return async (caller) => {
    const own = await find(caller);
    const runs = own?.runsInFlight ?? deployment.runsInFlight;
    return {
      requestsPerSecond: own?.requestsPerSecond ?? deployment.requestsPerSecond,
      direct: least(runs, shares.direct),
      jobs: least(runs, shares.jobs),
    };
  };
};

/** A single caller's share of `total`: at least one, so that a small deployment works at all. */
const shareOf = (total: number | null, keptPercent: number): number | null =>
  total === null || keptPercent === 0 ? null : Math.max(1, Math.floor((total * (100 - keptPercent)) / 100));

const least = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);
