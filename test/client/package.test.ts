import { execFile } from 'node:child_process';
import { once } from 'node:events';
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
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { serve } from '@hono/node-server';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../cli/commands.ts';
import { makeWorld } from '../memory/world.ts';
import { makeWorldApi } from '../memory/world-api.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'everytoken-package-'));
const source = join(folder, 'source');
const user = join(folder, 'user');
const run = promisify(execFile);

let packed: string[] = [];
/** Packs a copy of all files of the repository, since other tests read package.json at the same time. */
beforeAll(async () => {
  const { stdout: listed } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    maxBuffer: 1e7,
  });
  for (const file of listed.trim().split('\n')) {
    mkdirSync(dirname(join(source, file)), { recursive: true });
    cpSync(join(root, file), join(source, file));
  }
  writeFileSync(join(source, '.env'), 'OPENAI_API_KEY=secret\n');
  symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'));
  mkdirSync(user);
  writeFileSync(join(user, 'package.json'), '{"type":"module"}\n');
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', user], { cwd: source });
  const [answer] = Object.values(
    JSON.parse(stdout) as Record<string, { filename: string; files: { path: string }[] }>,
  );
  packed = answer?.files.map(({ path }) => path) ?? [];
  const install = [
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    join(user, answer?.filename ?? ''),
  ];
  await run('npm', install, { cwd: user }).catch((error: { stderr: string }) =>
    expect.fail(`npm cannot install the package: is the registry reachable?\n${error.stderr}`),
  );
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PROGRAM = `import { ApiError, createClient, type Run } from 'everytoken/client';

const everytoken = createClient({ baseUrl: process.env['BASE_URL'] ?? '' });
const stream = everytoken.runs.stream({ prompt: 'Explain vector databases.', samples: 2 });
const types: string[] = [];
for await (const event of stream) types.push(event.type);
const run: Run = await stream.finalRun();
const error: unknown = await everytoken.runs.get('run_none').catch((thrown: unknown) => thrown);
console.log(JSON.stringify({ types, texts: run.generations.map(({ text }) => text), code: error instanceof ApiError && error.code }));
`;

describe('the package that npm pack makes', () => {
  test('holds the built client, its types, the command line, and no source, setting or secret', () => {
    const built = /^dist\/(client\/[\w-]+\.(js|d\.ts)|cli\/(chunks\/)?[\w-]+\.js)$/;
    const others = packed.filter((path) => !built.test(path));
    expect(others.sort()).toEqual(['LICENSE', 'README.md', 'dist/cli/THIRD-PARTY.txt', 'package.json']);
    expect(packed).toEqual(expect.arrayContaining(['dist/client/index.js', 'dist/client/index.d.ts']));
  });

  test('leaves package.json as it was', () => {
    const read = (place: string) => readFileSync(join(place, 'package.json'), 'utf8');
    expect(read(source)).toBe(read(root));
  });

  test('installs the parser of event streams and nothing else', () => {
    const installed = readdirSync(join(user, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(installed.sort()).toEqual(['eventsource-parser', 'everytoken']);
  });

  test('runs in a program of its user against the API', async () => {
    const { api, generate } = makeWorldApi(makeWorld());
    const fetch = (request: Request) => (request.method === 'POST' ? generate : api).fetch(request);
    const server = serve({ fetch, port: 0, hostname: '127.0.0.1' });
    await once(server, 'listening');
    try {
      writeFileSync(join(user, 'program.ts'), PROGRAM);
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : 0;
      const { stdout } = await run(process.execPath, ['program.ts'], {
        cwd: user,
        env: { ...process.env, BASE_URL: `http://127.0.0.1:${port}` },
      });
      const { types, texts, code } = JSON.parse(stdout) as { types: string[]; texts: string[]; code: string };
      expect([types[0], types.at(-1), texts.length, code]).toEqual([
        'run.created',
        'run.completed',
        2,
        'not_found',
      ]);
    } finally {
      server.close();
    }
  });

  test('has the command line, which lists its commands and speaks to an API', async () => {
    const everytoken = join(user, 'node_modules/.bin/everytoken');
    const { stdout } = await run(everytoken, ['--help'], { cwd: user });
    for (const { name } of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    const wrong = await run(everytoken, ['models', '--api', 'http://127.0.0.1:1'], { cwd: user }).catch(
      (error: { code: number; stderr: string }) => error,
    );
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('check that it runs') });
  });

  test('compiles in a strict program with its types, and refuses a wrong field', async () => {
    const wrong = `import { createClient } from 'everytoken/client';
const everytoken = createClient({ baseUrl: '' });
// @ts-expect-error The field is max_tokens.
export const run = everytoken.runs.create({ prompt: 'x', maxTokens: 5 });
`;
    writeFileSync(join(user, 'typed.ts'), PROGRAM.replace("process.env['BASE_URL'] ?? ''", "''"));
    writeFileSync(join(user, 'wrong.ts'), wrong);
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const options = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--lib',
      'es2022,dom,dom.asynciterable',
    ];
    const { stdout } = await run(process.execPath, [tsc, ...options, 'typed.ts', 'wrong.ts'], {
      cwd: user,
    }).catch((error: { stdout: string }) => error);
    expect(stdout).toBe('');
  });

  test('bundles for browsers without any module of Node', async () => {
    const { metafile, outputFiles } = await build({
      stdin: { contents: "export * from 'everytoken/client';", resolveDir: user },
      ...{ bundle: true, minify: true, format: 'esm', platform: 'browser', target: 'es2022' },
      ...{ write: false, metafile: true },
    });
    const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path));
    expect(imports.filter((path) => path.startsWith('node:') || !path.includes('/'))).toEqual([]);
    expect(Object.values(metafile.outputs).flatMap((output) => output.imports)).toEqual([]);
    const bytes = outputFiles[0]?.contents ?? new Uint8Array();
    console.log(`the client in a browser: ${bytes.length} bytes, ${gzipSync(bytes).length} gzipped`);
  });
});
