import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keptFolder, MissingTool, requirePrograms } from '../../../tools/verify/programs/prepare.ts';

let folder: string;
const { PATH } = process.env;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'everytoken-tools-'));
});
afterEach(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true, force: true });
});

describe('the programs that the verification needs', () => {
  test('are named by their packages when they are missing, all at once', () => {
    process.env.PATH = folder;
    writeFileSync(join(folder, 'make'), '', { mode: 0o755 });
    writeFileSync(join(folder, 'g++'), '', { mode: 0o644 });
    const ask = () => requirePrograms('make', 'g++', 'java');
    expect(ask).toThrow(MissingTool);
    expect(ask).toThrow('no g++, java: apt-get install g++ default-jre-headless');
  });

  test('are not mentioned when they are installed', () => {
    process.env.PATH = `${join(folder, 'absent')}:${folder}`;
    writeFileSync(join(folder, 'java'), '', { mode: 0o755 });
    expect(() => requirePrograms('java')).not.toThrow();
  });
});

describe('a cached folder', () => {
  test('is made once', async () => {
    let made = 0;
    const make = async (draft: string) => writeFileSync(join(draft, 'count'), String(++made));
    const kept = join(folder, 'a', 'kept');
    for (const _ of [1, 2]) expect(await keptFolder(kept, make)).toBe(kept);
    expect(readFileSync(join(kept, 'count'), 'utf8')).toBe('1');
  });

  test('does not exist when making it failed, and nothing else is left', async () => {
    const kept = join(folder, 'kept');
    const make = async (draft: string) => {
      writeFileSync(join(draft, 'half'), '');
      throw new Error('no network');
    };
    await expect(keptFolder(kept, make)).rejects.toThrow('no network');
    expect([kept, `${kept}.draft`].map((path) => existsSync(path))).toEqual([false, false]);
  });
});
