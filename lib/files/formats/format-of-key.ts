/** The format of a prompt file: one prompt, a JSON value, JSON lines, or a table with a header. */
export type PromptFormat = 'text' | 'json' | 'jsonl' | 'csv';

const MIB = 1024 * 1024;

/** Upper bound of a file's bytes. `.jsonl` and `.csv` are read as streams, the others whole. */
export const MAX_FILE_BYTES: Record<PromptFormat, number> = {
  text: MIB,
  json: 16 * MIB,
  jsonl: 1024 * MIB,
  csv: 1024 * MIB,
};

export const CONTENT_TYPES: Record<PromptFormat, string> = {
  text: 'text/plain; charset=utf-8',
  json: 'application/json',
  jsonl: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
};

/** Upper bound of the bytes of one line of `.jsonl` or one row of `.csv`. */
export const MAX_RECORD_BYTES = MIB;

/** Upper bound of the prompts in a file. */
export const MAX_PROMPTS = 100_000;

const FORMATS = new Map<string, PromptFormat>([
  ['txt', 'text'],
  ['md', 'text'],
  ['json', 'json'],
  ['jsonl', 'jsonl'],
  ['csv', 'csv'],
]);

const SIDECAR = '.defaults.json';

/**
 * The format of a key, by its extension in any case; `defaults` for a sidecar. `undefined` for any other object, a
 * folder marker included.
 */
export const formatOfKey = (key: string): PromptFormat | 'defaults' | undefined => {
  const name = key.slice(key.lastIndexOf('/') + 1).toLowerCase();
  if (name.endsWith(SIDECAR)) return 'defaults';
  const dot = name.lastIndexOf('.');
  return dot === -1 ? undefined : FORMATS.get(name.slice(dot + 1));
};

/** The key of a prompt file's sidecar, an optional object with its defaults. */
export const sidecarKeyOf = (key: string): string => `${key}${SIDECAR}`;
