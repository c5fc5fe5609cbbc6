import type { CheckResult, PassRate } from './check.ts';

/** The 97.5% quantile of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * How many outputs passed all their checks; `results` holds the checks of each output that ended with a text. The
 * interval is Wilson's (1927) at 95%: (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n). It stays within 0 and 1
 * and says something for few outputs, and when all or none passed. Without any output, rate and interval are null.
 */
export const passRateOf = (results: Pick<CheckResult, 'passed'>[][]): PassRate => {
  const n = results.length;
  const passed = results.filter((checks) => checks.every((check) => check.passed)).length;
  if (n === 0) return { n, passed, rate: null, interval: null };
  const rate = passed / n;
  const centre = rate + Z ** 2 / (2 * n);
  const half = Z * Math.sqrt((rate * (1 - rate)) / n + Z ** 2 / (4 * n ** 2));
  const scale = 1 + Z ** 2 / n;
  // At the ends the bounds are 0 and 1 by the formula; floating point misses them by a hair.
  const low = passed === 0 ? 0 : (centre - half) / scale;
  const high = passed === n ? 1 : (centre + half) / scale;
  return { n, passed, rate, interval: [low, high] };
};
