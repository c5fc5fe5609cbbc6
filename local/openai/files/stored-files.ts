import { randomUUID } from 'node:crypto';
import {
  createReadStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '../api-error.ts';

/** A file as OpenAI's API shows it: https://platform.openai.com/docs/api-reference/files/object */
export type StoredFile = {
  id: string;
  object: 'file';
  bytes: number;
  created_at: number;
  filename: string;
  purpose: string;
  status: 'processed';
  expires_at?: number;
};

export const newId = (prefix: string): string => `${prefix}${randomUUID().replaceAll('-', '')}`;
export const nowSeconds = (): number => Math.floor(Date.now() / 1000);

/** Writes a small JSON file atomically: a reader, or a restart after kill -9, finds either the old or the new one. */
export const writeWhole = (path: string, value: object): void => {
  writeFileSync(`${path}.new`, JSON.stringify(value));
  renameSync(`${path}.new`, path);
};

const ID = /^file-[0-9a-z]{1,64}$/;

/** Opens the files of a folder. `{id}.bin` holds the bytes; the file exists once `{id}.json` is written. */
export const openStoredFiles = (dir: string) => {
  mkdirSync(dir, { recursive: true });
  const pathOf = (id: string, ending: string) => join(dir, `${id}.${ending}`);
  const get = (id: string): StoredFile => {
    try {
      if (ID.test(id)) return JSON.parse(readFileSync(pathOf(id, 'json'), 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    throw new ApiError(404, `No such File object: ${id.slice(0, 80)}`, 'id', null);
  };
  const writeRecord = (
    id: string,
    own: Pick<StoredFile, 'filename' | 'purpose'> & { expires_at?: number },
  ): StoredFile => {
    const { size: bytes } = statSync(pathOf(id, 'bin'));
    const file: StoredFile = {
      id,
      object: 'file',
      bytes,
      created_at: nowSeconds(),
      status: 'processed',
      ...own,
    };
    writeWhole(pathOf(id, 'json'), file);
    return file;
  };
  return {
    get,
    add: (
      bytes: Uint8Array,
      own: Pick<StoredFile, 'filename' | 'purpose'> & { expires_at?: number },
    ): StoredFile => {
      const id = newId('file-');
      writeFileSync(pathOf(id, 'bin'), bytes);
      return writeRecord(id, own);
    },
    /** Moves a file from elsewhere on the same disk into the folder. Safe to repeat after it was moved. */
    adopt: (id: string, path: string, own: Pick<StoredFile, 'filename' | 'purpose'>): StoredFile => {
      try {
        renameSync(path, pathOf(id, 'bin'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
      return writeRecord(id, own);
    },
    list: (): StoredFile[] =>
      readdirSync(dir)
        .filter((name) => name.endsWith('.json'))
        .map((name) => get(name.slice(0, -'.json'.length)))
        .sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? 1 : -1)),
    open: (id: string) => createReadStream(pathOf(get(id).id, 'bin')),
    delete: (id: string): void => {
      get(id);
      rmSync(pathOf(id, 'json'));
      rmSync(pathOf(id, 'bin'), { force: true });
    },
  };
};

export type StoredFiles = ReturnType<typeof openStoredFiles>;
