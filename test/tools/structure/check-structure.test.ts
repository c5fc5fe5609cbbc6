import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { checkStructure, LIB_ORDER } from '../../../tools/structure/check-structure.ts';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Checks a project of these files. */
const check = (files: Record<string, string>) => {
  const root = mkdtempSync(join(tmpdir(), 'everytoken-structure-'));
  made.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return checkStructure(root, ['lib']);
};

test('imports that point down and form no circle pass the check', async () => {
  const found = await check({
    'lib/errors.ts': 'export class AnyError extends Error {}\n',
    'lib/runs/run.ts': "import { AnyError } from '../errors.ts';\nexport type Run = { error: AnyError };\n",
    'lib/http/runs/routes.ts':
      "import type { Run } from '../../runs/run.ts';\nexport const of = (run: Run) => run;\n",
  });
  expect(found).toEqual({ files: 3, circles: [], upward: [], unplaced: [] });
});

test('a circle is reported once, even one of type imports alone', async () => {
  const { circles } = await check({
    'lib/runs/run.ts': "import type { View } from './view.ts';\nexport type Run = { view: View };\n",
    'lib/runs/view.ts': "import type { Run } from './run.ts';\nexport type View = { run: Run };\n",
  });
  expect(circles.map((circle) => circle.toSorted())).toEqual([['lib/runs/run.ts', 'lib/runs/view.ts']]);
});

test('an import from a folder above is reported, even of a type alone', async () => {
  const { upward } = await check({
    'lib/runs/run.ts':
      "import type { Sweep } from '../operate/sweep.ts';\nexport type Run = { by: Sweep };\n",
    'lib/operate/sweep.ts': 'export type Sweep = { at: number };\n',
  });
  expect(upward).toEqual(['lib/runs/run.ts -> lib/operate/sweep.ts']);
});

test('a domain folder that imports an adapter is reported', async () => {
  const { upward } = await check({
    'lib/files/view.ts': "import { clock } from '../adapters/system.ts';\nexport const now = clock;\n",
    'lib/adapters/system.ts': 'export const clock = 1;\n',
  });
  expect(upward).toEqual(['lib/files/view.ts -> lib/adapters/system.ts']);
});

test('a folder of lib without a place in the order is named', async () => {
  const { unplaced } = await check({ 'lib/helpers/any.ts': 'export const any = 1;\n' });
  expect(unplaced).toEqual(['helpers']);
});

test('every folder in the order exists', async () => {
  const { unplaced, files } = await checkStructure(join(import.meta.dirname, '../../..'), ['lib']);
  expect(unplaced).toEqual([]);
  expect(files).toBeGreaterThan(LIB_ORDER.length);
});
