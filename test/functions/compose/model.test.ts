import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { composeGenerateOne } from '../../../functions/compose/model.ts';
import { composeRoutes, endpointsOf } from '../../../functions/compose/servers.ts';
import { configurationOf } from '../../../lib/adapters/settings/configuration.ts';
import { makeGenerateApp } from '../../../lib/http/generate-app.ts';
import { problemSchema } from '../../../lib/http/problem-schema.ts';
import { runSchema } from '../../../lib/http/runs/schemas.ts';
import { makeStartRun } from '../../../lib/lifecycle/start.ts';
import {
  answerOf,
  DONE,
  delta,
  finish,
  type Received,
  startModelServer,
  writeParts,
} from '../../lib/adapters/openai/model-server.ts';
import { makeWorld, type World } from '../../memory/world.ts';

type Server = Awaited<ReturnType<typeof startModelServer>>;
const started: Server[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.close()));
});
let world: World;
beforeEach(() => {
  world = makeWorld();
});

type Taste = { refuses?: string[]; ownedBy?: string; answer?: string };

/** A small model server that refuses the named fields as OpenAI does and accepts all others. */
const serverThat = async ({ refuses = [], ownedBy, answer = answerOf('a', ' text') }: Taste = {}) => {
  const say = (response: ServerResponse, status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const server = await startModelServer(async (response, { path, body }) => {
    if (path === '/v1/models') {
      return void say(response, 200, { data: [{ id: 'llama3', owned_by: ownedBy }] });
    }
    const refused = refuses.find((field) => field in body);
    if (refused !== undefined) {
      const message = `Unrecognized request argument supplied: ${refused}`;
      return void say(response, 400, { error: { message, type: 'invalid_request_error', param: null } });
    }
    await writeParts(response, [answer]);
    response.end();
  });
  started.push(server);
  return { ...server, asked: () => server.received.filter(({ path }) => path === '/v1/chat/completions') };
};

/** POST /runs of the functions' own composition: configured by variables, stored in memory. */
const makePost = (server: { baseURL: string }, variables: Record<string, string> = {}) => {
  const config = configurationOf({
    TABLE_NAME: 'table',
    CONTENT_BUCKET: 'bucket',
    BUS_NAME: 'bus',
    JOBS_QUEUE_URL: 'http://127.0.0.1/jobs',
    INTAKE_QUEUE_URL: 'http://127.0.0.1/intake',
    OPENAI_BASE_URL: server.baseURL,
    OPENAI_API_KEY: 'default-key',
    DEFAULT_MODEL: 'llama3',
    ...variables,
  });
  const app = makeGenerateApp({
    authenticate: async () => ({ caller: 'local' }),
    startRun: makeStartRun({
      ...world.deps,
      generateOne: composeGenerateOne(config, () => false),
      defaults: { model: config.defaultModel, routeOf: composeRoutes(endpointsOf(config), config) },
    }),
    clock: world.clock,
    log: world.log,
  });
  return async (body: Record<string, unknown>) => {
    const response = await app.request('/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'Explain vector databases.', ...body }),
    });
    const answer: unknown = await response.json();
    return { status: response.status, answer };
  };
};
type Post = ReturnType<typeof makePost>;

const generationOf = async (post: Post, body: Record<string, unknown>) => {
  const { status, answer } = await post(body);
  expect(status).toBe(201);
  const [generation] = runSchema.parse(answer).generations;
  if (!generation) throw new Error('the run has no generation');
  return generation;
};
const problemOf = async (post: Post, body: Record<string, unknown>) => {
  const { status, answer } = await post(body);
  return { answered: status, ...problemSchema.parse(answer) };
};
const fieldsOf = ({ body }: Received) => Object.keys(body);

describe('top_k at a server that refuses it', () => {
  test('is left out: the run has a warning and no effect, and the next run does not send it', async () => {
    const server = await serverThat({ refuses: ['top_k'] });
    const post = makePost(server);
    for (let run = 0; run < 2; run++) {
      const { sampling, text } = await generationOf(post, { top_k: 40, temperature: 0.5 });
      expect(text).toBe('a text');
      expect(sampling).toMatchObject({
        requested: { top_k: 40 },
        effective: { top_k: null, temperature: 0.5 },
        warnings: ['top_k is not accepted by this server for llama3'],
      });
      expect(sampling.sent).not.toHaveProperty('top_k');
    }
    expect(server.asked().map((one) => fieldsOf(one).includes('top_k'))).toEqual([true, false, false]);
  });

  test('is a 400 with strict_sampling, before any request or write', async () => {
    const server = await serverThat({ refuses: ['top_k'] });
    const problem = await problemOf(makePost(server), {
      strict_sampling: true,
      top_p: 0.9,
      settings: [{ label: 'a' }, { label: 'b', top_k: 40 }],
    });
    expect(problem).toMatchObject({
      answered: 400,
      code: 'sampling_not_applied',
      errors: [{ path: 'settings.1.top_k', message: expect.stringContaining('not known to apply top_k') }],
    });
    expect(server.received).toEqual([]);
    expect(world.runs.runs.size).toBe(0);
  });

  test('is a 400 with strict_sampling that carries the run, where only the server could tell', async () => {
    const server = await serverThat({ refuses: ['top_k'] });
    const post = makePost(server, { MODEL_CATALOGUE: '{"llama3": {"top_k": "applied"}}' });
    const problem = await problemOf(post, { strict_sampling: true, top_k: 40 });
    expect(problem).toMatchObject({
      answered: 400,
      status: 400,
      code: 'sampling_not_applied',
      run: { status: 'failed', generations: [{ attempts: [{ status: 400 }], text: null }] },
    });
    expect(problem.detail).toContain('top_k');
    expect(server.asked()).toHaveLength(1);
  });
});

