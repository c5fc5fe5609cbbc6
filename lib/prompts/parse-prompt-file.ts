import { InvalidInputError } from '../errors.ts';
import { canonicalJson } from '../runs/canonical-json.ts';
import { type FileLineEntry, LINES_PER_BLOCK } from './prompt-file.ts';

export type FileFormat = 'text' | 'json';

/** Bytes a file may have, by its format. */
export const MAX_FILE_BYTES: Record<FileFormat, number> = { text: 1024 * 1024, json: 16 * 1024 * 1024 };

/** What a key's extension says; `unserved` formats are known but not read yet, `undefined` ones are no prompt files. */
export const formatOfKey = (key: string): FileFormat | 'unserved' | undefined => {
  const extension = /\.([a-z]+)$/i.exec(key)?.[1]?.toLowerCase();
  if (extension === 'txt') return 'text';
  if (extension === 'json') return key.endsWith('.defaults.json') ? undefined : 'json';
  return extension !== undefined && ['md', 'jsonl', 'csv'].includes(extension) ? 'unserved' : undefined;
};

const refuse = (code: string, message: string): never => {
  throw new InvalidInputError([{ path: '', message }], { code });
};

/**
 * The lines of a prompt file: one for `.txt`, one for each run request of a `.json`. A line's own faults are not
 * looked at here. Throws `InvalidInputError` with `empty`, `bad_encoding`, `invalid_json` or `too_many_prompts`.
 */
export const parsePromptFile = (bytes: Uint8Array, format: FileFormat): FileLineEntry[] => {
  const text = decode(bytes);
  if (text.trim() === '') refuse('empty', 'the file is empty');
  const bodies = format === 'text' ? [{ prompt: text.replaceAll('\r\n', '\n').trim() }] : jsonBodies(text);
  if (bodies.length === 0) refuse('empty', 'the file holds no prompt');
  if (bodies.length > LINES_PER_BLOCK) {
    refuse(
      'too_many_prompts',
      `the file holds ${bodies.length} prompts; at most ${LINES_PER_BLOCK} are read`,
    );
  }
  const seen = new Map<string, number>();
  return bodies.map((body, at) => {
    const json = canonicalJson(body);
    const occurrence = seen.get(json) ?? 0;
    seen.set(json, occurrence + 1);
    return { line: at + 1, occurrence, body };
  });
};

const decode = (bytes: Uint8Array): string => {
  try {
    // The decoder takes a byte order mark away.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse('bad_encoding', 'the file is not UTF-8; save it as UTF-8 and drop it again');
  }
};

const jsonBodies = (text: string): unknown[] => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('invalid_json', 'the file is not JSON: it must be a run request or an array of them');
  }
  // Whoever walks a value by recursion must be safe from its author.
  if (isDeeperThan(MAX_DEPTH, value))
    refuse('invalid_json', `the file is nested deeper than ${MAX_DEPTH} levels`);
  return Array.isArray(value) ? value : [value];
};

const MAX_DEPTH = 64;

const isDeeperThan = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((field) => isDeeperThan(levels - 1, field)));
