import * as z from 'zod';

/** Looking for a text costs at worst its length for each character of the output. */
const MAX_TEXT = 1_000;

const wellFormed = (text: string): boolean => text.isWellFormed();

/**
 * A check of an output's text, as it stands in a request. `contains`: the text holds `value`, letter by letter.
 * `regex`: `pattern` matches somewhere (RE2 syntax: linear time, no look-around, no back references). `json_schema`:
 * the text is JSON that fulfils `schema`. `min_length`, `max_length`: characters (graphemes) of the text.
 */
export const checkSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('contains'),
    value: z
      .string()
      .min(1)
      .max(MAX_TEXT)
      .refine(wellFormed, 'must be valid Unicode: it holds a lone surrogate'),
  }),
  z.strictObject({ type: z.literal('regex'), pattern: z.string().min(1).max(1_000) }),
  z.strictObject({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) }),
  z.strictObject({ type: z.literal('min_length'), value: z.int().min(0).max(10_000_000) }),
  z.strictObject({ type: z.literal('max_length'), value: z.int().min(0).max(10_000_000) }),
]);

export type Check = z.output<typeof checkSchema>;

/** How an output did; `message` says why it failed, without the text. */
export type CheckResult = { type: Check['type']; passed: boolean; message: string | null };

/** Of one label's outputs that ended with a text: how many passed all checks, with the 95% Wilson interval of the rate. */
export type PassRate = { n: number; passed: number; rate: number | null; interval: [number, number] | null };

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
