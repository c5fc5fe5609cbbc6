import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { type DropFault, faultOf, isDefaults, isOfPrograms } from './drop-faults.ts';
import { visible } from './visible.ts';

/** News of the drop folder. `file` is a path below the data folder: `drop/products.csv`, `results/products.csv.csv`. */
export type DropEvent =
  | { type: 'taken_in'; file: string }
  | ({ type: 'passed_over'; file: string } & DropFault)
  /** The upload or the download failed with this code; it is tried again. */
  | { type: 'waiting'; file: string; code: string }
  | { type: 'result'; file: string };

export type DropFolderOptions = {
  client: S3Client;
  bucket: string;
  dataDir: string;
  /** The caller that the prompt files belong to. */
  caller: string;
  /** Names are as they are in the folder, so show them by `visible`. */
  tell: (event: DropEvent) => void;
};

const POLL_EVERY_MS = 500;
const UNCHANGED_FOR_MS = 1_000;

/**
 * Uploads each file in `drop/` as a prompt file of `caller`, once its size and time have been stable for a second, and
 * downloads results into `results/` as they appear; one that is gone from the bucket is removed there. Dropped files
 * stay where they are, and a changed or touched one is uploaded again. A file that an earlier process uploaded is skipped, since uploading it again could generate it again.
 */
export const watchDropFolder = ({ client, bucket, dataDir, caller, tell }: DropFolderOptions) => {
  const drop = join(dataDir, 'drop');
  const results = join(dataDir, 'results');
  const prefix = `results/prompts/@${caller}/`;
  for (const folder of [drop, results]) mkdirSync(folder, { recursive: true });
  const uploaded = new Map<string, string>();
  const fetched = new Map<string, string>();
  const seen = new Map<string, { state: string; since: number }>();
  const waiting = new Map<string, string>();
  const stop = new AbortController();

  /** Does what one file needs; `false` when it failed. A failure is told once, and tried again at the next look. */
  const attempt = async (name: string, work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      waiting.delete(name);
      return true;
    } catch (error) {
      if (stop.signal.aborted) throw error;
      const code = codeOf(error);
      if (waiting.get(name) !== code) tell({ type: 'waiting', file: name, code });
      waiting.set(name, code);
      return false;
    }
  };

  // Measured from the first sight of this state, not from the file's own time: a copy may keep its original's time.
  const isStable = (file: string, state: string): boolean => {
    const before = seen.get(file);
    if (before?.state === state) return performance.now() - before.since >= UNCHANGED_FOR_MS;
    seen.set(file, { state, since: performance.now() });
    return false;
  };

  const uploadNew = async () => {
    const names = droppedFiles(drop).map((file) => relative(drop, file));
    for (const name of names) {
      const file = join(drop, name);
      const stats = lstatSync(file, { throwIfNoEntry: false });
      if (!stats) continue; // removed meanwhile
      const { size, mtimeMs } = stats;
      const fault = faultOf({ name, size, isLink: stats.isSymbolicLink() }, names);
      const written = `${size} ${mtimeMs}`;
      // The fault of a file may come and go with another file.
      const state = fault ? `${written} ${fault.reason}` : written;
      if (uploaded.get(file) === state || !isStable(file, written)) continue;
      if (fault) {
        tell({ type: 'passed_over', file: `drop/${name}`, ...fault });
        uploaded.set(file, state);
        continue;
      }
      const isDone = await attempt(`drop/${name}`, async () => {
        await upload(name, readFileSync(file), uploaded.has(file) ? undefined : mtimeMs);
        uploaded.set(file, state);
      });
      if (!isDone && isDefaults(file)) return; // no prompt file must be read without its defaults
    }
  };

  /** Uploads a file; at the first look, with its time, only if it is not uploaded already. */
  const upload = async (name: string, Body: Buffer, mtimeMs: number | undefined): Promise<void> => {
    const Key = `prompts/@${caller}/${name.replaceAll('\\', '/')}`;
    if (mtimeMs !== undefined && (await isUploaded(Key, Body, mtimeMs))) return;
    await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }), { abortSignal: stop.signal });
    tell({ type: 'taken_in', file: `drop/${name}` });
  };

  /** Whether these bytes are uploaded already, by their MD5 or, for an object put in parts, by size and time. */
  const isUploaded = async (Key: string, body: Buffer, mtimeMs: number): Promise<boolean> => {
    try {
      const { ETag, ContentLength, LastModified } = await client.send(
        new HeadObjectCommand({ Bucket: bucket, Key }),
        { abortSignal: stop.signal },
      );
      const isSameSize = ContentLength === body.length && (LastModified?.getTime() ?? 0) >= mtimeMs;
      return ETag === `"${createHash('md5').update(body).digest('hex')}"` || isSameSize;
    } catch (error) {
      if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return false;
      throw error;
    }
  };

  const fetchResults = async () => {
    const listed = new Set<string>();
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client },
      { Bucket: bucket, Prefix: prefix },
    )) {
      for (const { Key = '', ETag = '' } of Contents) {
        listed.add(Key);
        // A key with a file id holds the results of one version of the file; the key without one has the newest.
        if (fetched.get(Key) === ETag || /\.file_[0-9a-z]{26}\./.test(Key)) continue;
        const file = fileOf(Key);
        await attempt(nameOf(file), async () => {
          await fetchResult(Key, file);
          fetched.set(Key, ETag);
        });
      }
    }
    // The newest version of a text may have no answer, and then that of the version before must not stand for one.
    for (const key of [...fetched.keys()].filter((own) => !listed.has(own))) {
      await attempt(nameOf(fileOf(key)), async () => {
        rmSync(fileOf(key), { force: true });
        fetched.delete(key);
      });
    }
  };

  const fileOf = (key: string): string => join(results, asPath(key.slice(prefix.length)));
  const nameOf = (file: string): string => `results/${relative(results, file)}`;

  const fetchResult = async (Key: string, file: string): Promise<void> => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }), {
      abortSignal: stop.signal,
    });
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    if (isSame(file, bytes)) return;
    mkdirSync(dirname(file), { recursive: true });
    // Renamed into place, so that no reader sees half of it.
    writeFileSync(join(dataDir, '.result'), bytes);
    renameSync(join(dataDir, '.result'), file);
    tell({ type: 'result', file: nameOf(file) });
  };

  const poll = async () => {
    while (!stop.signal.aborted) {
      await attempt('drop/', async () => {
        await uploadNew();
        await fetchResults();
      }).catch(() => undefined); // stopped
      await delay(POLL_EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const polling = poll();
  return {
    close: async () => {
      stop.abort();
      await polling;
    },
  };
};

const codeOf = (error: unknown): string => {
  const { code, name } = error as NodeJS.ErrnoException;
  return code ?? name;
};

/** Files of defaults come first, since a prompt file is read with its defaults as soon as it is uploaded. */
const droppedFiles = (drop: string): string[] =>
  readdirSync(drop, { recursive: true, withFileTypes: true })
    .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && !isOfPrograms(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => Number(isDefaults(b)) - Number(isDefaults(a)));

/** A key as a path below the results folder. In a key `..` and control characters are plain text; here they are replaced. */
const asPath = (key: string): string =>
  key
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .map((part) => (part === '..' ? '_' : visible(part).replaceAll('\\', '_')))
    .join('/');

const isSame = (file: string, bytes: Uint8Array): boolean =>
  existsSync(file) && readFileSync(file).equals(bytes);
