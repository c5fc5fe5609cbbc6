import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  formatOfKey,
  MAX_FILE_BYTES,
  type PromptFormat,
} from '../../../../lib/files/formats/format-of-key.ts';
import { fileNameSchema } from '../../../../lib/files/upload.ts';
import { CommandError } from '../../../command.ts';

/** A file of prompts on this machine. It is read in parts: a table has up to 1 GiB. */
export type LocalFile = {
  /** As it was given. */
  path: string;
  /** The last part of the path, by which the API knows it. */
  name: string;
  format: PromptFormat;
  size: number;
  mtimeMs: number;
  content: Blob;
};

const WORKBOOK = /\.(xlsx?|xlsm|xlsb|ods|numbers)$/i;

/** @throws {CommandError} when there is no such file, or none of prompts */
export const openLocalFile = async (path: string): Promise<LocalFile> => {
  const name = basename(path);
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile())
    throw new CommandError(
      found
        ? `${path} is no file; give a .csv, .jsonl, .json, .txt or .md`
        : `there is no file ${path}; check the path`,
    );
  if (WORKBOOK.test(name))
    throw new CommandError(
      `${path} is a workbook, which is not read; save it as "CSV UTF-8" (File > Save As) and give that file`,
    );
  const format = formatOfKey(name);
  if (format === 'defaults')
    throw new CommandError(`${path} holds defaults; give the file beside it, to which they apply`);
  if (format === undefined)
    throw new CommandError(
      `${path} is no file of prompts; its name ends in .csv, .jsonl, .json, .txt or .md`,
    );
  if (!fileNameSchema.safeParse(name).success)
    throw new CommandError(
      `the name of ${path} has more than 200 characters, or ones that cannot be seen; rename the file`,
    );
  if (found.size === 0) throw new CommandError(`${path} is empty; it needs a prompt`);
  if (found.size > MAX_FILE_BYTES[format])
    throw new CommandError(
      `${path} has ${found.size} bytes, of at most ${MAX_FILE_BYTES[format]} for a file of this kind; split it`,
    );
  return { path, name, format, size: found.size, mtimeMs: found.mtimeMs, content: await openAsBlob(path) };
};
