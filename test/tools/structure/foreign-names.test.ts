import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { findForeignNames } from '../../../tools/structure/foreign-names.ts';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The findings in a project with one file of this text. */
const findingsIn = (...lines: string[]): string[] => {
  const root = mkdtempSync(join(tmpdir(), 'everytoken-names-'));
  made.push(root);
  mkdirSync(join(root, 'lib'));
  writeFileSync(join(root, 'tsconfig.json'), '{"compilerOptions": {"strict": true}, "include": ["lib"]}');
  writeFileSync(join(root, 'lib/a.ts'), lines.join('\n'));
  return findForeignNames(root, ['lib']);
};

test('a name of any text looked up in an object is found: read, written, or asked for with in', () => {
  expect(
    findingsIn(
      'export const read = (map: Record<string, number>, name: string) => map[name];',
      'export const write = (map: Record<string, number>, name: string) => {',
      '  map[name] = 1;',
      '};',
      'export const has = (map: object, name: string) => name in map;',
      "export const prefixed = (map: Record<string, number>, name: string) => map['x' + name];",
    ),
  ).toEqual([
    'lib/a.ts:1 map[name]',
    'lib/a.ts:3 map[name]',
    'lib/a.ts:5 name in map',
    "lib/a.ts:6 map['x' + name]",
  ]);
});

test('lists, own names and names of a fixed set are no findings', () => {
  expect(
    findingsIn(
      'export const at = (list: string[], index: number) => list[index];',
      "export const fixed = (map: { a: number; b: number }, name: 'a' | 'b') => map[name];",
      'export const generic = <T extends object, K extends keyof T>(map: T, name: K) => map[name];',
      "export const literal = (map: object) => 'a' in map;",
      'export const mapped = (map: Map<string, number>, name: string) => map.get(name);',
    ),
  ).toEqual([]);
});
