import { isObject } from '../json/value.ts';

/** A token and the natural logarithm of its probability; null for one that the server did not tell. */
export type ScoredToken = {
  token: string;
  logprob: number | null;
  /** The token's bytes in UTF-8; null where it has none, or the server sent none. */
  bytes: number[] | null;
};

/** A token of an output as OpenAI's `logprobs` have it, with the most probable tokens at its place. */
export type TokenLogprob = ScoredToken & { top_logprobs: ScoredToken[] };

/** OpenAI's upper bound of `top_logprobs`. */
export const MAX_TOP = 20;
/** Tokens are cut here, and longer lists of bytes left out: no tokenizer has a token of that length. */
export const MAX_TOKEN_CHARS = 512;
export const MAX_TOKEN_BYTES = 4 * MAX_TOKEN_CHARS;

/** No JSON has it: the mark of a list that is as `readTokenLogprobs` returns it. */
const IS_READ = Symbol('is read');

/** Lets `readTokenLogprobs` return this list itself: all is within the bounds above. */
export const markAsRead = (entries: TokenLogprob[]): TokenLogprob[] => {
  (entries as { [IS_READ]?: boolean })[IS_READ] = true;
  return entries;
};

const isRead = (entries: readonly unknown[]): entries is TokenLogprob[] => IS_READ in entries;

/**
 * Reads entries of `logprobs` as a server sends them, one for each token. Servers differ, so what is missing or of
 * another shape is null or empty; there are always as many entries as were sent, since they count the tokens.
 */
export const readTokenLogprobs = (entries: readonly unknown[]): TokenLogprob[] =>
  isRead(entries)
    ? entries
    : entries.map((entry) => {
        const top = isObject(entry) && Array.isArray(entry.top_logprobs) ? entry.top_logprobs : [];
        const { token, logprob, bytes } = readScored(entry);
        return { token, logprob, bytes, top_logprobs: top.slice(0, MAX_TOP).map(readScored) };
      });

const readScored = (entry: unknown): ScoredToken => {
  const { token, logprob, bytes }: Record<string, unknown> = isObject(entry) ? entry : {};
  return {
    token: typeof token === 'string' ? shortened(token) : '',
    logprob: typeof logprob === 'number' && Number.isFinite(logprob) ? logprob : null,
    bytes: Array.isArray(bytes) && bytes.length <= MAX_TOKEN_BYTES && bytes.every(isByte) ? bytes : null,
  };
};

const shortened = (token: string): string =>
  token.length <= MAX_TOKEN_CHARS && token.isWellFormed()
    ? token
    : token.slice(0, MAX_TOKEN_CHARS).toWellFormed();

const isByte = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 256;

/** A token as it is stored: its bytes are left out where they are those of its text, as nearly all are. */
type StoredToken = [token: string, logprob: number | null, bytes?: number[] | null];

/** An entry as it is stored: the token itself, then those at its place. About 25 bytes for each of them. */
export type StoredLogprob = StoredToken[];

export const storeTokenLogprob = (entry: TokenLogprob): StoredLogprob => {
  const stored = [storeToken(entry)];
  for (const alternative of entry.top_logprobs) stored.push(storeToken(alternative));
  return stored;
};

/** Reverses `storeTokenLogprob`. */
export const restoreTokenLogprob = ([own, ...top]: StoredLogprob): TokenLogprob => ({
  ...restoreToken(own ?? ['', null, null]),
  top_logprobs: top.map(restoreToken),
});

const storeToken = ({ token, logprob, bytes }: ScoredToken): StoredToken =>
  bytes !== null && isUtf8Of(bytes, token) ? [token, logprob] : [token, logprob, bytes];

const restoreToken = ([token, logprob, ...rest]: StoredToken): ScoredToken => ({
  token,
  logprob,
  bytes: rest.length === 0 ? [...Buffer.from(token)] : (rest[0] ?? null),
});

/** Looks at the characters themselves as long as they are ASCII, as nearly all are: a `Buffer` for each token is dear. */
const isUtf8Of = (bytes: readonly number[], token: string): boolean => {
  let at = 0;
  for (; at < token.length; at++) {
    const code = token.charCodeAt(at);
    if (code >= 0x80) break;
    if (code !== bytes[at]) return false;
  }
  if (at === token.length) return bytes.length === at;
  const own = Buffer.from(token);
  return own.length === bytes.length && own.every((byte, place) => byte === bytes[place]);
};
