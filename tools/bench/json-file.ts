import { accessSync, constants, writeFileSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { UsageError } from '../command.ts';

/**
 * Checks the value of `--json` before minutes of measuring rather than after them.
 * @throws {UsageError} when nothing can be written to the file's folder
 */
export const checkWritable = (file: string | undefined): void => {
  if (file === undefined) return;
  const folder = dirname(resolve(file));
  try {
    accessSync(`${folder}${sep}`, constants.W_OK);
  } catch {
    throw new UsageError(`--json: nothing can be written to ${folder}`);
  }
};

/** Writes all figures of a benchmark, with what they were measured on, to the file of `--json`, if there is one. */
export const writeJson = (file: string | undefined, results: object): void => {
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
};
