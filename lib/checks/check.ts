import * as z from 'zod';
import { isWellFormed } from '../json/value.ts';

/** Bounds the search for a value, whose worst case is its length times the output's length. */
const MAX_TEXT = 1_000;

const ILL_FORMED = 'must be valid Unicode: it holds a lone surrogate';

/**
 * A check of an output's text, as a request states it. `contains`: the text contains `value` exactly, case included.
 * `regex`: `pattern` matches anywhere (https://github.com/google/re2/wiki/Syntax: linear time, no look-around, no
 * back-references). `json_schema`: the text is JSON that is valid under `schema`. `min_length`, `max_length`: limits
 * on the text's characters (graphemes).
 */
export const checkSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('contains'),
    value: z.string().min(1).max(MAX_TEXT).refine(isWellFormed, ILL_FORMED),
  }),
  z.strictObject({
    type: z.literal('regex'),
    pattern: z.string().min(1).max(1_000).refine(isWellFormed, ILL_FORMED),
  }),
  z.strictObject({
    type: z.literal('json_schema'),
    schema: z.record(z.string(), z.unknown()).refine(isWellFormed, ILL_FORMED),
  }),
  z.strictObject({ type: z.literal('min_length'), value: z.int().min(0).max(10_000_000) }),
  z.strictObject({ type: z.literal('max_length'), value: z.int().min(0).max(10_000_000) }),
]);

export type Check = z.output<typeof checkSchema>;

/** The result of one check. `message` gives the reason of a failure without quoting the text; null: it passed. */
export type CheckResult = { type: Check['type']; passed: boolean; message: string | null };

/**
 * The outputs of one label that passed all checks. `n` counts the outputs with a text; `interval` is the 95% Wilson
 * interval of `rate`; both are null when `n` is 0.
 */
export type PassRate = { n: number; passed: number; rate: number | null; interval: [number, number] | null };

/** The 97.5% quantile of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * Computes the rate of outputs that passed all their checks. `results` holds the check results of each output that
 * has a text. The interval is Wilson's (1927) at 95%: (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n). It stays
 * within 0 and 1, and remains meaningful for few outputs and when all or none passed.
 *
 * @example
 * passRateOf([[{ passed: true }], [{ passed: false }]]).rate // 0.5
 */
export const passRateOf = (results: Pick<CheckResult, 'passed'>[][]): PassRate => {
  const n = results.length;
  const passed = results.filter((checks) => checks.every((check) => check.passed)).length;
  if (n === 0) return { n, passed, rate: null, interval: null };
  const rate = passed / n;
  const centre = rate + Z ** 2 / (2 * n);
  const half = Z * Math.sqrt((rate * (1 - rate)) / n + Z ** 2 / (4 * n ** 2));
  const scale = 1 + Z ** 2 / n;
  // When none or all passed, the formula gives exactly 0 or 1, but floating-point rounding misses it.
  const low = passed === 0 ? 0 : (centre - half) / scale;
  const high = passed === n ? 1 : (centre + half) / scale;
  return { n, passed, rate, interval: [low, high] };
};
