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

/** The npm package that carries AWS's jar, and what its archive must be. Nothing of it but the jar is used. */
const PACKAGE = 'amplify-dynamodb-simulator@2.9.30';
const SHA512 = 'xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==';
const START_LIMIT_MS = 60_000;

/**
 * The folder with DynamoDBLocal.jar: the one that `DYNAMODB_LOCAL` names, else fetched from the npm registry once.
 * Throws `MissingTool` when it cannot be had.
 */
export const prepareDynamoDbLocal = async (cache: string, log: (line: string) => void): Promise<string> => {
  const own = process.env.DYNAMODB_LOCAL;
  if (own) {
    if (existsSync(join(own, 'DynamoDBLocal.jar'))) return own;
    throw new MissingTool(`DYNAMODB_LOCAL is ${own}, and there is no DynamoDBLocal.jar in it`);
  }
  const folder = await keptFolder(join(cache, PACKAGE), async (draft) => {
    requirePrograms('tar');
    log("fetching AWS's DynamoDB Local, once: 57 MB");
    const [{ filename }] = JSON.parse(await runNpm(draft, 'pack', PACKAGE, '--json')) as [
      { filename: string },
    ];
    const archive = join(draft, filename);
    const found = createHash('sha512').update(readFileSync(archive)).digest('base64');
    if (found !== SHA512) throw new MissingTool(`the archive of ${PACKAGE} is not the one that is expected`);
    await promisify(execFile)('tar', ['xzf', archive, '-C', draft, 'package/emulator']);
    rmSync(archive);
  });
  return join(folder, 'package', 'emulator');
};

export type DynamoDbLocal = { url: string; close: () => Promise<void> };

/** Starts the jar with its data in memory. It listens on every address there is, so only where there is none but 127.0.0.1. */
export const startDynamoDbLocal = async (folder: string): Promise<DynamoDbLocal> => {
  const port = await freePort();
  const child = spawn(
    'java',
    [
      '-Xmx512m',
      `-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`,
      ...['-jar', join(folder, 'DynamoDBLocal.jar')],
      // Each function has an access key of its own, and the tables are everyone's.
      ...['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)],
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => said.push(line));
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
    throw new Error(`DynamoDB Local did not start: ${said.slice(-3).join(' ')}`);
  }
};

const freePort = async (): Promise<string> => {
  const { url, close } = await listen(createServer(), 0);
  await close();
  return new URL(url).port;
};