describe('top_k at a server that accepts it', () => {
  test('and drops it silently has no effect, and is not sent when the list of models shows the kind of server', async () => {
    const server = await serverThat({ ownedBy: 'library' });
    const { sampling } = await generationOf(makePost(server), { top_k: 40 });
    expect(sampling.effective.top_k).toBeNull();
    expect(sampling.warnings).toEqual(['top_k is accepted but not applied by Ollama']);
    expect(server.asked().flatMap(fieldsOf)).not.toContain('top_k');
  });

  test('and is of an unknown kind is reported as not known to be applied', async () => {
    const server = await serverThat();
    const { sampling } = await generationOf(makePost(server), { top_k: 40 });
    expect(sampling).toMatchObject({ sent: { top_k: 40 }, effective: { top_k: null } });
    expect(sampling.warnings).toEqual(['this server is not known to apply top_k; it may drop it silently']);
  });

  test('and applies it, according to its list of models, has its effect', async () => {
    const server = await serverThat({ ownedBy: 'vllm' });
    const { sampling } = await generationOf(makePost(server), { top_k: 40 });
    expect(sampling).toMatchObject({ effective: { top_k: 40 }, warnings: [] });
    expect(server.received.filter(({ path }) => path === '/v1/models')).toHaveLength(1);
  });

  test('causes a request for the list of models only in runs that ask for top_k', async () => {
    const server = await serverThat({ ownedBy: 'vllm' });
    await generationOf(makePost(server), { temperature: 0.5 });
    expect(server.received).toHaveLength(1);
  });
});

describe('strict sampling', () => {
  test('accepts the parameters that the operator lists as applied', async () => {
    const server = await serverThat();
    const post = makePost(server, {
      MODEL_CATALOGUE: '{"*": {"top_k": "applied", "extra": {"min_p": "applied"}}}',
    });
    const body = { strict_sampling: true, top_k: 40, extra_body: { min_p: 0.05 } };
    const { sampling } = await generationOf(post, body);
    expect(sampling).toMatchObject({ effective: { top_k: 40, min_p: 0.05 }, warnings: [] });
  });

  test('refuses by name fields of extra_body whose effect is unknown', async () => {
    const problem = await problemOf(makePost(await serverThat()), {
      strict_sampling: true,
      extra_body: { min_p: 0.05 },
    });
    expect(problem.errors).toMatchObject([{ path: 'extra_body.min_p' }]);
  });
});

test('a server that refuses stream_options is asked without: tokens stay uncounted, with a warning', async () => {
  const answer = [delta({ content: 'a text' }), finish(), DONE].join('');
  const server = await serverThat({ refuses: ['stream_options'], answer });
  const { usage, sampling, cost_usd } = await generationOf(makePost(server), {});
  expect(usage.completion_tokens).toBeNull();
  expect(cost_usd).toBeNull();
  expect(sampling.warnings).toEqual([
    'tokens may not be counted: stream_options is not accepted by this server for llama3',
  ]);
  expect(server.asked()).toHaveLength(2);
});

test('requested log probabilities that did not come are reported as not applied', async () => {
  const { sampling } = await generationOf(makePost(await serverThat()), { logprobs: true });
  expect(sampling.effective.logprobs).toBeNull();
  expect(sampling.warnings).toEqual(['logprobs were requested, but the server sent none']);
});

test('requested alternatives that did not come with the log probabilities are reported as not applied', async () => {
  const logprobs = { content: [{ token: 'a', logprob: -0.5, bytes: [97], top_logprobs: [] }] };
  const answer = [delta({ content: 'a' }, { logprobs }), finish(), DONE].join('');
  const server = await serverThat({ answer });
  const { sampling } = await generationOf(makePost(server), { top_logprobs: 4 });
  expect(sampling).toMatchObject({
    sent: { logprobs: true, top_logprobs: 4 },
    effective: { logprobs: true, top_logprobs: null },
    warnings: ['top_logprobs were requested, but the server sent none'],
  });
});

