import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeAuthenticate } from '../../../lib/http/authenticate.ts';
import { makeGenerateApp } from '../../../lib/http/generate-app.ts';
import { openaiErrorSchema } from '../../../lib/http/openai/chat-schemas.ts';
import { problemSchema } from '../../../lib/http/problem-schema.ts';
import { isOpenAIPath } from '../../../lib/http/routes.ts';
import { parseRunRequest } from '../../../lib/runs/request.ts';
import { memoryLog, stillClock } from '../../fixtures/http.ts';
import { begunRun, runView } from '../../fixtures/run-view.ts';
import { makeWholeApi, wholeUseCases } from '../../fixtures/whole-api.ts';
import { makeWorld } from '../../memory/world.ts';

const shared = {
  authenticate: makeAuthenticate({ keys: new Map(), anonymousCaller: 'local', clock: stillClock }),
  clock: stillClock,
  log: memoryLog(),
};
const api = makeWholeApi({ ...shared, ...wholeUseCases(makeWorld().deps) });
const generate = makeGenerateApp({
  ...shared,
  startRun: async (body) => {
    parseRunRequest(body, { model: 'everytoken-ngram' });
    return { kind: 'started', run: begunRun(), done: Promise.resolve(runView()) };
  },
});

const segment = fc.oneof(
  fc.constantFrom(
    'runs',
    'run_0',
    'generations',
    '0',
    'trace',
    'models',
    'search',
    'comparisons',
    'usage',
    'health',
    'v1',
    'chat',
    'completions',
    'batches',
    'files',
    'content',
    'cancel',
    '%',
    '..',
  ),
  fc.string({ maxLength: 12 }).map(encodeURIComponent),
);
const path = fc.array(segment, { maxLength: 6 }).map((segments) => `/${segments.join('/')}`);
const query = fc.array(
  fc.tuple(
    fc.oneof(fc.constantFrom('limit', 'since', 'until', 'group_by', 'cursor', 'metadata.a'), fc.string()),
    fc.string(),
  ),
);
const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS');
const body = fc.oneof(
  fc.json(),
  fc.string({ unit: 'binary' }),
  fc.uint8Array(),
  fc
    .record({ prompt: fc.string(), stream: fc.boolean(), samples: fc.integer() }, { requiredKeys: [] })
    .map((value) => JSON.stringify(value)),
);
const headers = fc.dictionary(
  fc.constantFrom('idempotency-key', 'prefer', 'authorization', 'x-api-key', 'content-type'),
  fc.oneof(
    fc.stringMatching(/^[\x20-\x7e\xa0-\xff]*$/),
    fc.constantFrom('application/json', 'wait=1', 'Bearer x'),
  ),
);

const CHAT = '{"messages":[{"role":"user","content":"x"}],"stream":true}';

describe('any request', () => {
  test('is answered below 500 by both apps, and every refusal is a problem of its status, or OpenAI’s error on its paths', async () => {
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(api, generate),
        method,
        path,
        query,
        headers,
        body,
        async (app, verb, at, parameters, sent, content) => {
          const url = `http://127.0.0.1${at}?${new URLSearchParams(parameters)}`;
          const init = {
            method: verb,
            headers: { 'content-type': 'application/json', ...sent },
            ...(verb === 'GET' ? {} : { body: content }),
          };
          const response = await app.request(url, init);
          statuses.add(response.status);
          expect(response.status).toBeLessThan(500);
          expect(response.headers.get('server-timing')).toMatch(/total;dur=/);
          if (response.status >= 400 && isOpenAIPath(new URL(url).pathname))
            openaiErrorSchema.parse(await response.json());
          else if (response.status >= 400)
            expect(problemSchema.parse(await response.json()).status).toBe(response.status);
          else await response.text();
        },
      ),
      {
        numRuns: 400,
        // One of each status that random requests might not reach.
        examples: [
          [generate, 'POST', '/runs', [], {}, '{"prompt":"x","stream":true}'],
          [generate, 'POST', '/runs', [], {}, '{}'],
          [generate, 'POST', '/v1/chat/completions', [], {}, CHAT],
          [generate, 'POST', '/v1/chat/completions', [], {}, '{}'],
          [api, 'PUT', '/v1/chat/completions', [], {}, ''],
          [api, 'GET', '/v1/models', [], {}, ''],
          [api, 'GET', '/v1/files', [], {}, ''],
          [api, 'POST', '/v1/files', [], { 'content-type': 'multipart/form-data; boundary=x' }, '--x--'],
          [api, 'POST', '/v1/batches', [], {}, '{}'],
          [api, 'GET', '/v1/batches/batch_0', [], {}, ''],
          [api, 'POST', '/comparisons', [], {}, '{"prompts":["x"],"settings":[]}'],
          [api, 'GET', '/comparisons/cmp_0', [], {}, ''],
          [api, 'PUT', '/comparisons', [], {}, ''],
        ],
      },
    );
    expect([...statuses].sort()).toEqual(expect.arrayContaining([200, 400, 404, 405]));
  });
});
