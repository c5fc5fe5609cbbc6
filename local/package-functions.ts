import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { StackError } from './stack-error.ts';

export type PackagedFunctions = {
  template: Record<string, unknown>;
  /** The folder of each function's bundle, by logical id. */
  bundles: (functionLogicalId: string) => string;
  /** A folder beside them for their compiled code, which every stack of the same sources can use. */
  compileCache: string;
};

const SOURCES = [
  'functions',
  'lib',
  // The dashboard, and what it imports.
  ...['dashboard', 'report', 'client'],
  'infra',
  'docs/openapi.json',
  'serverless.yml',
  'package.json',
  'package-lock.json',
];
const TEMPLATE = 'cloudformation-template-update-stack.json';
const KEPT_PACKAGES = 3;
const PACKAGE_TIMEOUT_MS = 120_000;
const KILL_AFTER_ERROR_MS = 500;
const POLL_EVERY_MS = 200;

/**
 * Packages the functions as a deployment would, and unpacks them. The result is cached in `cacheFolder` under a hash of
 * the sources and renamed into place when it is complete.
 *
 * @throws {StackError} with the packager's output when the functions cannot be packaged.
 *
 * @example
 * const { template, bundles } = await packageFunctions(root, join(root, 'node_modules/.cache/everytoken/packages'));
 */
export const packageFunctions = async (root: string, cacheFolder: string): Promise<PackagedFunctions> => {
  const folder = join(cacheFolder, sourcesHash(root));
  if (!existsSync(folder)) {
    const lock = await lockPackaging(root);
    try {
      // Another start may have packaged the same sources while this one waited for the lock.
      if (!existsSync(folder)) await packageInto(root, folder);
    } finally {
      lock.close();
    }
  }
  utimesSync(folder, new Date(), new Date());
  removeOldest(cacheFolder);
  return {
    template: JSON.parse(readFileSync(join(folder, TEMPLATE), 'utf8')),
    bundles: (id) => join(folder, id),
    compileCache: join(folder, 'compile-cache'),
  };
};

const sourcesHash = (root: string): string => {
  const hash = createHash('sha256').update(process.version);
  for (const source of SOURCES) {
    for (const file of filesBelow(root, source))
      hash
        .update(`${file}\0`)
        .update(readFileSync(join(root, file)))
        .update('\0');
  }
  return hash.digest('hex').slice(0, 24);
};

const filesBelow = (root: string, path: string): string[] => {
  if (!existsSync(join(root, path))) return [];
  try {
    return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return [path];
    throw error;
  }
};

/**
 * Waits for the lock on packaging below `root`. Two packagers at once would build in one folder and take each other's
 * files. The system releases the lock with its process, even after kill -9.
 */
const lockPackaging = async (root: string): Promise<DatabaseSync> => {
  const folder = join(root, 'node_modules', '.cache', 'everytoken');
  mkdirSync(folder, { recursive: true });
  const lock = new DatabaseSync(join(folder, 'packaging'), { timeout: 0 });
  for (const end = performance.now() + PACKAGE_TIMEOUT_MS; ; await delay(POLL_EVERY_MS)) {
    try {
      lock.exec('BEGIN EXCLUSIVE');
      return lock;
    } catch (error) {
      if (performance.now() < end && isBusy(error)) continue;
      lock.close();
      throw error;
    }
  }
};

const isBusy = (error: unknown): boolean => (error as { errcode?: number }).errcode === 5;

const packageInto = async (root: string, folder: string): Promise<void> => {
  const draft = `${folder}.draft`;
  const temporary = `${folder}.temporary`; // the bundler leaves folders there
  const remove = () => {
    for (const own of [draft, temporary]) rmSync(own, { recursive: true, force: true });
  };
  remove();
  for (const own of [draft, temporary]) mkdirSync(own, { recursive: true });
  try {
    await runServerless(root, draft, temporary);
    unpackBundles(draft);
    renameSync(draft, folder);
  } finally {
    remove();
  }
};

const runServerless = async (root: string, into: string, temporary: string): Promise<void> => {
  const serverless = join(root, 'node_modules', 'serverless', 'bin', 'serverless.js');
  // Without the user's settings, so that the package depends on the sources alone. Functions get them at start.
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    TMPDIR: temporary,
    SLS_TELEMETRY_DISABLED: '1',
    SLS_NOTIFICATIONS_MODE: 'off',
  };
  const running = promisify(execFile)(
    process.execPath,
    [serverless, 'package', '--stage', 'local', '--package', into],
    { cwd: root, env, timeout: PACKAGE_TIMEOUT_MS },
  );
  // After a failure the bundler's process would keep it alive, so it is killed once its error is printed.
  running.child.stdout?.on('data', (text) => {
    if (/^Error:/m.test(text)) setTimeout(() => running.child.kill(), KILL_AFTER_ERROR_MS).unref();
  });
  try {
    await running;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new StackError(
      `the functions could not be packaged: ${`${stderr}${stdout}`.trim() || String(error)}`,
    );
  }
};

/** Unpacks each function's bundle: the zip that `Code` names in the template. */
const unpackBundles = (folder: string): void => {
  const template = JSON.parse(readFileSync(join(folder, TEMPLATE), 'utf8'));
  for (const [id, { Type, Properties }] of Object.entries<{
    Type: string;
    Properties: { Code: { S3Key: string } };
  }>(template.Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    const zip = Properties.Code.S3Key.split('/').at(-1) ?? '';
    const files = Object.entries(unzipSync(readFileSync(join(folder, zip)))).filter(
      ([name]) => !name.endsWith('/'),
    );
    // An empty bundle must not be cached: it would stay until the sources change.
    if (files.length === 0) throw new StackError(`the functions could not be packaged: ${zip} is empty`);
    for (const [name, bytes] of files) {
      const file = join(folder, id, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
  }
};

const removeOldest = (cacheFolder: string): void => {
  const byAge = readdirSync(cacheFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^[0-9a-f]{24}$/.test(entry.name))
    .map(({ name }) => ({ name, usedAt: statSync(join(cacheFolder, name)).mtimeMs }))
    .sort((a, b) => b.usedAt - a.usedAt);
  for (const { name } of byAge.slice(KEPT_PACKAGES))
    rmSync(join(cacheFolder, name), { recursive: true, force: true });
};
