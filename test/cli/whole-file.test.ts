import { spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { beginningOf, requireWritable, writeWhole } from '../../cli/whole-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'everytoken-whole-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function* pieces(...texts: (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    if (text instanceof Error) throw text;
    yield Buffer.from(text);
  }
}

test('a file takes its name once it is whole, and what was there stays until then', async () => {
  const path = join(folder, 'a.csv');
  writeFileSync(path, 'earlier');
  await expect(writeWhole(path, pieces('new', new Error('broken')))).rejects.toThrow('broken');
  expect(readFileSync(path, 'utf8')).toBe('earlier');
  expect(await writeWhole(path, pieces('new', 'er'))).toBe(5);
  expect(readFileSync(path, 'utf8')).toBe('newer');
  expect(readdirSync(folder)).toEqual(['a.csv']);
});

test('writes where a symbolic link leads, and keeps the link', async () => {
  mkdirSync(join(folder, 'elsewhere'));
  const target = join(folder, 'elsewhere/b.csv');
  const link = join(folder, 'b.csv');
  writeFileSync(target, '');
  symlinkSync(target, link);
  await requireWritable(link, '--out');
  await writeWhole(link, pieces('b'));
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, 'utf8')).toBe('b');
});

test('takes a name as long as the file system takes one', async () => {
  const path = join(folder, `${'語'.repeat(83)}.csv`);
  await requireWritable(path, '--out');
  await writeWhole(path, pieces('c'));
  expect(await beginningOf(path, 100)).toBe('c');
});

test('refuses a folder, a pipe, a place in no folder and a name that is too long', async () => {
  const pipe = join(folder, 'pipe.csv');
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
  const file = join(folder, 'file.csv');
  writeFileSync(file, '');
  const refusalOf = (path: string) => requireWritable(path, '--out').catch(({ message }: Error) => message);
  expect(await Promise.all([folder, pipe, '/dev/null'].map(refusalOf))).toEqual(
    [folder, pipe, '/dev/null'].map((path) => `--out ${path}: it is no file; give the path of one`),
  );
  expect(await refusalOf(join(folder, 'none/d.csv'))).toMatch(
    /none\/d.csv: it cannot be written; give a path in/,
  );
  expect(await refusalOf(join(file, 'd.csv'))).toMatch(
    /it cannot be written \(ENOTDIR\); give another path$/,
  );
  expect(await refusalOf(join(folder, 'x'.repeat(300)))).toMatch(/\(ENAMETOOLONG\); give another path$/);
});

test('a disk that does not take the bytes is named with the remedy', async () => {
  const path = join(folder, 'none/e.csv');
  await expect(writeWhole(path, pieces('e'))).rejects.toThrow(
    `${path} cannot be written: ENOENT; give another path`,
  );
});
