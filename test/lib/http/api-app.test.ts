import { describe, expect, it } from 'vitest';
import { ConflictError, InvalidInputError, NotFoundError, UpstreamError } from '../../../lib/errors.ts';
import {
  healthSchema,
  modelListSchema,
  problemSchema,
  runListSchema,
  searchAnswerSchema,
  usageReportSchema,
} from '../../../lib/http/answer-schemas.ts';
import { type ApiAppDeps, makeApiApp } from '../../../lib/http/api-app.ts';
import { apiUseCases } from '../../../lib/http/api-use-cases.ts';
import { makeAuthenticate } from '../../../lib/http/authenticate.ts';
import { runSchema, traceSchema } from '../../../lib/http/run-schemas.ts';
import { parseApiKeys } from '../../../lib/keys/api-key.ts';
import type { ModelsView } from '../../../lib/models/list.ts';
import type { Trace } from '../../../lib/runs/generation.ts';
import type { ListQuery } from '../../../lib/runs/ports.ts';
import type { RunSummaryView } from '../../../lib/runs/view.ts';
import { samplingOf } from '../../../lib/sampling/catalogue.ts';
import { makeServer } from '../../../lib/sampling/server.ts';
import type { SearchQuery } from '../../../lib/search/search-query.ts';
import { readUsage } from '../../../lib/usage/read.ts';
import { memoryLog, stillClock } from '../../fixtures/http.ts';
import { runView } from '../../fixtures/run-view.ts';
import { makeWorld } from '../../memory/world.ts';

const summary: RunSummaryView = {
  id: 'run_0',
  object: 'run',
  status: 'completed',
  created_at: '2026-11-22T11:00:00.000Z',
  model: 'everytoken-ngram',
  labels: ['default'],
  metadata: {},
  counts: { generations: 1, completed: 1, failed: 0 },
  usage: { prompt_tokens: 9, completion_tokens: 3, reasoning_tokens: null, cached_tokens: null },
  cost_usd: null,
  mean_ttft_ms: 12.5,
  mean_tpot_ms: 11,
  error: null,
};
const marks = {
  t0_utc: '2026-11-22T11:00:00.000Z',
  t0_monotonic_ms: 5,
  completion_id: null,
  tH: 1,
  tR: 2,
  t1: 2,
  tO: 2,
  tL: 3,
  tE: 4,
};
const trace: Trace = {
  marks,
  chunks: [
    { t_ms: 2, text: 'a', tokens: 1 },
    { t_ms: 3, text: 'b', tokens: null, logprobs: [] },
  ],
};

const models: ModelsView = {
  data: [
    {
      id: 'everytoken-ngram',
      provider: 'default',
      sampling: samplingOf(makeServer('http://127.0.0.1:1/v1'), 'everytoken-ngram'),
      shutdown_date: null,
      retired: false,
      replacement: null,
      price: null,
    },
  ],
  providers: [{ name: 'default', status: 'ok', server: 'everytoken', models: 1, error: null }],
};

/** Runs of one caller; run_gone was deleted. */
const memoryDeps = () => {
  const runs = new Map([['run_0', { caller: 'local', run: runView() }]]);
  const find = (id: string, caller: string) => {
    if (id === 'run_gone') throw new NotFoundError('run run_gone was deleted', { code: 'gone' });
    const found = runs.get(id);
    if (found?.caller !== caller) throw new NotFoundError(`there is no run ${id}`);
    return found.run;
  };
  const listed: ListQuery[] = [];
  const searched: SearchQuery[] = [];
  const log = memoryLog();
  const deps: ApiAppDeps = {
    authenticate: makeAuthenticate({ keys: new Map(), anonymousCaller: 'local', now: stillClock.now }),
    readRun: async (id, caller) => find(id, caller),
    deleteRun: async (id, caller) => {
      find(id, caller);
      runs.delete(id);
    },
    cancelRun: async (id, caller) => ({ ...find(id, caller), status: 'cancelled' }),
    readTrace: async (id, index, caller) => {
      find(id, caller);
      if (index > 0) throw new NotFoundError(`run ${id} has no generation ${index}`);
      return trace;
    },
    listRuns: async (query) => {
      listed.push(query);
      if (query.cursor === 'bad')
        throw new InvalidInputError([{ path: 'cursor', message: 'was not given out' }]);
      return { runs: [summary], nextCursor: 'next' };
    },
    listModels: async () => models,
    search: async (query) => {
      searched.push(query);
      return {
        matches: [
          {
            score: 0.7,
            run_id: 'run_0',
            index: 0,
            text: 'Vectors',
            metadata: { label: 'default', tokens: 3 },
          },
        ],
      };
    },
    usage: async (query, caller) => ({
      ...(await readUsage(query, caller, { listRuns: async () => ({ runs: [], nextCursor: null }) })),
      budget: null,
    }),
    files: apiUseCases(makeWorld().deps).files,
    comparisons: {
      create: async () => ({ id: 'cmp_0', isReplay: false }),
      read: async (id) => {
        throw new NotFoundError(`there is no comparison ${id}`);
      },
    },
    health: async () => ({ status: 'ok', checks: { dynamodb: 'ok', s3: 'ok' } }),
    clock: stillClock,
    log,
  };
  return { deps, listed, searched, log };
};

