import { isDeeperThan } from '../../json/value.ts';

const MAX_DEPTH = 64;

/** A parsed JSON value, or in words why it is none. */
export type ParsedJson = { value: unknown; fault?: undefined } | { value?: undefined; fault: string };

/** Parses JSON that a stranger wrote: what is nested deeper than 64 levels is refused before anyone walks it. */
export const parseJson = (text: string): ParsedJson => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: 'is not valid JSON' };
  }
  return isDeeperThan(MAX_DEPTH, value) ? { fault: `is nested deeper than ${MAX_DEPTH} levels` } : { value };
};
