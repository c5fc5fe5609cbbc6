import { beforeEach, describe, expect, test } from 'vitest';
import { createBatch } from '../../lib/batches/create-batch.ts';
import { batchIdOf, createInput, resultIdOf } from '../../lib/batches/stored-files.ts';
import { continueExport } from '../../lib/export/work.ts';
import { ROUTES } from '../../lib/http/routes.ts';
import { makeGenerateOne } from '../factories/generation.ts';
import { makeWorld } from '../memory/world.ts';
import { makeService, type Service } from './service.ts';

// Texts that only docs may see. The other caller searches for their words.
const PROMPT = 'private question about graphs';
const OUTPUT = 'confidential answer about graphs';
const TEAM = 'undisclosed';
const PRIVATE = /private|confidential|undisclosed/;

let service: Service;
/** Runs of docs: completed, failed, queued and deleted; its comparison, and its prompt files. */
let ids: Record<
  | 'response'
  | 'completed'
  | 'failed'
  | 'queued'
  | 'deleted'
  | 'comparison'
  | 'file'
  | 'upload'
  | 'export'
  | 'input'
  | 'batch'
  | 'output',
  string
>;
let before: string;

/** Everything of docs, in every store. */
const docsState = (): string => {
  const { runs, content, vectors, files, exports } = service.world;
  return JSON.stringify([
    [...runs.runs.values()].filter(({ caller }) => caller === 'docs'),
    [...files.files.values()].filter(({ caller }) => caller === 'docs'),
    [...exports.exports.values()].filter(({ caller }) => caller === 'docs'),
    [...content.objects].filter(([key]) => Object.values(ids).some((id) => key.includes(id))),
    [...vectors.namespaces].filter(([name]) => name.endsWith(':docs')).map(([, records]) => [...records]),
  ]);
};

beforeEach(async () => {
  const generateOne = makeGenerateOne(({ messages }) => {
    const prompt = messages.at(-1)?.content ?? '';
    if (prompt.includes('fail')) return null;
    return prompt.startsWith('private') ? OUTPUT : `an answer to ${prompt}`;
  });
  service = makeService({ world: makeWorld({ generateOne }) });
  const body = { prompt: PROMPT, metadata: { team: TEAM } };
  const completed = await service.run(body, { headers: { 'idempotency-key': 'order-1' } });
  const failed = await service.run({ ...body, prompt: `${PROMPT}: fail`, background: true });
  const deleted = await service.run(body);
  await service.untilQuiet();
  await service.ask(`/runs/${deleted.run.id}`, { method: 'DELETE' });
  const compared = await service.ask('/comparisons', {
    body: { prompts: [PROMPT], settings: [{ label: 'a' }], samples: 2 },
  });
  const comparison = (await compared.json()) as { id: string };
  expect(compared.status).toBe(202);
  await service.untilQuiet();
  const key = 'prompts/@docs/undisclosed.json';
  await service.machine.objects.send(service.world.drop(key, JSON.stringify([body])));
  await service.untilQuiet();
  const file = [...service.world.files.files.values()].find((each) => each.key === key);
  const uploaded = await service.ask('/files', { body: { filename: 'undisclosed.txt', size_bytes: 9 } });
  const upload = (await uploaded.json()) as { id: string };
  const exported = (await (await service.ask('/exports', { body: { format: 'jsonl' } })).json()) as {
    id: string;
  };
  await continueExport(exported.id, service.world.deps);
  const response = await service.ask('/v1/responses', {
    body: { input: PROMPT, metadata: body.metadata },
  });
  const { id: responseId } = (await response.json()) as { id: string };
  const { deps } = service.world;
  const asked = { model: 'gpt-6-luna', messages: [{ role: 'user', content: PROMPT }] };
  const text = JSON.stringify({ custom_id: TEAM, method: 'POST', url: '/v1/chat/completions', body: asked });
  const input = await createInput({ filename: 'undisclosed.jsonl', text }, 'docs', deps);
  const { file: batch } = await createBatch(
    batchOf(input.id),
    { caller: 'docs', idempotencyKey: 'order-1' },
    deps,
  );
  await service.machine.objects.send(service.world.drop(batch.key, text));
  await service.untilQuiet();
  const queued = await service.run({ ...body, background: true });
  ids = {
    completed: completed.run.id,
    failed: failed.run.id,
    queued: queued.run.id,
    deleted: deleted.run.id,
    response: responseId,
    comparison: comparison.id,
    file: file?.id ?? '',
    upload: upload.id,
    export: exported.id,
    input: input.id,
    batch: batchIdOf(batch),
    output: resultIdOf(batch, 'output'),
  };
  before = docsState();
  expect(before).toMatch(PRIVATE);
});

