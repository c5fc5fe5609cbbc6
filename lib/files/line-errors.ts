/** The lines of a file that have no text, by the code of their error: how many, and the numbers of the first ones. */
export type LineErrors = { code: string; count: number; lines: number[] };

/** Line numbers kept for each code. */
const FIRST_LINES = 20;
/** Codes told apart, so that a file's item stays small; lines of further ones are counted as `other`. */
const MAX_CODES = 20;
const OTHER = 'other';

/** The code as it is counted: our own codes are such names, and any other is made one. */
export const countedCode = (code: string): string => code.replace(/\W/g, '_').slice(0, 64);

/** Adds errors up by code, those of most lines first. */
export const addErrors = (all: readonly LineErrors[]): LineErrors[] => {
  const known = new Set(all.map(({ code }) => code).filter((code) => code !== OTHER));
  const told = new Set([...known].slice(0, MAX_CODES));
  const byCode = Map.groupBy(all, ({ code }) => (told.has(code) ? code : OTHER));
  return [...byCode]
    .map(([code, parts]) => sumOf(code, parts))
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
};

const sumOf = (code: string, parts: readonly LineErrors[]): LineErrors => ({
  code,
  count: parts.reduce((sum, { count }) => sum + count, 0),
  lines: firstOf(parts.flatMap(({ lines }) => lines)),
});

const firstOf = (lines: readonly number[]): number[] =>
  [...new Set(lines)].sort((a, b) => a - b).slice(0, FIRST_LINES);

/** The errors of lines, given by code. */
export const errorsBy = (lines: Readonly<Record<string, readonly number[]>>): LineErrors[] =>
  Object.entries(lines).map(([code, own]) => ({ code, count: own.length, lines: firstOf(own) }));

/** The errors of lines, given one by one. */
export const errorsOf = (failed: readonly { line: number; code: string }[]): LineErrors[] =>
  addErrors(failed.map(({ line, code }) => ({ code: countedCode(code), count: 1, lines: [line] })));
