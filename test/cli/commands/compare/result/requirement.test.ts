import { expect, test } from 'vitest';
import { parseRequirement } from '../../../../../cli/commands/compare/result/requirement.ts';
import { drawnComparison } from '../../../../report/drawn-comparison.ts';

const [setting] = drawnComparison().comparison.settings;
if (!setting) throw new Error('no setting was drawn');

test('a bound is of a figure as the API names it; the median is that of a spread', () => {
  const { p50, p90 } = setting.ttft_ms;
  expect(parseRequirement('ttft_ms<=1').figure(setting)).toBe(p50);
  expect(parseRequirement('ttft_ms.p90 <= 1').figure(setting)).toBe(p90);
  expect(parseRequirement(`ttft_ms.p90<=${p90}`).isMet(setting)).toBe(true);
  expect(parseRequirement(`ttft_ms.p90>=${Number(p90) + 1}`).isMet(setting)).toBe(false);
  expect(parseRequirement('pass_rate>=0').isMet(setting)).toBe(true);
});

test('a label in front names one setting, also one with a colon', () => {
  expect(parseRequirement('Top-k 40: e2e_ms<=3000').label).toBe('Top-k 40');
  expect(parseRequirement('a: b: failed<=0').label).toBe('a: b');
  expect(parseRequirement('failed<=0').label).toBeUndefined();
});

test('a figure that is not known keeps no bound', () => {
  const unknown = { ...setting, cost_usd: { total: null, mean: null, unpriced: 3 } };
  expect(parseRequirement('cost_usd.mean<=100').isMet(unknown)).toBe(false);
  expect(parseRequirement('cost_usd.mean>=0').isMet(unknown)).toBe(false);
});

test('a figure that does not exist is refused, with the one that was meant', () => {
  expect(() => parseRequirement('ttft.p90<=3')).toThrow(/did you mean ttft_ms\.p90\?/);
  expect(() => parseRequirement('pass_rate=1')).toThrow(/it takes a figure and its bound/);
});
