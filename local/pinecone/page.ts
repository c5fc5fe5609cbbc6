import { invalid } from './pinecone-error.ts';
import { isAbsent } from './request-input.ts';

const MAX_PAGE = 100;

/** The part of an answer with the token of the next page; empty on the last page. */
export type NextPage = { pagination?: { next: string } };

/**
 * Reads the size of a page. Default: 100.
 *
 * @throws {PineconeError} INVALID_ARGUMENT when it is not from 1 to `max`.
 */
export const parsePageLimit = (value: unknown, max = MAX_PAGE): number => {
  if (isAbsent(value)) return MAX_PAGE;
  const limit = Number(value);
  if (value === '' || !Number.isInteger(limit) || limit < 1 || limit > max) {
    throw invalid(`limit must be an integer from 1 to ${max}`);
  }
  return limit;
};

const tokenAfter = (last: string): string =>
  Buffer.from(JSON.stringify({ after: last })).toString('base64url');

/** Reads the last key of the previous page; `''`, which sorts before all keys, for the first page. */
export const parsePageToken = (token: unknown): string => {
  if (isAbsent(token) || token === '') return '';
  try {
    const { after } = JSON.parse(Buffer.from(String(token), 'base64url').toString('utf8'));
    if (typeof after === 'string') return after;
  } catch {}
  throw invalid('Invalid pagination token');
};

/** Cuts a list to a page. `items` must contain at least one item more than `limit` when there is a next page. */
export const cutPage = <T>(
  items: T[],
  limit: number,
  key: (item: T) => string,
): { items: T[]; next: NextPage } => {
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  const goesOn = items.length > limit && last !== undefined;
  return { items: shown, next: goesOn ? { pagination: { next: tokenAfter(key(last)) } } : {} };
};
