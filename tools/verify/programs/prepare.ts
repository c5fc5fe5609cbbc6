import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** A tool that the verification needs is missing; the message says how to get it. */
export class MissingTool extends Error {}

/** Programs, with the Debian package of each. */
const PACKAGES = {
  cmake: 'cmake',
  'g++': 'g++',
  ip: 'iproute2',
  java: 'default-jre-headless',
  make: 'make',
  python3: 'python3',
  tar: 'tar',
  unshare: 'util-linux',
  xz: 'xz-utils',
};
type Program = keyof typeof PACKAGES;

const isInstalled = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** @throws {MissingTool} that names the packages to install, unless all programs are on the `PATH` */
export const requirePrograms = (...programs: Program[]): void => {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return;
  const packages = missing.map((program) => PACKAGES[program]);
  throw new MissingTool(`no ${missing.join(', ')}: apt-get install ${packages.join(' ')}`);
};

/**
 * Returns `folder`, which is created once. `make` fills a draft folder beside it, which is renamed when complete, so
 * that an interrupted run leaves no half-made folder.
 */
export const keptFolder = async (folder: string, make: (draft: string) => Promise<void>): Promise<string> => {
  if (existsSync(folder)) return folder;
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  mkdirSync(dirname(folder), { recursive: true });
  try {
    await make(draft);
    renameSync(draft, folder);
    return folder;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
};

const LIMIT_MS = 15 * 60_000;
const DEBIAN_HEADERS = '/usr/include/node/node_api.h';

/** The environment for npm: this process's, without the variables that `npm run` has set for the project itself. */
const npmEnvironment = (): NodeJS.ProcessEnv => {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|config_local_prefix)/.test(name),
  );
  const env = Object.fromEntries(kept);
  // npm must build addons for the Node that runs this process.
  env.PATH = `${dirname(process.execPath)}${delimiter}${env.PATH ?? ''}`;
  // Installed headers avoid a download. Their version does not matter, because Node-API is ABI-stable:
  // https://nodejs.org/api/n-api.html
  if (existsSync(DEBIAN_HEADERS)) env.npm_config_nodedir ??= '/usr';
  return env;
};

/**
 * Runs npm in a folder and returns its standard output.
 * @throws {MissingTool} with the last lines of its output, when npm fails
 */
export const runNpm = async (folder: string, ...args: string[]): Promise<string> => {
  const options = {
    cwd: folder,
    env: npmEnvironment(),
    timeout: LIMIT_MS,
    maxBuffer: 256 * 1024 * 1024,
  };
  try {
    return (await promisify(execFile)('npm', args, options)).stdout;
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
    const last = `${stdout}\n${stderr}`.trim().split('\n').slice(-12).join('\n');
    throw new MissingTool(`npm ${args[0]} failed: ${last || String(error)}`);
  }
};
