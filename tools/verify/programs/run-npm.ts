import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { promisify } from 'node:util';
import { MissingTool } from './prepare.ts';

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
