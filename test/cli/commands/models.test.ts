import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import type { ModelList } from '../../../client/index.ts';
import { runEverytoken } from '../run-everytoken.ts';
import { type ApiServer, HOSTILE, serveApi, UNPRINTABLE } from '../runs/api-server.ts';

// Each command is a process, and several test files run at once.
vi.setConfig({ testTimeout: 90_000 });

const folder = mkdtempSync(join(tmpdir(), 'everytoken-models-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let api: ApiServer;
afterEach(() => api?.close());

const models = (...args: string[]) => runEverytoken(['models', '--api', api.url, ...args], folder);

type Model = ModelList['data'][number];

const model = (changes: Partial<Model> = {}): Model => ({
  id: 'gpt-6-luna',
  provider: 'default',
  sampling: {
    api: 'as_needed',
    temperature: 'at_effort_none',
    top_p: 'never',
    top_k: 'refused',
    logprobs: 'dropped',
    include_usage: 'applied',
    reasoning_effort: 'applied',
    tools: 'unknown',
    token_limit: 'max_completion_tokens',
    prompt_overhead: 0,
    extra: {},
  },
  shutdown_date: '2027-06-01',
  retired: false,
  replacement: 'gpt-7',
  price: { source: 'openai', as_of: '2026-11-01', input: 0.1, cached: 0.05, output: 0.4 },
  ...changes,
});

const listOf = (data: Model[], changes: Partial<ModelList> = {}): ModelList => ({
  data,
  next_cursor: null,
  providers: [{ name: 'default', status: 'ok', server: 'openai', models: data.length, error: null }],
  ...changes,
});

const RETIRED = model({
  id: 'text-davinci-003',
  retired: true,
  sampling: null,
  price: null,
  shutdown_date: '2024-01-04',
});

test('lists models with the fields that they take, their prices with their date, and their shutdown', async () => {
  api = await serveApi({ models: listOf([model(), RETIRED]) });
  const [now, all] = await Promise.all([models(), models('--retired')]);
  expect([now.status, now.out.split('\n')]).toEqual([
    0,
    [
      'model          in    out  as of       temp.  top-p  top-k  logprobs  tools  effort  shutdown',
      'gpt-6-luna  $0.10  $0.40  2026-11-01  none   no     no     -         ?      yes     2027-06-01',
      '',
    ],
  ]);
  expect(now.err).toContain('1 model is retired: --retired lists them\n');
  expect(all.out).toMatch(/\ntext-davinci-003 +— +— .+retired 2024-01-04\n/);
});

test('a filter chooses by the names of models and providers', async () => {
  api = await serveApi({ models: listOf([model(), model({ id: 'groq/llama-3', provider: 'groq' })]) });
  const [luna, groq, none] = await Promise.all([models('LUNA'), models('groq', '--json'), models('claude')]);
  expect(luna.out).toMatch(/^model.+\ngpt-6-luna [^\n]+\n$/);
  expect(JSON.parse(groq.out).data.map(({ id }: Model) => id)).toEqual(['groq/llama-3']);
  expect(none.err).toContain('no model has this in its name\n');
});

test('CSV has every column, exact', async () => {
  api = await serveApi({ models: listOf([model()]) });
  expect((await models('--csv')).out).toBe(
    'model,in,cached,out,as of,temp.,top-p,top-k,logprobs,tools,effort,shutdown,instead\r\n' +
      'gpt-6-luna,0.1,0.05,0.4,2026-11-01,at_effort_none,never,refused,dropped,unknown,applied,2027-06-01,gpt-7\r\n',
  );
});

test('a provider whose list cannot be read is named with the reason, and nothing hostile is printed', async () => {
  const error = { code: 'upstream_error', message: `no list ${HOSTILE}` };
  const providers = [
    { name: HOSTILE, status: 'error' as const, server: 'other' as const, models: null, error },
  ];
  api = await serveApi({ models: listOf([model({ id: HOSTILE, replacement: HOSTILE })], { providers }) });
  for (const args of [[], ['--csv'], ['--json']]) {
    const { out, err } = await models(...args);
    expect(out.replaceAll('\r\n', '\n') + err).not.toMatch(UNPRINTABLE);
    if (args.length === 0) expect(err).toContain('are not known: no list red');
  }
});

test('an answer of another form is said to be one, with its address and the remedy', async () => {
  for (const models of [{}, [], { data: 'none' }, { data: [null], providers: [] }]) {
    api = await serveApi({ models });
    const { status, err } = await runEverytoken(['models', '--api', api.url], folder);
    expect(status).toBe(1);
    expect(err).toContain(`error: the answer of ${api.url} is not as this version knows it (`);
    expect(err).toMatch(
      /; check that the address is an API of everytoken, and that both have the same version\n$/,
    );
    api.close();
  }
});