test('a response_format is sent to the server verbatim, for each setting', async () => {
  const server = await serverThat();
  const schema = { name: 'a', strict: true, schema: { type: 'object', properties: {} } };
  const format = { type: 'json_schema', json_schema: schema };
  const { status } = await makePost(server)({
    response_format: format,
    settings: [{ label: 'a' }, { label: 'b', response_format: { type: 'json_object' } }],
  });
  expect(status).toBe(201);
  const sent = server.asked().map(({ body }) => JSON.stringify(body.response_format));
  expect(sent.sort()).toEqual([JSON.stringify({ type: 'json_object' }), JSON.stringify(format)].sort());
});

describe('a model of a configured provider', () => {
  const two = async (own: Record<string, unknown> = {}) => {
    const [standard, other] = [await serverThat(), await serverThat({ refuses: ['top_k'] })];
    const providers = { mine: { base_url: other.baseURL, api_key: 'key-of-mine', ...own } };
    return { standard, other, variables: { PROVIDERS: JSON.stringify(providers) } };
  };

  test('is requested there, under its name after the first slash and with the provider’s key', async () => {
    const { standard, other, variables } = await two();
    const generation = await generationOf(makePost(standard, variables), { model: 'mine/meta/llama-4' });
    expect(generation).toMatchObject({ provider: 'mine', model: 'answering-model' });
    expect(other.asked()).toMatchObject([
      { headers: { authorization: 'Bearer key-of-mine' }, body: { model: 'meta/llama-4' } },
    ]);
    expect(standard.received).toEqual([]);
  });

  test('and one of the default server can be settings of one run, with separate records of refused fields', async () => {
    const { standard, other, variables } = await two();
    const { answer } = await makePost(
      standard,
      variables,
    )({
      top_k: 40,
      settings: [{ label: 'a' }, { label: 'b', model: 'mine/llama3' }],
    });
    const [a, b] = runSchema.parse(answer).generations;
    expect(a).not.toHaveProperty('provider');
    expect(a?.sampling.sent.top_k).toBe(40);
    expect(b?.provider).toBe('mine');
    expect(b?.sampling.sent).not.toHaveProperty('top_k');
    expect(other.asked()).toHaveLength(2);
  });

  test('is not meant by a name whose first part is not a provider', async () => {
    const { standard, variables } = await two();
    const generation = await generationOf(makePost(standard, variables), { model: 'meta/llama-4' });
    expect(generation).not.toHaveProperty('provider');
    expect(standard.asked()).toMatchObject([
      { headers: { authorization: 'Bearer default-key' }, body: { model: 'meta/llama-4' } },
    ]);
  });

  test('is treated as its configured kind of server', async () => {
    const { standard, variables } = await two({ server: 'ollama' });
    const problem = await problemOf(makePost(standard, variables), {
      model: 'mine/llama3',
      top_k: 40,
      strict_sampling: true,
    });
    expect(problem.errors).toEqual([
      { path: 'top_k', message: 'top_k is accepted but not applied by Ollama' },
    ]);
  });
});

describe('a price', () => {
  const PRICES = JSON.stringify({
    llama3: { input: 1_000, output: 2_000, source: 'our contract', as_of: '2026-11-01' },
  });

  test('set by the operator is the price of a run, and is stored with it', async () => {
    const { cost_usd, price } = await generationOf(makePost(await serverThat(), { PRICES }), {});
    expect(cost_usd).toBeCloseTo((9 * 1_000 + 3 * 2_000) / 1e6, 9);
    expect(price).toEqual({
      source: 'our contract',
      as_of: '2026-11-01',
      input: 1_000,
      cached: 1_000,
      output: 2_000,
    });
  });

  test('of OpenAI is not used for another server, whatever its models are called', async () => {
    const answer = answerOf('a').replaceAll('answering-model', 'gpt-6-luna');
    const generation = await generationOf(makePost(await serverThat({ answer })), { model: 'gpt-6-luna' });
    expect(generation).toMatchObject({ cost_usd: null, price: null });
  });
});

describe('the retirement of a model', () => {
  test('is a 400 that names the replacement once the date has come', async () => {
    const server = await serverThat();
    expect(await problemOf(makePost(server), { model: 'text-davinci-003' })).toMatchObject({
      answered: 400,
      errors: [{ path: 'model', message: 'was retired on 2024-01-04; use gpt-6-luna' }],
    });
    expect(server.received).toEqual([]);
  });

  test('is a warning of the run until then', async () => {
    const { sampling } = await generationOf(makePost(await serverThat()), { model: 'gpt-4o-mini' });
    expect(sampling.warnings).toEqual(['the shutdown of gpt-4o-mini is announced for 2027-01-14']);
  });
});
