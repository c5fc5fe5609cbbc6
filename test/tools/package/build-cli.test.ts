import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildCli } from '../../../tools/package/build-cli.ts';

const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'everytoken-cli-'));
let outputs: Metafile['outputs'];
beforeAll(async () => {
  ({ outputs } = await buildCli(root, folder));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The output whose entry is this source file. */
const outputOf = (source: string): string =>
  Object.keys(outputs).find((path) => outputs[path]?.entryPoint === source) ?? expect.fail(source);

/** The packages in an output and in all that it imports when it is loaded. */
const packagesLoadedBy = (path: string, seen = new Set<string>()): string[] => {
  if (seen.has(path)) return [];
  seen.add(path);
  const { inputs = {}, imports = [] } = outputs[path] ?? {};
  const own = Object.keys(inputs).flatMap(
    (input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? [],
  );
  const further = imports
    .filter(({ kind, external }) => kind === 'import-statement' && !external)
    .flatMap(({ path }) => packagesLoadedBy(path, seen));
  return [...new Set([...own, ...further])].sort();
};

test('--help loads the parser of commands and no other package', () => {
  expect(packagesLoadedBy(outputOf('cli/everytoken.ts'))).toEqual([
    '@commander-js/extra-typings',
    'commander',
  ]);
});

const LIGHT =
  /^(@colors\/colors|commander|@commander-js\/extra-typings|cli-table3|(string|get-east-asian)-width|(wrap|strip)-ansi|ansi-(styles|regex)|emoji-regex|is-fullwidth-code-point|eventsource-parser)$/;

test('each command loads clients of other services only when it runs', () => {
  // By the loaders of the table: a command's own modules, loaded when it runs, are outputs of their own, too.
  const table = readFileSync(join(root, 'cli/commands.ts'), 'utf8');
  const commands = [...table.matchAll(/import\('\.\/(commands\/[^']+)'\)/g)].map(([, path]) => `cli/${path}`);
  expect(commands).toContain('cli/commands/models.ts');
  const heavy = commands.map((command) => [
    command,
    packagesLoadedBy(outputOf(command)).filter((name) => !LIGHT.test(name)),
  ]);
  expect(heavy.filter(([, packages]) => packages?.length)).toEqual([]);
});

test('nothing of the local stack is in it', () => {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  expect(inputs.filter((path) => /dynalite|fauxqs|energetic-ai|local\/aws/.test(path))).toEqual([]);
});

test('the licences of all packages in it are beside it', () => {
  const notices = readFileSync(join(folder, 'THIRD-PARTY.txt'), 'utf8');
  for (const name of packagesLoadedBy(relative(root, join(root, outputOf('cli/everytoken.ts')))))
    expect(notices).toMatch(new RegExp(`^${name} \\d`, 'm'));
  expect(notices).toContain('MIT License');
});
