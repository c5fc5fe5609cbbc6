import { expect, test } from 'vitest';
import { makeAuthenticate } from '../../lib/http/authenticate.ts';
import { makeGenerateApp } from '../../lib/http/generate-app.ts';
import { problemSchema } from '../../lib/http/problem-schema.ts';
import { makeStartRun } from '../../lib/lifecycle/start.ts';
import { MAX_PROMPT_BYTES } from '../../lib/runs/request.ts';
import { makeGenerateOne } from '../factories/generation.ts';
import { makeWorld } from '../memory/world.ts';
import { snapshotOf } from '../tools/soak/fuzz/world-target.ts';
import { makeService, type Service } from './service.ts';

type Ask = Parameters<Service['ask']>[1];
type Expected = { code: string; paths?: string[]; says?: RegExp; headers?: Record<string, string | RegExp> };

const run = (body: unknown, more: Ask = {}): [string, Ask] => ['/runs', { ...more, body }];
const x = { prompt: 'x' };
const invalid = (...paths: string[]): Expected => ({ code: 'invalid_input', paths });

const LONG = 'x'.repeat(70_000);

/** Name, request, status and expected problem. */
const BAD: [name: string, request: [string, Ask], status: number, expected: Expected][] = [
  ['empty body: 400', run(''), 400, { code: 'empty_body' }],
  ['invalid JSON: 400', run('{"prompt":'), 400, { code: 'invalid_json' }],
  [
    'wrong content type: 415',
    run('prompt=x', { headers: { 'content-type': 'text/plain' } }),
    415,
    { code: 'unsupported_media_type' },
  ],
  ['array at the root: 400', run([x]), 400, invalid('')],
  ['scalar at the root: 400', run('5'), 400, invalid('')],
  ['unknown field: 400, named', run({ ...x, colour: 'red' }), 400, invalid('colour')],
  ['blank prompt: 400', run({ prompt: ' \n\t' }), 400, invalid('prompt')],
  [
    'prompt over the limit: 413',
    run({ prompt: 'x'.repeat(MAX_PROMPT_BYTES + 1) }),
    413,
    { code: 'prompt_too_large', paths: ['prompt'] },
  ],
  [
    'stop, response_format and extra_body over their limit: 413',
    run({ ...x, samples: 64, stop: 'x'.repeat(70_000) }),
    413,
    { code: 'fields_too_large', paths: ['stop'] },
  ],
  [
    'the same in a comparison: 413',
    [
      '/comparisons',
      { body: { prompts: ['x', 'y'], settings: [{ label: 'a', extra_body: { x: LONG } }], samples: 2 } },
    ],
    413,
    { code: 'fields_too_large', paths: ['settings.0.extra_body'] },
  ],
  [
    'the same in the defaults of a file: 413',
    ['/files', { body: { filename: 'a.csv', size_bytes: 9, defaults: { extra_body: { x: LONG } } } }],
    413,
    { code: 'fields_too_large', paths: ['defaults.extra_body'] },
  ],
  ['body over the limit: 413', run({ prompt: 'x'.repeat(1024 * 1024) }), 413, { code: 'body_too_large' }],
  [
    'too many settings x samples: 400',
    run({ ...x, settings: [{ label: 'a' }, { label: 'b' }], samples: 33 }),
    400,
    invalid('samples'),
  ],
  [
    'retired model: 400 with the replacement',
    run({ ...x, model: 'text-davinci-003' }),
    400,
    { code: 'invalid_input', paths: ['model'], says: /gpt-6-luna/ },
  ],
  ['max_tokens 0: 400', run({ ...x, max_tokens: 0 }), 400, invalid('max_tokens')],
  ['max_tokens negative: 400', run({ ...x, max_tokens: -1 }), 400, invalid('max_tokens')],
  ['max_tokens fractional: 400', run({ ...x, max_tokens: 1.5 }), 400, invalid('max_tokens')],
  ['max_tokens huge: 400', run({ ...x, max_tokens: 1e9 }), 400, invalid('max_tokens')],
  ['temperature out of range: 400', run({ ...x, temperature: 2.1 }), 400, invalid('temperature')],
  ['top_p out of range: 400', run({ ...x, top_p: -0.1 }), 400, invalid('top_p')],
  ['top_k out of range: 400', run({ ...x, top_k: 0 }), 400, invalid('top_k')],
  ['lone surrogates: 400', run({ prompt: 'x\ud800' }), 400, invalid('prompt')],
  [
    '__proto__ keys: 400, nothing polluted',
    run('{"prompt":"x","__proto__":{"polluted":1},"extra_body":{"__proto__":{"polluted":1}}}'),
    400,
    { code: 'invalid_input', says: /__proto__/ },
  ],
  [
    'bad Idempotency-Key: 400',
    run(x, { headers: { 'idempotency-key': 'two words' } }),
    400,
    invalid('Idempotency-Key'),
  ],
  [
    'no key: 401 before any work',
    run('no json', { as: null, headers: { 'content-type': 'text/plain' } }),
    401,
    { code: 'unauthorized', headers: { 'www-authenticate': /^Bearer/ } },
  ],
  [
    'wrong key: 403 before any work',
    run('no json', { as: null, headers: { 'x-api-key': 'wrong', 'content-type': 'text/plain' } }),
    403,
    { code: 'forbidden' },
  ],
  ['unknown run: 404', ['/runs/run_00000000000000000000000009', {}], 404, { code: 'not_found' }],
  ['bad cursor: 400', ['/runs?cursor=bad', {}], 400, invalid('cursor')],
  ['unknown route: 404', ['/nothing', {}], 404, { code: 'unknown_route' }],
  [
    'wrong method: 405 with Allow',
    ['/usage', { method: 'DELETE' }],
    405,
    { code: 'method_not_allowed', headers: { allow: 'GET, HEAD' } },
  ],
];