const batchOf = (input_file_id: string) => ({
  input_file_id,
  endpoint: '/v1/chat/completions',
  completion_window: '24h',
});

const other = async (path: string, more: Parameters<Service['ask']>[1] = {}) => {
  const response = await service.ask(path, { ...more, as: 'other' });
  const text = await response.text();
  return { status: response.status, text, body: text === '' ? null : JSON.parse(text) };
};
const search = (body: object) => other('/search', { body });

/** An attempt of another caller on each closed route; no answer may contain a word of docs. */
type Answer = Awaited<ReturnType<typeof other>>;
const runIds = () => [ids.completed, ids.failed, ids.queued, ids.deleted];
const eachRun = (path: (id: string) => string, method = 'GET') =>
  Promise.all(runIds().map((id) => other(path(id), { method })));
const eachFile = (path: (id: string) => string, method = 'GET') =>
  Promise.all([ids.file, ids.upload].map((id) => other(path(id), { method })));
const eachStored = (path: (id: string) => string, method = 'GET') =>
  Promise.all([ids.input, ids.output].map((id) => other(path(id), { method })));
const notFound = (answers: Answer[]) =>
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));

const forbidden = ({ status, text }: Answer) => {
  expect(status).toBe(403);
  expect(text).not.toMatch(PRIVATE);
};

