import { expect, test } from 'vitest';
import {
  eachValue,
  oneValue,
  parseDuration,
  parseNumber,
  parsePair,
  parseWhole,
} from '../../cli/option-values.ts';

test('numbers, whole numbers in a range, pairs and durations are read', () => {
  expect(parseNumber('1.5')).toBe(1.5);
  expect(parseWhole(1, 64)('64')).toBe(64);
  expect(parsePair('team=docs=1')).toEqual(['team', 'docs=1']);
  expect(['250ms', '90s', '10m', '2h'].map(parseDuration)).toEqual([250, 90_000, 600_000, 7_200_000]);
});

test.each([
  [() => parseNumber(''), 'it takes a number'],
  [() => parseNumber('many'), 'it takes a number'],
  [() => parseWhole(1, 64)('65'), 'it takes a whole number from 1 to 64'],
  [() => parseWhole(1)('1.5'), 'it takes a whole number of at least 1'],
  [() => parsePair('=docs'), 'it takes name=value, such as team=docs'],
  [() => parseDuration('10'), 'it takes a duration such as 90s, 10m or 2h'],
])('%s is refused with what it takes', (parse, message) => {
  expect(parse).toThrow(message);
});

test("commander gets the reason as a wrong argument's, and values of a repeated option together", () => {
  expect(() => oneValue(parseNumber)('many')).toThrow(
    expect.objectContaining({ code: 'commander.invalidArgument', message: 'it takes a number' }),
  );
  const read = eachValue(parsePair);
  expect(read('b=2', read('a=1', undefined))).toEqual([
    ['a', '1'],
    ['b', '2'],
  ]);
});
