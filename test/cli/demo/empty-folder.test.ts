import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { emptyDemoFolder } from '../../../cli/demo/empty-folder.ts';
import { dataFolderId, holdDataFolder, openDataFolder } from '../../../local/data-folder.ts';
import { StackError } from '../../../local/stack-error.ts';

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'everytoken-demo-'));
  folder = join(parent, 'data');
});
afterEach(() => rmSync(parent, { recursive: true }));

const fill = () => {
  mkdirSync(join(folder, 'drop'), { recursive: true });
  writeFileSync(join(folder, 'drop', 'prompts.txt'), 'x');
};

test('the folder of an earlier demo is emptied, and a missing or empty one is prepared', () => {
  emptyDemoFolder(folder, false);
  openDataFolder(folder);
  fill();
  emptyDemoFolder(folder, false);
  expect(existsSync(join(folder, 'drop'))).toBe(false);
  expect(existsSync(join(folder, 'version.json'))).toBe(false);
});

test('the id of an emptied folder stays', () => {
  emptyDemoFolder(folder, false);
  const id = dataFolderId(folder);
  fill();
  emptyDemoFolder(folder, false);
  expect(dataFolderId(folder)).toBe(id);
});

test('the default folder is emptied even without the mark if it is a data folder', () => {
  openDataFolder(folder);
  fill();
  emptyDemoFolder(folder, true);
  expect(existsSync(join(folder, 'drop'))).toBe(false);
});

test('a folder with the data of another stack, or any other data, is not changed', () => {
  fill();
  const before = readdirSync(folder, { recursive: true });
  expect(() => emptyDemoFolder(folder, true)).toThrow(StackError);
  expect(readdirSync(folder, { recursive: true })).toEqual(before);
  openDataFolder(folder);
  expect(() => emptyDemoFolder(folder, false)).toThrow(/set EVERYTOKEN_DATA_DIR/);
  expect(existsSync(join(folder, 'drop', 'prompts.txt'))).toBe(true);
});

test('a folder in use by a running stack is not emptied', async () => {
  emptyDemoFolder(folder, false);
  openDataFolder(folder);
  fill();
  const hold = holdDataFolder(folder);
  expect(() => emptyDemoFolder(folder, false)).toThrow(/in use by another stack/);
  expect(existsSync(join(folder, 'drop', 'prompts.txt'))).toBe(true);
  await hold.close();
  emptyDemoFolder(folder, false);
  expect(existsSync(join(folder, 'drop'))).toBe(false);
});

test('a folder that cannot be created is an error with the remedy', () => {
  writeFileSync(folder, 'a file');
  expect(() => emptyDemoFolder(join(folder, 'below'), false)).toThrow(/cannot be emptied \(ENOTDIR\): set/);
});
