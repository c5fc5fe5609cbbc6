import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { PromptFile } from '../../../lib/files/prompt-file.ts';
import { fileIdOf } from '../../../lib/files/read/intake.ts';
import type { Clients } from './clients.ts';
import { writePromptFile } from './prompt-lines.ts';

export type Source = { path: string; bytes: number };

/** A file of so many lines on this machine. */
export const makeSource = async (folder: string, name: string, lines: number): Promise<Source> => {
  const path = join(folder, `${name}.jsonl`);
  return { path, bytes: await writePromptFile(path, lines) };
};

/** Puts a file of this machine into the bucket; gives the object's ETag. */
export const upload = ({ path, bytes }: Source, key: string, clients: Clients): Promise<string> =>
  clients.put(key, createReadStream(path), bytes);

const ASIDE = 'bench/etag';

/** The id that a file will have once it is put to `key`: its ETag is found out under a key that is no prompt file. */
export const idBeforehand = async (
  source: Source,
  key: string,
  clients: Clients,
): Promise<PromptFile['id']> => {
  const etag = await upload(source, ASIDE, clients);
  await clients.remove(ASIDE);
  return fileIdOf({ bucket: clients.bucket, key, etag });
};
