import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** Something that verification needs is not there; the message says what to do about it. */
export class MissingTool extends Error {}

/** Programs, and the Debian package that has each. */
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

const isThere = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** Throws `MissingTool` that names the packages to install, unless all programs are there. */
export const requirePrograms = (...programs: Program[]): void => {
  const missing = programs.filter((program) => !isThere(program));
  if (missing.length === 0) return;
  const packages = missing.map((program) => PACKAGES[program]);
  throw new MissingTool(`no ${missing.join(', ')}: apt-get install ${packages.join(' ')}`);
};

/** A folder that is made once: by `make` in a draft beside it, which gets its name when it is whole. */
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

/** What npm set for the project's own scripts must not steer an installation elsewhere. */
const ownEnvironment = (): NodeJS.ProcessEnv => {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|config_local_prefix)/.test(name),
  );
  const env = Object.fromEntries(kept);
  // An addon is built for the Node that loads it.
  env.PATH = `${dirname(process.execPath)}${delimiter}${env.PATH ?? ''}`;
  // Headers that are on the machine spare their download; Node-API is the same in all versions.
  if (existsSync(DEBIAN_HEADERS)) env.npm_config_nodedir ??= '/usr';
  return env;
};

/** Runs npm in a folder and returns what it printed. Throws `MissingTool` with its last words. */
export const runNpm = async (folder: string, ...args: string[]): Promise<string> => {
  const options = {
    cwd: folder,
    env: ownEnvironment(),
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
