import {
  chmodSync,
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
import { afterAll, describe, expect, test } from 'vitest';
import {
  DATA_VERSION,
  dataFolderId,
  markVersion,
  openDataFolder,
  writeWhole,
} from '../../local/data-folder.ts';
import { StackError } from '../../local/stack-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'everytoken-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('openDataFolder', () => {
  test('creates a folder with its version in it, and opens it again', () => {
    const made = join(folder, 'a/b');
    for (let time = 0; time < 2; time++) openDataFolder(made);
    expect(readdirSync(made)).toEqual(['version.json']);
    expect(JSON.parse(readFileSync(join(made, 'version.json'), 'utf8'))).toEqual({ version: DATA_VERSION });
  });

  test('opens a folder of version 1, and marks it only once it is held', () => {
    const old = mkdtempSync(join(folder, 'old-'));
    writeFileSync(join(old, 'version.json'), '{"version": 1}');
    openDataFolder(old);
    expect(readFileSync(join(old, 'version.json'), 'utf8')).toBe('{"version": 1}');
    markVersion(old);
    expect(JSON.parse(readFileSync(join(old, 'version.json'), 'utf8'))).toEqual({ version: DATA_VERSION });
    openDataFolder(old);
  });

  test('throws with a remedy for a folder without write access', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const open = () => openDataFolder(join(file, 'below'));
    expect(open).toThrow(StackError);
    expect(open).toThrow(/cannot be written \(ENOTDIR\): set EVERYTOKEN_DATA_DIR/);
  });

  test.each([
    ['{"version": 3}', 'was written by a newer version of everytoken: update, or set EVERYTOKEN_DATA_DIR'],
    ['{"version": 0}', 'is of version 0,'],
    ['{"version": "1"}', 'is of version 1,'],
    ['{', 'is of version unknown,'],
  ])('leaves a folder whose version is %s unchanged', (text, message) => {
    const other = mkdtempSync(join(folder, 'other-'));
    writeFileSync(join(other, 'version.json'), text);
    expect(() => openDataFolder(other)).toThrow(message);
    expect(readFileSync(join(other, 'version.json'), 'utf8')).toBe(text);
  });
});

const modeOf = (...path: string[]): string => (lstatSync(join(...path)).mode & 0o7777).toString(8);

describe('the permissions of a data folder', () => {
  test('are its owner’s alone, when it is made', () => {
    const made = join(folder, 'private');
    openDataFolder(made);
    expect([modeOf(made), modeOf(made, 'version.json')]).toEqual(['700', '600']);
  });

  test('are mended when an earlier version made it, but for links and what is not of the stack', () => {
    const old = join(folder, 'open-to-all');
    mkdirSync(join(old, 'aws/dynamodb'), { recursive: true });
    const elsewhere = join(folder, 'elsewhere');
    writeFileSync(elsewhere, '');
    for (const name of ['version.json', 'stack.json', 'aws/dynamodb/000005.log', 'demo.log', 'notes.txt'])
      writeFileSync(join(old, name), name === 'version.json' ? '{"version": 1}' : '');
    symlinkSync(elsewhere, join(old, 'aws/link'));
    for (const path of [elsewhere, join(old, 'stack.json'), join(old, 'notes.txt')]) chmodSync(path, 0o666);
    for (const path of [old, join(old, 'aws'), join(old, 'aws/dynamodb')]) chmodSync(path, 0o755);
    openDataFolder(old);
    expect([modeOf(old), modeOf(old, 'aws'), modeOf(old, 'aws/dynamodb')]).toEqual(['700', '700', '700']);
    for (const name of ['version.json', 'stack.json', 'aws/dynamodb/000005.log', 'demo.log'])
      expect([name, modeOf(old, name)]).toEqual([name, '600']);
    expect([modeOf(old, 'notes.txt'), modeOf(elsewhere)]).toEqual(['666', '666']);
  });

  test('are left alone where users share a folder on purpose', () => {
    const shared = join(folder, 'shared');
    mkdirSync(shared);
    chmodSync(shared, 0o1777);
    expect(() => openDataFolder(shared)).toThrow(
      /is shared with other users: set EVERYTOKEN_DATA_DIR to a folder/,
    );
    expect([modeOf(shared), readdirSync(shared)]).toEqual(['1777', []]);
  });

  test.each([
    ['1777', /is shared with other users/],
    ['700', undefined],
  ])('in a folder of mode %s, whoever put a link there, writes nothing through it', (mode, refusal) => {
    const target = mkdtempSync(join(folder, 'target-'));
    writeFileSync(join(target, 'file'), 'precious');
    const trap = mkdtempSync(join(folder, 'trap-'));
    symlinkSync(join(target, 'file'), join(trap, '.writable'));
    chmodSync(trap, Number.parseInt(mode, 8));
    if (refusal) expect(() => openDataFolder(trap)).toThrow(refusal);
    else openDataFolder(trap);
    expect(readFileSync(join(target, 'file'), 'utf8')).toBe('precious');
    expect(lstatSync(join(trap, '.writable')).isSymbolicLink()).toBe(true);
  });
});

describe("a data folder's id", () => {
  test('is made once, and another one for each folder', () => {
    const [one, two] = [1, 2].map(() => mkdtempSync(join(folder, 'id-')));
    const id = dataFolderId(one ?? '');
    expect(id).toMatch(/^local-[0-9a-f]{16}$/);
    expect(dataFolderId(one ?? '')).toBe(id);
    expect(dataFolderId(two ?? '')).not.toBe(id);
  });

  test('is not replaced when its file is damaged', () => {
    const own = mkdtempSync(join(folder, 'id-'));
    writeFileSync(join(own, 'id.json'), '{"id": "lo');
    expect(() => dataFolderId(own)).toThrow(
      /id\.json does not hold the data folder's id: restore the file, or/,
    );
    expect(readFileSync(join(own, 'id.json'), 'utf8')).toBe('{"id": "lo');
  });
});

describe('writeWhole', () => {
  test('leaves the whole file and no temporary one', () => {
    const own = mkdtempSync(join(folder, 'whole-'));
    for (const value of [{ long: 'x'.repeat(10_000) }, { short: 1 }]) {
      writeWhole(join(own, 'stack.json'), value);
      expect(JSON.parse(readFileSync(join(own, 'stack.json'), 'utf8'))).toEqual(value);
    }
    expect(readdirSync(own)).toEqual(['stack.json']);
  });
});
