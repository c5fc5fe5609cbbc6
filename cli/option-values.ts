import { InvalidArgumentError } from '@commander-js/extra-typings';
import { isCallerName } from '../lib/keys/api-key.ts';
import { CommandError } from './command.ts';

/**
 * The parser of an option's value for commander, which then names the option, the value and the reason and ends with
 * status 2.
 *
 * @param parse throws `CommandError` with the reason, or a remedy
 */
export const oneValue =
  <T>(parse: (text: string) => T) =>
  (text: string): T => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new InvalidArgumentError(error.message);
    }
  };

/** The same for an option that can be given several times. */
export const eachValue = <T>(parse: (text: string) => T) => {
  const read = oneValue(parse);
  return (text: string, earlier: T[] | undefined): T[] => [...(earlier ?? []), read(text)];
};

export const parseNumber = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new CommandError('it takes a number');
  return value;
};

/** Makes the parser of a whole number in a range, both ends included. */
export const parseWhole =
  (min: number, max = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    throw new CommandError(`it takes a whole number ${range}`);
  };

/** Parses the name of a caller or an operator. */
export const parseCaller = (text: string): string => {
  if (isCallerName(text)) return text;
  throw new CommandError(
    "a caller's name has up to 64 of A-Z a-z 0-9 . _ - and begins with a letter or digit",
  );
};

/** Parses an amount of money: a number from 0, with up to nine decimals. */
export const parseAmount = (text: string): number => {
  if (/^\d{1,15}(\.\d{1,9})?$/.test(text)) return Number(text);
  throw new CommandError('it takes a number from 0, such as 2.50');
};

/** Parses `name=value`, as metadata is written. */
export const parsePair = (text: string): [name: string, value: string] => {
  const at = text.indexOf('=');
  if (at < 1) throw new CommandError('it takes name=value, such as team=docs');
  return [text.slice(0, at), text.slice(at + 1)];
};

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** Parses a duration such as `90s`, `10m` or `2h` into milliseconds. */
export const parseDuration = (text: string): number => {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const factor = UNITS.get(unit);
  if (factor === undefined) throw new CommandError('it takes a duration such as 90s, 10m or 2h');
  return Number(amount) * factor;
};