const ATTEMPTS: Record<string, () => Promise<unknown>> = {
  'POST /runs': async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const mine = await service.ask('/runs', { as: 'other', headers, body: { prompt: 'a question' } });
    const run = (await mine.json()) as { id: string };
    expect([mine.status, run.id === ids.completed]).toEqual([201, false]);
    expect(JSON.stringify(run)).not.toMatch(PRIVATE);
  },
  'GET /runs': async () => {
    const mine = (await (await service.ask('/runs?limit=1')).json()) as { next_cursor: string };
    for (const query of [
      '',
      `metadata.team=${TEAM}`,
      'metadata.caller=docs',
      'status=completed',
      'status=deleted',
      `cursor=${encodeURIComponent(mine.next_cursor)}`,
    ]) {
      const { status, text, body } = await other(`/runs?${query}`);
      expect([status, text]).toEqual([200, expect.not.stringMatching(PRIVATE)]);
      expect(body.data).toEqual([]);
    }
    expect((await other('/runs?caller=docs')).status).toBe(400);
    const exported = await service.ask(`/runs?format=jsonl&metadata.team=${TEAM}`, { as: 'other' });
    expect([exported.status, await exported.text()]).toEqual([200, '']);
  },
  'GET /runs/{id}': async () => notFound(await eachRun((id) => `/runs/${id}`)),
  'DELETE /runs/{id}': async () => notFound(await eachRun((id) => `/runs/${id}`, 'DELETE')),
  'POST /runs/{id}/cancel': async () => notFound(await eachRun((id) => `/runs/${id}/cancel`, 'POST')),
  'GET /runs/{id}/generations/{index}': async () =>
    notFound(await eachRun((id) => `/runs/${id}/generations/0`)),
  'GET /runs/{id}/generations/{index}/trace': async () =>
    notFound(await eachRun((id) => `/runs/${id}/generations/0/trace`)),
  'GET /models': async () => expect((await other('/models')).text).not.toMatch(PRIVATE),
  'POST /v1/chat/completions': async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const body = { messages: [{ role: 'user', content: 'a question' }] };
    const mine = await service.ask('/v1/chat/completions', { as: 'other', headers, body });
    expect(mine.status).toBe(200);
    expect(mine.headers.get('x-everytoken-run-id')).not.toBe(ids.completed);
    expect(await mine.text()).not.toMatch(PRIVATE);
  },
  'POST /v1/completions': async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const mine = await service.ask('/v1/completions', {
      as: 'other',
      headers,
      body: { prompt: 'a question' },
    });
    expect(mine.status).toBe(200);
    expect(mine.headers.get('x-everytoken-run-id')).not.toBe(ids.completed);
    expect(await mine.text()).not.toMatch(PRIVATE);
  },
  'POST /v1/responses': async () => {
    const mine = await service.ask('/v1/responses', {
      as: 'other',
      headers: { 'idempotency-key': 'order-1' },
      body: { input: 'a question' },
    });
    expect(mine.status).toBe(200);
    expect(mine.headers.get('x-everytoken-run-id')).not.toBe(ids.completed);
    expect(await mine.text()).not.toMatch(PRIVATE);
    const continued = await service.ask('/v1/responses', {
      as: 'other',
      body: { input: 'a question', previous_response_id: ids.response },
    });
    expect([continued.status, await continued.text()]).toEqual([
      400,
      expect.stringContaining('previous_response_not_found'),
    ]);
    const referring = await service.ask('/v1/responses', {
      as: 'other',
      body: { input: [{ type: 'item_reference', id: `${ids.response.replace('resp', 'msg')}_0` }] },
    });
    expect([referring.status, await referring.text()]).toEqual([400, expect.not.stringMatching(PRIVATE)]);
  },
  'GET /v1/responses/{id}': async () =>
    notFound([
      await other(`/v1/responses/${ids.response}`),
      await other(`/v1/responses/${ids.response}?stream=true`),
    ]),
  'DELETE /v1/responses/{id}': async () =>
    notFound([await other(`/v1/responses/${ids.response}`, { method: 'DELETE' })]),
  'POST /v1/responses/{id}/cancel': async () =>
    notFound([await other(`/v1/responses/${ids.response}/cancel`, { method: 'POST' })]),
  'GET /v1/responses/{id}/input_items': async () =>
    notFound([await other(`/v1/responses/${ids.response}/input_items`)]),
  'POST /v1/embeddings': async () => {
    const { model } = service.world.embedder;
    const mine = await service.ask('/v1/embeddings', { as: 'other', body: { model, input: PROMPT } });
    expect(mine.status).toBe(200);
    expect(await mine.text()).not.toMatch(PRIVATE);
  },
  'POST /v1/files': async () => {
    const form = new FormData();
    form.append('purpose', 'batch');
    form.append('file', new File(['{}'], 'undisclosed.jsonl'));
    const encoded = new Response(form);
    const headers = { 'content-type': encoded.headers.get('content-type') ?? '' };
    const { status, body } = await other('/v1/files', { headers, body: await encoded.text() });
    expect([status, body.id === ids.input]).toEqual([200, false]);
    expect((await other(`/v1/files/${body.id}`)).status).toBe(200);
  },
  'GET /v1/files': async () => {
    expect((await other('/v1/files')).body.data).toEqual([]);
    expect((await other('/v1/files?caller=docs')).status).toBe(400);
  },
  'GET /v1/files/{id}': async () => notFound(await eachStored((id) => `/v1/files/${id}`)),
  'DELETE /v1/files/{id}': async () => notFound(await eachStored((id) => `/v1/files/${id}`, 'DELETE')),
  'GET /v1/files/{id}/content': async () => notFound(await eachStored((id) => `/v1/files/${id}/content`)),
  'POST /v1/batches': async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const { status, body } = await other('/v1/batches', { headers, body: batchOf(ids.input) });
    expect([status, body.error.param]).toEqual([400, 'input_file_id']);
  },
  'GET /v1/batches': async () => {
    expect((await other('/v1/batches')).body.data).toEqual([]);
    expect((await other(`/v1/batches?after=${ids.batch}`)).status).toBe(400);
  },
  'GET /v1/batches/{id}': async () => notFound([await other(`/v1/batches/${ids.batch}`)]),
  'POST /v1/batches/{id}/cancel': async () =>
    notFound([await other(`/v1/batches/${ids.batch}/cancel`, { method: 'POST' })]),
  'GET /v1/models': async () => expect((await other('/v1/models')).text).not.toMatch(PRIVATE),
  'GET /v1/models/{model}': async () => notFound([await other(`/v1/models/${ids.completed}`)]),
  'POST /search': async () => {
    const { body, text } = await search({ query: OUTPUT, top_k: 100 });
    expect([body, text]).toEqual([
      { data: [], matches: [], next_cursor: null },
      expect.not.stringMatching(PRIVATE),
    ]);
  },
  'POST /comparisons': async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const body = { prompts: ['a question'], settings: [{ label: 'a' }], samples: 2 };
    expect((await other('/comparisons', { headers, body })).text).not.toMatch(PRIVATE);
  },
  'POST /comparisons/estimate': async () => {
    const body = { prompts: ['a question'], settings: [{ label: 'a' }] };
    const { text, body: estimate } = await other('/comparisons/estimate', { body });
    expect(text).not.toMatch(PRIVATE);
    expect(estimate.settings[0].earlier_outputs).toBe(0);
  },
  'GET /comparisons': async () => {
    const { body, text } = await other('/comparisons?limit=100');
    expect(body.data.map(({ id }: { id: string }) => id)).not.toContain(ids.comparison);
    expect(text).not.toMatch(PRIVATE);
  },
  'GET /comparisons/{id}': async () => notFound([await other(`/comparisons/${ids.comparison}`)]),
  'DELETE /comparisons/{id}': async () =>
    notFound([await other(`/comparisons/${ids.comparison}`, { method: 'DELETE' })]),
  'POST /comparisons/{id}/cancel': async () =>
    notFound([await other(`/comparisons/${ids.comparison}/cancel`, { method: 'POST' })]),
  'POST /files': async () => {
    const { body } = await other('/files', { body: { filename: 'undisclosed.txt', size_bytes: 9 } });
    expect(body.upload.url).toMatch(/prompts\/@other\//);
    expect([body.id === ids.upload, body.id === ids.file]).toEqual([false, false]);
    const refused = await other('/files', { body: { filename: '../@docs/a.txt', size_bytes: 9 } });
    expect(refused.status).toBe(400);
  },
  'GET /files': async () => {
    expect((await other('/files')).body.data).toEqual([]);
    expect((await other('/files?caller=docs')).status).toBe(400);
  },
  'POST /files/estimate': async () => {
    const keys = [...service.world.content.objects.keys()].filter((key) => key.startsWith('prompts/'));
    for (const body of [{ file_id: ids.file }, { file_id: ids.upload }, ...keys.map((key) => ({ key }))])
      notFound([await other('/files/estimate', { body })]);
  },
  'GET /files/{id}': async () => notFound(await eachFile((id) => `/files/${id}`)),
  'DELETE /files/{id}': async () => notFound(await eachFile((id) => `/files/${id}`, 'DELETE')),
  'POST /files/{id}/results': async () => notFound(await eachFile((id) => `/files/${id}/results`, 'POST')),
  'POST /files/{id}/retry': async () => notFound(await eachFile((id) => `/files/${id}/retry`, 'POST')),
  'POST /exports': async () => {
    const { status, body } = await other('/exports', { body: { format: 'jsonl', texts: true } });
    expect(status).toBe(202);
    await continueExport(body.id, service.world.deps);
    const { download, rows } = (await other(`/exports/${body.id}`)).body;
    expect([download.url, rows]).toEqual([expect.stringContaining('exports/@other/'), 0]);
  },
  'GET /exports': async () => {
    expect((await other('/exports')).body.data).toEqual([]);
    expect((await other('/exports?caller=docs')).status).toBe(400);
  },
  'GET /exports/{id}': async () => notFound([await other(`/exports/${ids.export}`)]),
  'DELETE /exports/{id}': async () => notFound([await other(`/exports/${ids.export}`, { method: 'DELETE' })]),
  'GET /callers': async () => forbidden(await other('/callers')),
  'GET /operations': async () => forbidden(await other('/operations')),
  'GET /usage': async () => {
    expect((await other('/usage?caller=docs')).status).toBe(400);
    for (const group of ['model', 'label', 'day', 'metadata.team']) {
      const { text, body } = await other(`/usage?group_by=${group}`);
      expect(text).not.toMatch(PRIVATE);
      expect(body.total).toMatchObject({ requests: 0, generations: 0 });
    }
  },
};

