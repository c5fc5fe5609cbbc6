import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { keptFolder, MissingTool, requirePrograms, runNpm } from './prepare.ts';

const DEFINITION = join(import.meta.dirname, 'runtime-client');
const PACKAGE = join('node_modules', 'aws-lambda-ric');

/**
 * Builds AWS's runtime client for Node in the version of our lock file, once for each version of Node. Returns the path
 * of its entry file. https://github.com/aws/aws-lambda-nodejs-runtime-interface-client
 * @throws {MissingTool} when it cannot be built on this machine
 */
export const prepareRuntimeClient = async (cache: string, log: (line: string) => void): Promise<string> => {
  const lock = readFileSync(join(DEFINITION, 'package-lock.json'));
  const hash = createHash('sha256').update(process.version).update(lock).digest('hex').slice(0, 16);
  const folder = await keptFolder(join(cache, `runtime-client-${hash}`), async (draft) => {
    requirePrograms('cmake', 'g++', 'make', 'python3', 'tar', 'xz');
    log('building aws-lambda-ric, once: this takes one to three minutes');
    cpSync(DEFINITION, draft, { recursive: true });
    await runNpm(draft, 'ci', '--no-audit', '--no-fund', '--foreground-scripts');
    await checkAddon(join(draft, PACKAGE, 'rapid-client.node'));
  });
  return join(folder, PACKAGE, 'index.mjs');
};

const checkAddon = async (addon: string): Promise<void> => {
  try {
    // The addon reads the address of the Runtime API when it loads, but does not connect yet.
    const env = { ...process.env, AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9' };
    await promisify(execFile)(process.execPath, ['-e', `require(${JSON.stringify(addon)})`], { env });
  } catch (error) {
    throw new MissingTool(`the native addon of aws-lambda-ric does not load: ${(error as Error).message}`);
  }
};
