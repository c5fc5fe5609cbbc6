import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIGHT_CLIENTS } from '../../tools/verify/clients/clients.ts';
import { SCRIPTED_MODEL, startScriptedServer } from '../../tools/verify/clients/scripted-server.ts';
import { snippetsOf } from '../../tools/verify/clients/snippets.ts';
import { tryClient, trySnippet } from '../../tools/verify/clients/try-client.ts';
import { endAll, type RunningStack, root, runStack, temporaryFolder } from './stack-process.ts';

let scripted: Awaited<ReturnType<typeof startScriptedServer>>;
let stack: RunningStack;
let baseUrl: string;
beforeAll(async () => {
  scripted = await startScriptedServer();
  stack = await runStack(temporaryFolder(), {
    EVERYTOKEN_LOCAL_PACE: '0',
    PROVIDERS: JSON.stringify({ scripted: { base_url: scripted.url, api_key: 'any' } }),
  });
  baseUrl = `${stack.file.api}/v1`;
}, 300_000);
afterAll(async () => {
  endAll();
  await scripted.close();
});

const programs = join(root, 'tools', 'verify', 'clients', 'programs');
const models = ['everytoken-ngram', `scripted/${SCRIPTED_MODEL}`];

describe.each(LIGHT_CLIENTS)('$name, with its base URL changed and nothing else,', ({ program }) => {
  test.each(models)(
    'gets texts, structure and tools from %s',
    async (model) => {
      const results = await tryClient([process.execPath, join(programs, program)], { baseUrl, model });
      expect(results.length).toBeGreaterThan(4);
      expect(results.filter(({ passed }) => !passed)).toEqual([]);
    },
    120_000,
  );
});

describe('docs/openai-compatible.md', () => {
  const page = readFileSync(join(root, 'docs', 'openai-compatible.md'), 'utf8');
  // Node finds the packages of a program in the folders above it.
  const cache = join(root, 'node_modules', '.cache', 'everytoken');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'snippets-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('has a program for LangChain.js that works', async () => {
    const snippet = snippetsOf(page, baseUrl).find(({ name }) => name === 'langchain.mjs');
    const file = join(folder, 'langchain.mjs');
    writeFileSync(file, snippet?.text ?? '');
    expect(await trySnippet([process.execPath, file], 'langchain.mjs')).toMatchObject({ passed: true });
  }, 300_000);
});
