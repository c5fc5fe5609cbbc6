/** The format of a prompt file, which its extension tells (docs/files.md). */
export type Format = 'text' | 'json' | 'jsonl' | 'csv';

const MIB = 1024 * 1024;

export const MAX_BYTES: { [Name in Format]: number } = {
  text: MIB,
  json: 16 * MIB,
  jsonl: 1024 * MIB,
  csv: 1024 * MIB,
};

const FORMATS = new Map<string, Format>([
  ['txt', 'text'],
  ['md', 'text'],
  ['json', 'json'],
  ['jsonl', 'jsonl'],
  ['csv', 'csv'],
]);

const TITLES: { [Name in Format]: string } = {
  text: 'one prompt',
  json: 'requests as JSON',
  jsonl: 'requests, one a line',
  csv: 'a table',
};

export const ACCEPTED = [...FORMATS.keys()].map((extension) => `.${extension}`).join(',');

/** Defaults for the file beside it: `topics.csv.defaults.json`. */
const SIDECAR = '.defaults.json';

/** Characters that no name may have: separators, invisible ones, and those that turn its direction. */
const NOT_IN_A_NAME = /[/\\\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;
const LONGEST_NAME = 200;
const WORKBOOK = /\.(xlsx?|xlsm|xlsb|ods|numbers)$/i;

/** A file as a prompt file, defaults for the file `of`, or refused with what to do. */
export type Recognised = { format: Format; title: string } | { defaultsOf: string } | { refused: string };

/** Recognises a file by its name and its bytes; nothing of it is read or sent. */
export const recognise = ({ name, size }: { name: string; size: number }): Recognised => {
  if (WORKBOOK.test(name))
    return {
      refused: 'A workbook is not read: save it as “CSV UTF-8” (File > Save As), and drop that file.',
    };
  const isUnsound = NOT_IN_A_NAME.test(name) || !name.isWellFormed() || name.length > LONGEST_NAME;
  if (isUnsound)
    return { refused: 'Its name has over 200 characters, or some that cannot be seen: rename the file.' };
  if (name.toLowerCase().endsWith(SIDECAR)) return { defaultsOf: name.slice(0, -SIDECAR.length) };
  const format = formatOf(name);
  if (format === undefined)
    return { refused: 'Not a file of prompts: its name must end in .csv, .jsonl, .json, .txt or .md.' };
  if (size === 0) return { refused: 'The file is empty: it needs a prompt.' };
  if (size > MAX_BYTES[format])
    return {
      refused: `It has ${bytesText(size)}; ${extensionsOf(format)} may have ${bytesText(MAX_BYTES[format])}. ${remedyFor(format)}`,
    };
  return { format, title: TITLES[format] };
};

const formatOf = (name: string): Format | undefined => {
  const dot = name.lastIndexOf('.');
  return dot === -1 ? undefined : FORMATS.get(name.slice(dot + 1).toLowerCase());
};

const extensionsOf = (format: Format): string =>
  [...FORMATS].flatMap(([extension, own]) => (own === format ? [`a .${extension}`] : [])).join(' or ');

const remedyFor = (format: Format): string =>
  format === 'csv' || format === 'jsonl'
    ? 'Split it into several files.'
    : 'Split it, or use .jsonl or .csv.';

/** Bytes in the unit that fits: `512 B`, `1.4 MiB`. */
export const bytesText = (bytes: number): string => {
  const power = Math.min(3, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  if (power === 0) return `${bytes} B`;
  const value = bytes / 1024 ** power;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${'KMG'[power - 1]}iB`;
};
