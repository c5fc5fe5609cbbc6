import { expect } from 'vitest';
import { InvalidInputError, NotFoundError } from '../../../lib/errors.ts';
import { apiUseCases } from '../../../lib/http/api-use-cases.ts';
import { makeAuthenticate } from '../../../lib/http/authenticate.ts';
import { type GenerateAppDeps, makeGenerateApp } from '../../../lib/http/generate-app.ts';
import { problemSchema } from '../../../lib/http/problem-schema.ts';
import { readUseCases } from '../../../lib/http/read-use-cases.ts';
import type { Started, StartRun } from '../../../lib/lifecycle/start.ts';
import type { ModelsView } from '../../../lib/models/list.ts';
import type { Trace } from '../../../lib/runs/generation.ts';
import type { ListQuery } from '../../../lib/runs/ports.ts';
import type { RunSummaryView, RunView } from '../../../lib/runs/view.ts';
import { samplingOf } from '../../../lib/sampling/catalogue.ts';
import { makeServer } from '../../../lib/sampling/server.ts';
import { answerSearch } from '../../../lib/search/answer.ts';
import type { SearchQuery } from '../../../lib/search/search-query.ts';
import { readUsage } from '../../../lib/usage/read.ts';
import { memoryLog, stillClock } from '../../fixtures/http.ts';
import { begunRun, runView } from '../../fixtures/run-view.ts';
import { makeWholeApi, type WholeApiDeps } from '../../fixtures/whole-api.ts';
import { makeWorld } from '../../memory/world.ts';

export const summary: RunSummaryView = {
  id: 'run_0',
  object: 'run',
  status: 'completed',
  created_at: '2026-11-22T11:00:00.000Z',
  model: 'everytoken-ngram',
  models: ['everytoken-ngram'],
  labels: ['default'],
  store: true,
  metadata: {},
  conversation: null,
  previous_run: null,
  prompt_preview: 'Explain vector databases.',
  text_preview: 'A vector database',
  counts: { generations: 1, completed: 1, failed: 0 },
  usage: { prompt_tokens: 9, completion_tokens: 3, reasoning_tokens: null, cached_tokens: null },
  cost_usd: null,
  mean_ttft_ms: 12.5,
  mean_tpot_ms: 11,
  e2e_ms: 40,
  longest_gap_ms: 14,
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
export const trace: Trace = {
  marks,
  chunks: [
    { t_ms: 2, text: 'a', tokens: 1 },
    { t_ms: 3, text: 'b', tokens: null, logprobs: [] },
  ],
};

export const models: ModelsView = {
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
  const deps: WholeApiDeps = {
    authenticate: makeAuthenticate({ keys: new Map(), anonymousCaller: 'local', clock: stillClock }),
    readRun: async (id, caller) => find(id, caller),
    deleteRun: async (id, caller) => {
      find(id, caller);
      runs.delete(id);
    },
    cancelRun: async (id, caller) => ({ ...find(id, caller), status: 'cancelled' }),
    readGeneration: async (id, index, caller) => {
      const generation = find(id, caller).generations[index];
      if (!generation) throw new NotFoundError(`run ${id} has no generation ${index}`);
      return generation;
    },
    readWhole: async (id, caller) => ({
      run: find(id, caller),
      request: { response: { background: true } },
      traces: [trace.chunks],
    }),
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
    exportRuns: readUseCases(makeWorld().deps).exportRuns,
    listModels: async () => models,
    usageKeys: ['team'],
    embeddings: apiUseCases(makeWorld().deps).embeddings,
    operations: async () => ({
      at: '2026-11-22T13:00:00.000Z',
      deployment: { stage: null, id: 'here' },
      in_hand: null,
      oldest: null,
      queues: [],
      last_sweep: null,
      errors: [{ part: 'in_hand', message: 'could not be read within 4 s' }],
    }),
    callers: async () => ({ data: [], next_cursor: null }),
    search: async (query) => {
      searched.push(query);
      return answerSearch(
        [
          {
            score: 0.7,
            run_id: 'run_0',
            index: 0,
            text: 'Vectors',
            words: [],
            model: 'gpt-6-luna',
            label: 'default',
            created_at: '2026-11-20T10:00:00.000Z',
            prompt_preview: 'Explain vectors.',
            metadata: { label: 'default', tokens: 3 },
          },
        ],
        [],
      );
    },
    usage: async (query, caller) => ({
      ...(await readUsage(query, caller === null ? [] : [caller], makeWorld())),
      budget: null,
    }),
    files: apiUseCases(makeWorld().deps).files,
    exports: apiUseCases(makeWorld().deps).exports,
    batchApi: apiUseCases(makeWorld().deps).batchApi,
    readFileContent: readUseCases(makeWorld().deps).readFileContent,
    readFile: async (id) => {
      throw new NotFoundError(`there is no file ${id}`);
    },
    readComparison: async (id) => {
      throw new NotFoundError(`there is no comparison ${id}`);
    },
    comparisons: {
      create: async () => ({ id: 'cmp_0', isReplay: false }),
      estimate: apiUseCases(makeWorld().deps).comparisons.estimate,
      list: async () => ({ comparisons: [], nextCursor: null }),
      read: async (id) => {
        throw new NotFoundError(`there is no comparison ${id}`);
      },
      stop: async (id) => {
        throw new NotFoundError(`there is no comparison ${id}`);
      },
      remove: async (id) => {
        throw new NotFoundError(`there is no comparison ${id}`);
      },
    },
    health: async () => ({ status: 'ok', checks: { dynamodb: 'ok', s3: 'ok' } }),
    clock: stillClock,
    log,
  };
  return { deps, listed, searched, log };
};

/** The API over one run, with a record of its calls. */
export const makeApi = (changes: Partial<WholeApiDeps> = {}) => {
  const { deps, ...seen } = memoryDeps();
  return { app: makeWholeApi({ ...deps, ...changes }), ...seen };
};

export type Seen = { body: unknown; options: Parameters<StartRun>[1] }[];

/** POST /runs over a run that the test controls, with a record of its calls. */
export const makeGenerate = (
  start: (options: Parameters<StartRun>[1]) => Promise<Started> | Started,
  changes: Partial<GenerateAppDeps> = {},
) => {
  const seen: Seen = [];
  const log = memoryLog();
  const app = makeGenerateApp({
    authenticate: makeAuthenticate({ keys: new Map(), anonymousCaller: 'local', clock: stillClock }),
    startRun: async (body, options) => {
      seen.push({ body, options });
      return await start(options);
    },
    clock: stillClock,
    log,
    ...changes,
  });
  return { app, seen, log };
};

export const endsAs = (run: RunView) => () => ({
  kind: 'started' as const,
  run: begunRun(),
  done: Promise.resolve(run),
});

export const post = (
  body: unknown = { prompt: 'Explain neural nets.' },
  headers: Record<string, string> = {},
): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

export const problemIn = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem;
};
