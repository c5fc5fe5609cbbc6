import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { listen } from '../../../local/http.ts';
import { keptFolder, MissingTool, requirePrograms, runNpm } from './prepare.ts';

/** The npm package that contains AWS's jar, and the hash of its archive. Only its `emulator` folder is used. */
const PACKAGE = 'amplify-dynamodb-simulator@2.9.30';
const SHA512 = 'xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==';
const START_LIMIT_MS = 60_000;

/**
 * Returns the folder with DynamoDBLocal.jar: the one that `DYNAMODB_LOCAL` names, else a cached download from the npm
 * registry.
 * @throws {MissingTool} when the jar is not in that folder or cannot be downloaded
 */
export const prepareDynamoDbLocal = async (cache: string, log: (line: string) => void): Promise<string> => {
  const own = process.env.DYNAMODB_LOCAL;
  if (own) {
    if (existsSync(join(own, 'DynamoDBLocal.jar'))) return own;
    throw new MissingTool(
      `DYNAMODB_LOCAL names ${own}, which has no DynamoDBLocal.jar: point it to the folder of the jar`,
    );
  }
  const folder = await keptFolder(join(cache, PACKAGE), async (draft) => {
    requirePrograms('tar');
    log("fetching AWS's DynamoDB Local, once: 57 MB");
    const [{ filename }] = JSON.parse(await runNpm(draft, 'pack', PACKAGE, '--json')) as [
      { filename: string },
    ];
    const archive = join(draft, filename);
    const found = createHash('sha512').update(readFileSync(archive)).digest('base64');
    if (found !== SHA512)
      throw new MissingTool(
        `the archive of ${PACKAGE} has another sha512 than expected: set DYNAMODB_LOCAL to a copy of your own`,
      );
    await promisify(execFile)('tar', ['xzf', archive, '-C', draft, 'package/emulator']);
    rmSync(archive);
  });
  return join(folder, 'package', 'emulator');
};

export type DynamoDbLocal = { url: string; close: () => Promise<void> };

/**
 * Starts DynamoDB Local with its data in memory. It listens on all addresses, so call this only in a network namespace
 * that has nothing but 127.0.0.1.
 * @throws {Error} when it does not start within a minute
 */
export const startDynamoDbLocal = async (folder: string): Promise<DynamoDbLocal> => {
  const port = await freePort();
  const child = spawn(
    'java',
    [
      '-Xmx512m',
      `-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`,
      ...['-jar', join(folder, 'DynamoDBLocal.jar')],
      // -sharedDb: without it, each access key would have its own tables, and each function has its own key.
      ...['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)],
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => output.push(line));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const close = async () => {
    process.off('exit', kill);
    kill();
    await exited;
  };
  const url = `http://127.0.0.1:${port}`;
  for (const end = performance.now() + START_LIMIT_MS; ; await delay(100)) {
    if (await fetch(url).catch(() => undefined)) return { url, close };
    if (child.exitCode === null && performance.now() < end) continue;
    await close();
    throw new Error(`DynamoDB Local did not start: ${output.slice(-3).join(' ')}`);
  }
};

const freePort = async (): Promise<string> => {
  const { url, close } = await listen(createServer(), 0);
  await close();
  return new URL(url).port;
};
