import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';
import type { Template } from './template.ts';

const home = resolve(import.meta.dirname, '../..');
/** Outside of the copies: a package run removes `.serverless` from its folder, and compiling the schemas takes seconds. */
const SCHEMA_CACHE = join(home, 'node_modules', '.cache', 'everytoken');
const copies: string[] = [];
afterAll(() => {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
});

/** Code for the function of a handler such as `functions/embed.handler`. */
export type CodeFor = (handler: string) => string;

const nothing: CodeFor = () => 'export const handler = async () => ({});\n';

/**
 * A copy of the project's definition in a folder of its own, to change or to package: serverless.yml, infra/ and
 * package.json as they are, node_modules by links. Functions of a few lines replace the real ones, since a template
 * does not depend on their code and bundling takes longer; `code: 'own'` uses the real ones. The folder is removed
 * after the last test of the file.
 */
export const copyProject = (code: CodeFor | 'own' = nothing): string => {
  const root = mkdtempSync(join(tmpdir(), 'everytoken-definition-'));
  copies.push(root);
  for (const name of ['serverless.yml', 'infra', 'package.json'])
    cpSync(join(home, name), join(root, name), { recursive: true });
  // One link per package, so that node_modules/.cache of a package run stays in the copy.
  mkdirSync(join(root, 'node_modules'));
  for (const name of readdirSync(join(home, 'node_modules')))
    if (name !== '.cache') symlinkSync(join(home, 'node_modules', name), join(root, 'node_modules', name));
  if (code === 'own') {
    for (const name of ['functions', 'lib', 'docs']) symlinkSync(join(home, name), join(root, name));
    return root;
  }
  const definition = readFileSync(join(root, 'serverless.yml'), 'utf8');
  for (const [, handler = ''] of definition.matchAll(/^\s+handler:\s*(\S+)/gm)) {
    const file = join(root, handler.replace(/\.\w+$/, '.ts'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, code(handler));
  }
  return root;
};

export type PackagedStage = { template: Template; folder: string; stdout: string; stderr: string };

/** The input of a deployment: parameters by `--param`, and the environment; the user's own environment is excluded. */
export type Settings = { params?: Record<string, string>; environment?: Record<string, string> };

/** Runs `serverless package` for a stage. */
export const packageStage = async (
  root: string,
  stage: string,
  { params = {}, environment = {} }: Settings = {},
): Promise<PackagedStage> => {
  const folder = join(root, `package-${stage}`);
  const given = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
  const serverless = join(root, 'node_modules', 'serverless', 'bin', 'serverless.js');
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [serverless, 'package', '--stage', stage, '--package', folder, ...given],
    {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        HOME: root,
        TMPDIR: root, // the bundler leaves folders there
        SLS_TELEMETRY_DISABLED: '1',
        SLS_NOTIFICATIONS_MODE: 'off',
        SLS_SCHEMA_CACHE_BASE_DIR: SCHEMA_CACHE,
        ...environment,
      },
      timeout: 100_000,
    },
  );
  const file = join(folder, 'cloudformation-template-update-stack.json');
  return { template: JSON.parse(readFileSync(file, 'utf8')), folder, stdout, stderr };
};
