// Places in the text of JSON, for readers that do without JSON.parse where they know what comes.

export const QUOTE = 34;
const BACKSLASH = 92;
export const ZERO = 48;

/** A longer slice would keep the whole text of its event in memory. V8 copies shorter ones. */
const MAX_SLICED = 12;

export const isDigit = (code: number): boolean => code >= ZERO && code < ZERO + 10;

/** Where the quote stands that ends the string whose characters begin at `from`; the data's length or more without one. */
export const endOfString = (data: string, from: number): number => {
  let at = from;
  while (at < data.length && data.charCodeAt(at) !== QUOTE) at += data.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
};

/** The value of a JSON string between its quotes; undefined if there is no one string between them. */
export const stringBetween = (data: string, from: number, to: number): string | undefined => {
  if (to - from <= MAX_SLICED && isPlain(data, from, to)) return data.slice(from, to);
  try {
    return JSON.parse(data.slice(from - 1, to + 1));
  } catch {
    return undefined;
  }
};

const isPlain = (data: string, from: number, to: number): boolean => {
  for (let at = from; at < to; at += 1) {
    const code = data.charCodeAt(at);
    if (code < 32 || code === QUOTE || code === BACKSLASH) return false;
  }
  return true;
};
