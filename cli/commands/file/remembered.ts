import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isObject } from '../../../lib/json/value.ts';
import type { Fields } from './input/defaults.ts';

/** The way in which a file was uploaded from this machine: `retry` and `watch` go by it. */
export type Remembered = {
  /** Absolute. */
  path: string;
  size: number;
  mtimeMs: number;
  /** The fields that options gave, without those of a `.defaults.json`. */
  own: Fields;
  /** All fields that it was uploaded with. */
  fields: Fields;
};

/** An id of the API becomes a file's name only if it is one. */
const placeOf = (id: string): string => {
  if (!/^file_[0-9a-z]+$/.test(id)) throw new Error(`${id} is no id of a file`);
  return join(
    process.env.XDG_STATE_HOME || join(homedir(), '.local/state'),
    'everytoken/files',
    `${id}.json`,
  );
};

/** Keeps it below the person's folder for states, readable by the person alone. A full or read-only disk is no error. */
export const remember = async (id: string, upload: Remembered): Promise<void> => {
  try {
    const place = placeOf(id);
    await mkdir(dirname(place), { recursive: true, mode: 0o700 });
    await writeFile(place, JSON.stringify(upload), { mode: 0o600 });
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
