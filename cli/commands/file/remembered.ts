import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { isObject } from '../../../lib/json/value.ts';
import type { Fields } from './input/defaults.ts';
import type { LocalFile } from './input/local-file.ts';

/** The way in which a file was uploaded from this machine: `retry` and `watch` go by it. */
export type Remembered = {
  path: string;
  size: number;
  mtimeMs: number;
  /** The fields that options gave, without those of a `.defaults.json`. */
  own: Fields;
  /** All fields that it was uploaded with. */
  fields: Fields;
};

const placeOf = (id: string): string =>
  join(process.env.XDG_STATE_HOME || join(homedir(), '.local/state'), 'everytoken/files', `${id}.json`);

/** Keeps it below the person's folder for states, readable by the person alone. A full or read-only disk is no error. */
export const remember = async (
  id: string,
  { path, size, mtimeMs }: LocalFile,
  { own, fields }: Pick<Remembered, 'own' | 'fields'>,
): Promise<void> => {
  const place = placeOf(id);
  const text = JSON.stringify({ path: resolve(path), size, mtimeMs, own, fields } satisfies Remembered);
  try {
    await mkdir(join(place, '..'), { recursive: true, mode: 0o700 });
    await writeFile(place, text, { mode: 0o600 });
  } catch {
    // `retry` then takes the options of `run` again.
  }
};

export const recall = async (id: string): Promise<Remembered | undefined> => {
  try {
    const value: unknown = JSON.parse(await readFile(placeOf(id), 'utf8'));
    return isObject(value) && isObject(value.own) && isObject(value.fields)
      ? (value as Remembered)
      : undefined;
  } catch {
    return undefined;
  }
};
