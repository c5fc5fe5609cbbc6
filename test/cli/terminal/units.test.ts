import { expect, test } from 'vitest';
import {
  dollars,
  fourDigits,
  milliseconds,
  secondsOf,
  whole,
  withInterval,
} from '../../../cli/terminal/units.ts';

test('an unknown figure is a dash, never zero', () => {
  for (const format of [whole, milliseconds, secondsOf, fourDigits, dollars]) expect(format(null)).toBe('—');
  expect(milliseconds(undefined)).toBe('—');
  expect(withInterval(null, null)).toBe('—');
});

test('figures are printed with their units', () => {
  expect(whole(77)).toBe('77');
  expect(milliseconds(141.6)).toBe('142 ms');
  expect(milliseconds(11.111, 1)).toBe('11.1 ms');
  expect(milliseconds(-0.01, 1)).toBe('0.0 ms');
  expect(milliseconds(-0.26, 1)).toBe('-0.3 ms');
  expect(secondsOf(985.4)).toBe('0.99 s');
  expect(fourDigits(0.01281)).toBe('0.0128');
});

test.each([
  [0, '$0.00'],
  [1.5, '$1.50'],
  [0.012, '$0.012'],
  [0.0000412, '$0.000041'],
])('%d dollars are %s', (usd, text) => {
  expect(dollars(usd)).toBe(text);
});

test('an interval is shown by its upper half, since the lower bound may be clamped', () => {
  expect(withInterval(0.413, [0.36, 0.463])).toBe('0.41 ± .05');
  expect(withInterval(0.02, [0, 1.12])).toBe('0.02 ± 1.10');
  expect(withInterval(0.413, null)).toBe('0.41');
});
