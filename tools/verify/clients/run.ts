/**
 * npm run verify:clients: tries clients of OpenAI's API against a local stack, with its own model and with a scripted one,
 * and the programs in docs/openai-compatible.md. Their packages are installed beside the cache on the first run. `--write`
 * puts the results into that document. Exit status: 0 all passed, 1 a check failed, 2 Python's SDK is not installed.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { readFlags, runCommand } from '../../command.ts';
import { START, spawnStackGroup } from '../../stack-group.ts';
import { ALL_CLIENTS, PYTHON, type TriedClient } from './clients.ts';
import { SCRIPTED_MODEL, startScriptedServer } from './scripted-server.ts';
import { snippetsOf } from './snippets.ts';
import { type ClientResults, writeTable } from './table.ts';
import { type CheckResult, type Command, tryClient, trySnippet } from './try-client.ts';

const USAGE = 'usage: npm run verify:clients [-- --write]';
const ROOT = resolve(import.meta.dirname, '../../..');
const PAGE = join(ROOT, 'docs', 'openai-compatible.md');
const FOLDER = join(ROOT, 'node_modules', '.cache', 'everytoken', 'clients');
const MODELS = { local: 'everytoken-ngram', scripted: `scripted/${SCRIPTED_MODEL}` };
const run = promisify(execFile);

/** Copies the programs beside their packages, which npm brings up to date. */
const install = async (): Promise<void> => {
  mkdirSync(FOLDER, { recursive: true });
  cpSync(join(import.meta.dirname, 'package.json'), join(FOLDER, 'package.json'));
  cpSync(join(import.meta.dirname, 'programs'), FOLDER, { recursive: true });
  console.log('installing the clients …');
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: FOLDER });
};

const versionOf = (name: string): string =>
  JSON.parse(readFileSync(join(FOLDER, 'node_modules', name, 'package.json'), 'utf8')).version;

/** The version of Python's SDK; undefined where there is none. */
const pythonVersion = async (): Promise<string | undefined> => {
  try {
    const { stdout } = await run('python3', ['-c', 'import openai; print(openai.__version__)']);
    return stdout.trim();
  } catch {
    return undefined;
  }
};

const commandOf = (program: string): Command => [
  program.endsWith('.py') ? 'python3' : process.execPath,
  join(FOLDER, program),
];

const print = (model: string, results: readonly CheckResult[]): void => {
  for (const { check, passed, message } of results)
    console.log(`  ${passed ? 'ok   ' : 'WRONG'}  ${model}: ${check}${passed ? '' : `: ${message}`}`);
};

const tryAt = async (baseUrl: string, client: TriedClient, version: string): Promise<ClientResults> => {
  console.log(`\n${client.name} ${version}`);
  const at = (model: string) => tryClient(commandOf(client.program), { baseUrl, model });
  const results = { local: await at(MODELS.local), scripted: await at(MODELS.scripted) };
  for (const [model, checks] of Object.entries(results)) print(model, checks);
  return { client, version, results };
};

/** Tries the programs of the document that can be run here. */
const trySnippets = async (baseUrl: string, hasPython: boolean): Promise<CheckResult[]> => {
  const results: CheckResult[] = [];
  for (const { name, text } of snippetsOf(readFileSync(PAGE, 'utf8'), baseUrl)) {
    if (name.endsWith('.py') && !hasPython) continue;
    const program = `snippet-${name}`;
    writeFileSync(join(FOLDER, program), text);
    results.push(await trySnippet(commandOf(program), name));
  }
  console.log('\ndocs/openai-compatible.md');
  print('local', results);
  return results;
};

const main = async (): Promise<number> => {
  const { write } = readFlags(process.argv.slice(2), { write: { type: 'boolean', default: false } }, USAGE);
  await install();
  const python = await pythonVersion();
  const scripted = await startScriptedServer();
  const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-clients-'));
  const stack = await spawnStackGroup(START, dataDir, {
    EVERYTOKEN_LOCAL_PACE: '0',
    PROVIDERS: JSON.stringify({ scripted: { base_url: scripted.url, api_key: 'any' } }),
  });
  try {
    const baseUrl = `${stack.file.api}/v1`;
    const all: ClientResults[] = [];
    for (const client of ALL_CLIENTS) all.push(await tryAt(baseUrl, client, versionOf(client.package)));
    if (python === undefined) console.log(`\n${PYTHON.name}: NOT RUN: pip install openai`);
    else all.push(await tryAt(baseUrl, PYTHON, python));
    const snippets = await trySnippets(baseUrl, python !== undefined);
    if (write) writeTable(PAGE, all);
    const checks = [...snippets, ...all.flatMap(({ results }) => Object.values(results).flat())];
    const wrong = checks.filter(({ passed }) => !passed).length;
    console.log(`\nverify:clients: ${checks.length - wrong} checks ok, ${wrong} wrong`);
    return wrong > 0 ? 1 : python === undefined ? 2 : 0;
  } finally {
    await stack.kill();
    await scripted.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
};

void runCommand(main);
