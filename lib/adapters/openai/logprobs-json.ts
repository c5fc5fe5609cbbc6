import {
  MAX_TOKEN_BYTES,
  MAX_TOKEN_CHARS,
  MAX_TOP,
  markAsRead,
  type ScoredToken,
  type TokenLogprob,
} from '../../runs/token-logprobs.ts';
import { endOfString, isDigit, stringBetween, ZERO } from './json-text.ts';

/** `end`: where the list ends in the data. */
type Scanned = { entries: TokenLogprob[]; end: number };

const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const OPENING_BRACKET = 91;
const CLOSING_BRACKET = 93;
const OPENING_BRACE = 123;
const CLOSING_BRACE = 125;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** A whole number of so many digits and a power of ten up to that are exact, so their quotient is the nearest number. */
const MAX_EXACT_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: MAX_EXACT_DIGITS + 1 }, (_, power) => 10 ** power);
const MAX_BYTE = 255;

/**
 * Makes a scanner of the lists of log probabilities that model servers send: entries of `token`, `logprob`, `bytes` and
 * `top_logprobs` alone, in any order, without spaces. For the list that begins at `from` it returns the value that
 * `JSON.parse` gives, in half the time. It returns undefined for any other list, and for one that `readTokenLogprobs`
 * would change.
 */
export const makeLogprobsScanner = (): ((data: string, from: number) => Scanned | undefined) => {
  let data = '';
  // Loops over characters count in a variable of their own: V8 keeps that in a register, and this one in memory.
  let at = 0;
  /** The bytes of a stream's tokens, by their text: most tokens come again and again. */
  const known = new Map<string, { bytes: number[]; json: string }>();

  const takeCode = (code: number): boolean => {
    if (data.charCodeAt(at) !== code) return false;
    at += 1;
    return true;
  };

  const take = (words: string): boolean => {
    const end = at + words.length;
    if (data.slice(at, end) !== words) return false;
    at = end;
    return true;
  };

  const takeToken = (): string | undefined => {
    const from = at;
    const end = endOfString(data, from);
    at = end + 1;
    const token = stringBetween(data, from, end);
    return token !== undefined && token.length <= MAX_TOKEN_CHARS && token.isWellFormed() ? token : undefined;
  };

  const takeNumber = (): number | undefined => {
    const from = data.charCodeAt(at) === MINUS ? at + 1 : at;
    let to = from;
    let digits = 0;
    let point: number | undefined;
    for (let code = data.charCodeAt(to); ; code = data.charCodeAt(to)) {
      if (isDigit(code)) digits = 10 * digits + code - ZERO;
      else if (code === POINT && point === undefined) point = to;
      else break;
      to += 1;
    }
    const decimals = point === undefined ? 0 : to - point - 1;
    const wholeDigits = (point ?? to) - from;
    const hasWhole = wholeDigits === 1 || (wholeDigits > 1 && data.charCodeAt(from) !== ZERO);
    const isPlain = hasWhole && point !== to - 1 && to - from <= MAX_EXACT_DIGITS && !isExponent(to);
    if (!isPlain) return takeAnyNumber();
    const value = digits / (POWERS_OF_TEN[decimals] ?? 1);
    const isNegative = from > at;
    at = to;
    return isNegative ? -value : value;
  };

  const isExponent = (place: number): boolean => (data.charCodeAt(place) | 32) === 101; // e or E

  const takeAnyNumber = (): number | undefined => {
    NUMBER.lastIndex = at;
    if (!NUMBER.test(data)) return undefined;
    const value = Number(data.slice(at, NUMBER.lastIndex));
    at = NUMBER.lastIndex;
    return Number.isFinite(value) ? value : undefined;
  };

  const takeBytes = (token: string | undefined): number[] | null | undefined => {
    const before = token === undefined ? undefined : known.get(token);
    if (before !== undefined && take(before.json)) return before.bytes;
    const bytes = take('null') ? null : takeNewBytes();
    if (bytes && token !== undefined) known.set(token, { bytes, json: JSON.stringify(bytes) });
    return bytes;
  };

  const takeNewBytes = (): number[] | undefined => {
    if (take('[]')) return [];
    const bytes: number[] = [];
    for (let code = OPENING_BRACKET; code !== CLOSING_BRACKET; ) {
      if (data.charCodeAt(at) !== code || bytes.length === MAX_TOKEN_BYTES) return undefined;
      const from = at + 1;
      let to = from;
      let byte = 0;
      for (code = data.charCodeAt(to); isDigit(code); code = data.charCodeAt(to)) {
        byte = 10 * byte + code - ZERO;
        to += 1;
      }
      const hasLeadingZero = to - from > 1 && data.charCodeAt(from) === ZERO;
      if (to === from || hasLeadingZero || byte > MAX_BYTE) return undefined;
      if (code !== COMMA && code !== CLOSING_BRACKET) return undefined;
      bytes.push(byte);
      at = to;
    }
    at += 1;
    return bytes.slice(); // a list that grew has room for 17
  };

  const takeList = <T>(takeOne: () => T | undefined, most: number): T[] | undefined => {
    if (!takeCode(OPENING_BRACKET)) return undefined;
    const list: T[] = [];
    if (takeCode(CLOSING_BRACKET)) return list;
    do {
      const one = takeOne();
      if (one === undefined || list.length === most) return undefined;
      list.push(one);
    } while (takeCode(COMMA));
    return takeCode(CLOSING_BRACKET) ? list.slice() : undefined;
  };

  const takeAlternative = (): ScoredToken | undefined => takeScored(false);
  const takeEntry = (): TokenLogprob | undefined => takeScored(true) as TokenLogprob | undefined;

  const takeScored = (isEntry: boolean): ScoredToken | TokenLogprob | undefined => {
    let token: string | undefined;
    let logprob: number | undefined;
    let bytes: number[] | null | undefined;
    let top_logprobs: ScoredToken[] | undefined;
    if (!takeCode(OPENING_BRACE)) return undefined;
    do {
      if (take('"token":"')) token = takeToken();
      else if (take('"logprob":')) logprob = takeNumber();
      else if (take('"bytes":')) bytes = takeBytes(token);
      else if (isEntry && take('"top_logprobs":')) top_logprobs = takeList(takeAlternative, MAX_TOP);
      else return undefined;
    } while (takeCode(COMMA));
    if (!takeCode(CLOSING_BRACE)) return undefined;
    if (token === undefined || logprob === undefined || bytes === undefined) return undefined;
    if (!isEntry) return { token, logprob, bytes };
    return top_logprobs && { token, logprob, bytes, top_logprobs };
  };

  return (text, from) => {
    data = text;
    at = from;
    const entries = takeList(takeEntry, Number.POSITIVE_INFINITY);
    return entries && { entries: markAsRead(entries), end: at };
  };
};
