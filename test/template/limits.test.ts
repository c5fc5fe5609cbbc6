import { describe, expect, test } from 'vitest';
import { checkLimits } from './limits/check-limits.ts';
import { limits } from './limits/limits.ts';

const textual = /(Name|Namespace|Description|Id|Format|Body)$/;
const listed = /(Targets|Actions|Dimensions|Metrics|Rules|Configurations|Indexes|Attributes|Arns)$/;

/**
 * Properties with a value of this size at a path: a text of that many characters, a list of that many entries, or the
 * number itself.
 */
const withSize = (path: string, size: number): Record<string, unknown> => {
  const value = textual.test(path) ? 'x'.repeat(size) : listed.test(path) ? Array(size).fill({}) : size;
  return path
    .split('.')
    .reduceRight<unknown>((inner, key) => (key === '*' ? [inner] : { [key]: inner }), value) as Record<
    string,
    unknown
  >;
};

describe('checkLimits', () => {
  test.each(limits)('accepts $path of $type within AWS’s bounds alone', ({ type, path, least = 0, most }) => {
    const problemsAt = (size: number) =>
      checkLimits({ Resources: { It: { Type: type, Properties: withSize(path, size) } } });
    expect([problemsAt(least), problemsAt(Math.min(most, 100_000))]).toEqual([[], []]);
    if (most < 10_000_000) expect(problemsAt(most + 1)).toHaveLength(1);
    if (least > 0) expect(problemsAt(least - 1)).toHaveLength(1);
  });

  test('names the place, the value and the bounds', () => {
    const Targets = [{ Id: 'a' }, { Id: 'b', RetryPolicy: { MaximumEventAgeInSeconds: 30 } }];
    const rule = { Type: 'AWS::Events::Rule', Properties: { Targets } };
    expect(checkLimits({ Resources: { Rule: rule } })).toEqual([
      'Rule.Properties.Targets[1].RetryPolicy.MaximumEventAgeInSeconds: 30 where AWS allows 60 to 86400',
    ]);
  });
});