test.each(BAD)('%s', async (_, [path, ask], status, { code, paths, says, headers = {} }) => {
  const generateOne = makeGenerateOne();
  const service = makeService({ world: makeWorld({ generateOne }) });
  await service.run(x);
  const before = snapshotOf(service.world);
  const answer = await service.ask(path, ask);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
  const problem = problemSchema.parse(await answer.json());
  expect(problem).toMatchObject({ status, code });
  if (paths) expect(problem.errors?.map((issue) => issue.path)).toEqual(paths);
  if (says) expect(problem.detail).toMatch(says);
  for (const [name, value] of Object.entries(headers)) expect(answer.headers.get(name)).toMatch(value);
  expect(snapshotOf(service.world)).toEqual(before);
  expect(generateOne.calls).toHaveLength(1);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});

test('unlisted model: 400 when the operator lists the allowed models', async () => {
  const { deps } = makeWorld();
  const defaults = { ...deps.defaults, allowedModels: ['gpt-6-luna'] };
  const app = makeGenerateApp({
    authenticate: makeAuthenticate({ keys: new Map(), anonymousCaller: 'local', clock: deps.clock }),
    startRun: (body, options) => makeStartRun({ ...deps, defaults })(body, options),
    clock: deps.clock,
    log: deps.log,
  });
  const ask = (model: string) =>
    app.request('/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...x, model }),
    });
  const refused = await ask('another-model');
  expect([refused.status, await refused.json()]).toMatchObject([400, { errors: [{ path: 'model' }] }]);
  expect((await ask('gpt-6-luna')).status).toBe(201);
});

test('over budget: 429 with Retry-After, and nothing is stored', async () => {
  const generateOne = makeGenerateOne();
  const service = makeService({ world: makeWorld({ generateOne }) });
  await service.world.budgets.set('docs', { tokens: 100, costUsd: null });
  const before = snapshotOf(service.world);
  for (const more of [{}, { stream: true }, { background: true }]) {
    const answer = await service.ask('/runs', { body: { ...x, max_tokens: 200, ...more } });
    expect([answer.status, await answer.json()]).toMatchObject([429, { code: 'over_budget' }]);
    const untilMidnight = (Date.UTC(2026, 10, 23) - service.world.clock.now()) / 1000;
    expect(Number(answer.headers.get('retry-after'))).toBeCloseTo(untilMidnight, -1);
  }
  expect(snapshotOf(service.world)).toEqual(before);
  expect(generateOne.calls).toEqual([]);
  // Another caller has a budget of its own.
  expect((await service.run({ ...x, max_tokens: 200 }, { as: 'other' })).status).toBe(201);
});

test("OpenAI's route answers 413 to fields over their limit, and names one as the client sent it", async () => {
  const body = { messages: [{ role: 'user', content: 'x' }], response_format: { type: 'text', x: LONG } };
  const answer = await makeService().ask('/v1/chat/completions', { body });
  expect([answer.status, await answer.json()]).toMatchObject([
    413,
    { error: { code: 'fields_too_large', param: 'response_format' } },
  ]);
});

const many = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`u${at}_${'x'.repeat(5_000)}`, '1']));
/** As many, within the size of fields for the model server. */
const manyOfServer = Object.fromEntries(
  Object.entries(many).map(([name, value]) => [name.slice(0, 900), value]),
);
const inQuery = Object.keys(many)
  .map((name) => `${name.slice(0, 60)}=1`)
  .join('&');

test.each<[route: string, request: [string, Ask]]>([
  ['POST /runs', run({ ...x, ...many })],
  ['POST /runs, in a setting', run({ ...x, settings: [{ label: 'a', ...many }] })],
  ['POST /comparisons', ['/comparisons', { body: { prompts: ['x'], settings: [{ label: 'a' }], ...many } }]],
  ['POST /files', ['/files', { body: { filename: 'a.txt', size_bytes: 1, ...many } }]],
  ['POST /files, in defaults', ['/files', { body: { filename: 'a.txt', size_bytes: 1, defaults: many } }]],
  ['POST /search', ['/search', { body: { query: 'x', ...many } }]],
  ['GET /runs', [`/runs?${inQuery}`, {}]],
  ['GET /files', [`/files?${inQuery}`, {}]],
  ['GET /usage', [`/usage?${inQuery}`, {}]],
  [
    'POST /v1/chat/completions',
    ['/v1/chat/completions', { body: { messages: [{ role: 'user', content: 'x' }], ...manyOfServer } }],
  ],
])(
  'a 400 of %s tells 20 of 60 problems, says how many more there are, and stays short',
  async (_, [path, ask]) => {
    const answer = await makeService().ask(path, ask);
    const text = await answer.text();
    expect(answer.status).toBe(400);
    const { detail, errors, error } = JSON.parse(text);
    expect(detail ?? error.message).toMatch(/; and 40 more$/);
    expect(errors?.length ?? 20).toBe(20);
    expect(text.length).toBeLessThan(20_000);
  },
);
