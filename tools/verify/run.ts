/**
 * npm run verify:aws: checks the packaged functions under AWS's own runtime client, and runs the table's contract
 * suites on AWS's DynamoDB Local. Exit status: 0 all ok, 1 something is wrong, 2 some checks could not run.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { packageFunctions } from '../../local/package-functions.ts';
import { runCommand } from '../command.ts';
import type { Prepared, Tool } from './checks.ts';
import { prepareDynamoDbLocal } from './programs/dynamodb-local.ts';
import { MissingTool, requirePrograms } from './programs/prepare.ts';
import { prepareRuntimeClient } from './programs/runtime-client.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, 'node_modules', '.cache', 'everytoken');
const TOOLS = join(CACHE, 'verify');
const NO_NETWORK = ['--user', '--map-root-user', '--net'];
const NEEDS_NO_NETWORK =
  'it listens on all addresses, and unshare cannot create a network namespace here: allow user namespaces, or run as root';

const log = (line: string) => console.log(line);

const toolOf = async (
  prepare: (cache: string, log: (line: string) => void) => Promise<string>,
): Promise<Tool> => {
  try {
    return { path: await prepare(TOOLS, log) };
  } catch (error) {
    if (error instanceof MissingTool) return { remedy: error.message };
    throw error;
  }
};

/** Whether this machine allows a network namespace with nothing but the loopback. */
const canIsolate = (): boolean =>
  spawnSync('unshare', [...NO_NETWORK, 'ip', 'link', 'set', 'lo', 'up']).status === 0;

const runChecks = async (prepared: Prepared): Promise<number> => {
  const checks = [join(import.meta.dirname, 'checks.ts'), JSON.stringify(prepared)];
  const [command = '', ...args] = prepared.isolated
    ? [
        'unshare',
        ...NO_NETWORK,
        'sh',
        '-c',
        'ip link set lo up && exec "$0" "$@"',
        process.execPath,
        ...checks,
      ]
    : [process.execPath, ...checks];
  // Ignores Ctrl-C: it reaches the checks too, and this process waits for them to end.
  process.on('SIGINT', () => {});
  const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
};

const main = async (): Promise<number> => {
  if (process.platform !== 'linux') {
    log(
      `verify:aws INCOMPLETE: AWS's runtime client builds only on Linux, and this machine runs ${process.platform}`,
    );
    return 2;
  }
  log('packaging the functions');
  await packageFunctions(ROOT, join(CACHE, 'packages'));
  const isolated = canIsolate();
  const ric = await toolOf(prepareRuntimeClient);
  const dynamodbLocal = await toolOf(async (folder, say) => {
    requirePrograms('java', 'unshare', 'ip');
    if (!isolated) throw new MissingTool(NEEDS_NO_NETWORK);
    return prepareDynamoDbLocal(folder, say);
  });
  return runChecks({ root: ROOT, cache: CACHE, isolated, ric, dynamodbLocal });
};

await runCommand(main);