const makeApp = (changes: Partial<ApiAppDeps> = {}) => {
  const { deps, ...seen } = memoryDeps();
  return { app: makeApiApp({ ...deps, ...changes }), ...seen };
};

const problemIn = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem;
};

describe('runs', () => {
  it('answers with a run, its id and the time it took', async () => {
    const response = await makeApp().app.request('/runs/run_0');
    expect(response.status).toBe(200);
    expect(runSchema.parse(await response.json())).toEqual(runView());
    expect(response.headers.get('x-everytoken-run-id')).toBe('run_0');
    expect(response.headers.get('server-timing')).toMatch(/^total;dur=[\d.]+$/);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    ['/runs/run_1', 404, 'not_found'],
    ['/runs/run_gone', 410, 'gone'],
    ['/runs/..%2f..%2fetc', 404, 'not_found'],
    [`/runs/${'x'.repeat(129)}`, 404, 'not_found'],
    ['/runs/%00', 404, 'not_found'],
    ['/runs/run_0/generations/1/trace', 404, 'not_found'],
    ['/runs/run_gone/generations/0/trace', 410, 'gone'],
    ['/runs/run_0/generations/-1/trace', 400, 'invalid_input'],
    ['/runs/run_0/generations/first/trace', 400, 'invalid_input'],
  ])('answers %s with %i %s', async (path, status, code) => {
    const response = await makeApp().app.request(path);
    expect([response.status, (await problemIn(response)).code]).toEqual([status, code]);
  });

  it("does not show another caller's run", async () => {
    const authenticate = makeAuthenticate({ keys: parseApiKeys('other:key'), now: stillClock.now });
    const response = await makeApp({ authenticate }).app.request('/runs/run_0', {
      headers: { 'x-api-key': 'key' },
    });
    expect(response.status).toBe(404);
  });

  it('refuses wait by name until it is served', async () => {
    const problem = await problemIn(await makeApp().app.request('/runs/run_0?wait=20'));
    expect(problem.errors).toEqual([{ path: 'wait', message: 'is not served yet; leave it out' }]);
  });

  it('deletes a run with 204 and no body', async () => {
    const { app } = makeApp();
    const response = await app.request('/runs/run_0', { method: 'DELETE' });
    expect([response.status, await response.text(), response.headers.get('x-everytoken-run-id')]).toEqual([
      204,
      '',
      'run_0',
    ]);
    expect((await app.request('/runs/run_0', { method: 'DELETE' })).status).toBe(404);
  });

  it('cancels a run, and answers with it', async () => {
    const response = await makeApp().app.request('/runs/run_0/cancel', { method: 'POST' });
    expect(runSchema.parse(await response.json())).toMatchObject({ id: 'run_0', status: 'cancelled' });
    expect([response.status, response.headers.get('x-everytoken-run-id')]).toEqual([200, 'run_0']);
  });

  it('answers 409 for a run that is generated already, 404 for none, and 405 for another method', async () => {
    const cancelRun = async () => {
      throw new ConflictError('run run_0 is completed already');
    };
    const refused = await makeApp({ cancelRun }).app.request('/runs/run_0/cancel', { method: 'POST' });
    expect(await problemIn(refused)).toMatchObject({ status: 409, code: 'conflict' });
    const { app } = makeApp();
    expect((await app.request('/runs/run_1/cancel', { method: 'POST' })).status).toBe(404);
    const wrong = await app.request('/runs/run_0/cancel');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('answers with the trace of a generation', async () => {
    const response = await makeApp().app.request('/runs/run_0/generations/0/trace');
    expect(traceSchema.parse(await response.json())).toEqual(trace);
  });

  it('lists runs with the cursor of the next page', async () => {
    const { app, listed } = makeApp();
    const response = await app.request('/runs?limit=5&status=completed&metadata.team=docs&since=2026-11-01');
    expect(runListSchema.parse(await response.json())).toEqual({ data: [summary], next_cursor: 'next' });
    expect(listed).toEqual([
      {
        caller: 'local',
        limit: 5,
        status: 'completed',
        since: '2026-11-01T00:00:00.000Z',
        metadata: { team: 'docs' },
      },
    ]);
  });

  it.each([
    'format=csv',
    'limit=0',
    'limit=101',
    'status=done',
    'color=red',
    'cursor=bad',
    'limit=1&limit=2',
  ])('refuses %s by name', async (query) => {
    const problem = await problemIn(await makeApp().app.request(`/runs?${query}`));
    expect(problem).toMatchObject({ status: 400, errors: [{ path: query.split('=')[0] }] });
  });
});

describe('models', () => {
  it('are the catalogue of the configured servers', async () => {
    const response = await makeApp().app.request('/models');
    expect([response.status, modelListSchema.parse(await response.json())]).toEqual([200, models]);
  });

  it('are not shown without a key, and take no parameter', async () => {
    const authenticate = makeAuthenticate({ keys: parseApiKeys('other:key'), now: stillClock.now });
    expect((await makeApp({ authenticate }).app.request('/models')).status).toBe(401);
    const problem = await problemIn(await makeApp().app.request('/models?provider=groq'));
    expect(problem.errors).toEqual([expect.objectContaining({ path: 'provider' })]);
  });
});

describe('search', () => {
  const post = (body: unknown): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

  it('answers with what was found', async () => {
    const { app, searched } = makeApp();
    const response = await app.request('/search', post({ query: 'similarity', filter: { max_e2e_ms: 900 } }));
    expect(searchAnswerSchema.parse(await response.json()).matches).toHaveLength(1);
    expect(searched).toEqual([{ query: 'similarity', topK: 10, filter: { max: { e2e_ms: 900 } } }]);
  });

  it('answers 400 for a blank query and 502 when the index fails', async () => {
    expect(await problemIn(await makeApp().app.request('/search', post({ query: ' ' })))).toMatchObject({
      status: 400,
      errors: [{ path: 'query' }],
    });
    const search = async () => {
      throw new UpstreamError('pinecone', 'the index answered 500');
    };
    const { app, log } = makeApp({ search });
    expect(await problemIn(await app.request('/search', post({ query: 'x' })))).toMatchObject({
      status: 502,
      code: 'upstream_error',
    });
    expect(log.lines).toMatchObject([{ event: 'http.failed', path: '/search', code: 'upstream_error' }]);
  });
});

describe('usage', () => {
  it('answers for the last 7 days when nothing is said', async () => {
    const response = await makeApp().app.request('/usage');
    expect(usageReportSchema.parse(await response.json())).toMatchObject({
      since: '2026-11-15T12:00:00.000Z',
      until: '2026-11-22T12:00:00.000Z',
      group_by: null,
      total: { requests: 0, cost_usd: null },
    });
  });

  it('refuses more than 31 days', async () => {
    const problem = await problemIn(await makeApp().app.request('/usage?since=2026-01-01&until=2026-11-22'));
    expect(problem.errors).toMatchObject([{ path: 'since' }]);
  });
});

describe('open routes', () => {
  const closed = { authenticate: makeAuthenticate({ keys: new Map(), now: stillClock.now }) };

  it.each(['/', '/health', '/openapi.json'])('%s asks for no key', async (path) => {
    expect((await makeApp(closed).app.request(path)).status).toBe(200);
  });

  it.each([
    ['GET', '/runs'],
    ['GET', '/runs/run_0'],
    ['DELETE', '/runs/run_0'],
    ['POST', '/runs/run_0/cancel'],
    ['GET', '/runs/run_0/generations/0/trace'],
    ['POST', '/search'],
    ['GET', '/usage'],
  ])('%s %s does, before any work', async (method, path) => {
    expect((await makeApp(closed).app.request(path, { method })).status).toBe(401);
  });

  it('says 503 when a part is down', async () => {
    const health = async () => ({
      status: 'down' as const,
      checks: { dynamodb: 'ok' as const, pinecone: 'down' as const },
    });
    const response = await makeApp({ health }).app.request('/health');
    expect(response.status).toBe(503);
    expect(healthSchema.parse(await response.json())).toEqual(await health());
  });

  it('serves openapi.json with the stage as its server', async () => {
    const event = { path: '/openapi.json', requestContext: { path: '/dev/openapi.json' } };
    const document = await (await makeApp().app.request('/openapi.json', {}, { event })).json();
    expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/dev' }] });
  });

  it('has a page whose policy allows nothing but its own style', async () => {
    const event = { path: '/', requestContext: { path: '/dev/' } };
    const response = await makeApp().app.request('https://api.example/', {}, { event });
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; /,
    );
    const page = await response.text();
    expect(page).toContain('href="https://api.example/dev/openapi.json"');
    expect(page).toContain('curl -N https://api.example/dev/runs');
    expect(page).not.toMatch(/<script|style="|src=/);
  });
});

describe('other routes', () => {
  it.each([
    ['PUT', '/runs', 'GET, HEAD, POST'],
    ['POST', '/runs/run_0', 'GET, HEAD, DELETE'],
    ['GET', '/search', 'POST'],
    ['DELETE', '/usage', 'GET, HEAD'],
    ['POST', '/', 'GET, HEAD'],
  ])('%s %s is 405 and names %s', async (method, path, allow) => {
    const response = await makeApp().app.request(path, { method });
    expect(response.headers.get('allow')).toBe(allow);
    expect(await problemIn(response)).toMatchObject({ status: 405, code: 'method_not_allowed' });
  });

  it.each([
    ['GET', '/nothing'],
    ['GET', '/runs/'],
    ['GET', '/assets/app.js'],
    ['POST', '/runs'],
  ])('%s %s is 404', async (method, path) => {
    const response = await makeApp().app.request(path, { method });
    expect(await problemIn(response)).toMatchObject({ status: 404, code: 'unknown_route' });
  });

  it('answers HEAD as GET without a body', async () => {
    const response = await makeApp().app.request('/health', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });
});
