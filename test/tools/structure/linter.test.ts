import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Findings of the project's linter, with its own settings, in a project of these files: `file: rule`. */
const lint = (files: Record<string, string>): string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'everytoken-linter-'));
  made.push(folder);
  const { $schema: _, vcs: __, ...settings } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  for (const [path, text] of Object.entries({ ...files, 'biome.json': JSON.stringify(settings) })) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const options = { cwd: folder, encoding: 'utf8', stdio: 'pipe' } as const;
  try {
    execFileSync(
      process.execPath,
      [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '.'],
      options,
    );
    return [];
  } catch (error) {
    const { diagnostics } = JSON.parse((error as { stdout: string }).stdout) as {
      diagnostics: { category: string; location: { path: string | { file: string } } }[];
    };
    return diagnostics.map(({ category, location: { path } }) => {
      const file = typeof path === 'string' ? path : path.file;
      return `${file}: ${category.split('/').at(-1)}`;
    });
  }
};

test('the linter accepts imports that point inward', () => {
  const found = lint({
    'functions/any.ts': "import { run } from '../lib/runs/run.ts';\nexport const handler = run;\n",
    'lib/runs/run.ts': 'export const run = 1;\n',
  });
  expect(found).toEqual([]);
});

test('the linter refuses a circle of type imports', () => {
  const found = lint({
    'lib/runs/run.ts': "import type { View } from './view.ts';\nexport type Run = { view: View };\n",
    'lib/runs/view.ts': "import type { Run } from './run.ts';\nexport type View = { run: Run };\n",
  });
  expect(found).toEqual(['lib/runs/run.ts: noImportCycles', 'lib/runs/view.ts: noImportCycles']);
});

test.each([
  ['lib/runs/run.ts', '../../tools/any.ts'],
  ['lib/runs/run.ts', '../../test/any.ts'],
  ['lib/runs/run.ts', '../../local/any.ts'],
  ['lib/runs/run.ts', '../../cli/any.ts'],
  ['lib/runs/run.ts', '../../functions/any.ts'],
  ['lib/runs/run.ts', '../adapters/aws/any.ts'],
  ['lib/adapters/aws/client-options.ts', '../../../tools/any.ts'],
  ['lib/adapters/aws/client-options.ts', '../../../test/any.ts'],
  ['functions/api.ts', '../tools/any.ts'],
  ['functions/api.ts', '../local/any.ts'],
  ['local/start-stack.ts', '../lib/any.ts'],
  ['local/start-stack.ts', '../tools/any.ts'],
])('the linter refuses %s an import of %s', (file, imported) => {
  const found = lint({
    [file]: `import { any } from '${imported}';\nexport const made = any;\n`,
    [join(dirname(file), imported)]: 'export const any = 1;\n',
  });
  expect(found).toEqual([`${file}: noRestrictedImports`]);
});

test('the linter refuses SDKs and the environment in the domain', () => {
  const found = lint({
    'lib/runs/run.ts':
      "import OpenAI from 'openai';\nexport const client = new OpenAI({ apiKey: process.env.KEY });\n",
  });
  expect(found.toSorted()).toEqual(['lib/runs/run.ts: noProcessEnv', 'lib/runs/run.ts: noRestrictedImports']);
});