const closed = ROUTES.filter(({ isOpen }) => !isOpen).map(({ method, path }) => `${method} ${path}`);

test('every closed route has an attempt in this file', () => {
  expect(Object.keys(ATTEMPTS).toSorted()).toEqual(closed.toSorted());
});

test.each(closed)('%s reads and changes nothing of another caller', async (route) => {
  await ATTEMPTS[route]?.();
  expect(docsState()).toBe(before);
  // Its owner can still read it.
  expect((await service.ask(`/runs/${ids.completed}`)).status).toBe(200);
});

describe("a search filter that tries to reach another caller's outputs finds none", () => {
  test.each<[string, () => object]>([
    ['by the id of its run', () => ({ run_id: ids.completed })],
    ['by its metadata', () => ({ 'metadata.team': TEAM })],
    ['by bounds that everything fulfils', () => ({ min_tokens: 0, max_cost_usd: 1e9, since: '2000-01-01' })],
    ['by metadata named as a field of ours', () => ({ 'metadata.run_id': ids.completed })],
    ['by metadata named as an operator', () => ({ 'metadata.$or': 'x' })],
  ])('%s', async (_, filter) => {
    const { status, body } = await search({ query: OUTPUT, filter: filter() });
    expect([status, body]).toEqual([200, { data: [], matches: [], next_cursor: null }]);
  });

  test.each<[string, object]>([
    ['an operator for a field', { run_id: { $ne: '' } }],
    ['an operator at the top', { $or: [{ run_id: { $ne: '' } }] }],
    ['a list of values', { run_id: ['a', 'b'] }],
    ['a namespace', { namespace: 'bag-of-words:docs' }],
    ['a caller', { caller: 'docs' }],
    ['an operator in metadata', { 'metadata.team': { $exists: true } }],
    ['a prototype', JSON.parse('{"__proto__": {"run_id": "x"}}')],
  ])('%s is refused', async (_, filter) => {
    const { status, body } = await search({ query: OUTPUT, filter });
    expect([status, body.code]).toEqual([400, 'invalid_input']);
  });

  test('a namespace or caller beside the filter is refused, too', async () => {
    expect((await search({ query: OUTPUT, namespace: 'bag-of-words:docs' })).status).toBe(400);
    expect((await search({ query: OUTPUT, caller: 'docs' })).status).toBe(400);
  });

  test("metadata that claims another caller's run finds nothing but the claimant's own", async () => {
    const metadata = { run_id: ids.completed, caller: 'docs', text: PROMPT };
    const { run } = await service.run({ prompt: 'my question about graphs', metadata }, { as: 'other' });
    await service.untilQuiet();
    const { body } = await search({ query: OUTPUT, filter: { 'metadata.run_id': ids.completed } });
    expect(body.data.map(({ run_id }: { run_id: string }) => run_id)).toEqual([run.id]);
    const back = await service.ask('/search', { body: { query: 'my question', top_k: 100 } });
    expect(await back.text()).not.toContain(run.id);
  });
});
