import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pinecone } from '@pinecone-database/pinecone';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { initialise } from '../../../cli/commands/init/initialise.ts';
import { lineOf } from '../../../cli/finding.ts';

import { type OpenaiServer, startOpenai } from '../../../local/openai/server.ts';
import { type PineconeServer, startPinecone } from '../../../local/pinecone/server.ts';
import { startSsm } from '../../factories/ssm-server.ts';
import { MODEL_CACHE } from '../../fixtures/model-cache.ts';
import { expectMisuses, expectRefusals, runEverytoken } from '../run-everytoken.ts';
import { initOptions } from './init/init-options.ts';

const OPENAI_KEY = 'sk-the-key-of-a-model-server';
const PINECONE_KEY = 'pcsk-the-key-of-an-index';
const STORED = { openai: '/everytoken/prod/openai-api-key', pinecone: '/everytoken/prod/pinecone-api-key' };

const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-init-'));
let openai: OpenaiServer;
let pinecone: PineconeServer;
let ssm: Awaited<ReturnType<typeof startSsm>>;
let indexes: Pinecone['indexes'];
const others: Server[] = [];

beforeAll(async () => {
  [openai, pinecone, ssm] = await Promise.all([
    startOpenai({ pace: 0, cacheDir: MODEL_CACHE, apiKey: OPENAI_KEY }),
    startPinecone({ file: ':memory:', apiKey: PINECONE_KEY }),
    startSsm(),
  ]);
  ({ indexes } = new Pinecone({ apiKey: PINECONE_KEY, controllerHostUrl: pinecone.url }));
});
beforeEach(() => {
  ssm.parameters.clear();
  ssm.calls.length = 0;
});
afterAll(async () => {
  for (const server of others) {
    server.closeAllConnections();
    server.close();
  }
  await Promise.all([openai?.close(), pinecone?.close(), ssm?.close()]);
  rmSync(dataDir, { recursive: true, force: true });
});

/** Starts a server with this request handler; it is closed with the others. */
const startOther = async (listener: Parameters<typeof createServer>[1]): Promise<string> => {
  const server = createServer(listener);
  others.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const variables = (more: Record<string, string> = {}) => ({
  OPENAI_API_KEY: OPENAI_KEY,
  OPENAI_BASE_URL: openai.url,
  DEFAULT_MODEL: 'everytoken-ngram',
  EMBEDDING_MODEL: 'everytoken-use',
  PINECONE_API_KEY: PINECONE_KEY,
  PINECONE_CONTROLLER_HOST: pinecone.url,
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_ENDPOINT_URL_SSM: ssm.url,
  ...more,
});

/** Runs init in this process, which is faster than a new one: its printed lines, without keys, and its status. */
const init = async (args: string[], more: Record<string, string> = {}) => {
  const given = Object.entries(variables(more)).filter(([, value]) => value !== '');
  const lines: string[] = [];
  let status = 0;
  for await (const finding of initialise(Object.fromEntries(given), initOptions(args))) {
    lines.push(lineOf(finding));
    if (finding.state === 'wrong') status = 1;
  }
  expect(lines.join('\n')).not.toMatch(/the-key-of/);
  return { status, lines };
};

describe('everytoken init', () => {
  test('reports a missing index, creates it once, and finds it ready from then on', async () => {
    const name = 'made-once';
    const index = { PINECONE_INDEX: name };
    const looked = await init(['--check'], index);
    expect([looked.status, looked.lines]).toEqual([
      1,
      [
        expect.stringMatching(/^ok +model server +http:\S+ accepts the key and lists 2 models$/),
        expect.stringMatching(/^ok +default model +everytoken-ngram is available$/),
        expect.stringMatching(/^ok +embeddings +everytoken-use answers with 1536 dimensions$/),
        expect.stringMatching(/^WRONG +pinecone index +there is no Pinecone index 'made-once'.*--check/),
      ],
    ]);
    await expect(indexes.describe(name)).rejects.toThrow();

    const made = await init(['--cloud', 'gcp', '--region-of-index', 'us-central1'], index);
    expect([made.status, made.lines.at(-1)]).toEqual([
      0,
      expect.stringContaining(`'${name}' was created in gcp us-central1: 1536 dimensions, cosine, ready`),
    ]);
    expect(JSON.stringify((await indexes.describe(name)).deployment)).toContain('us-central1');

    const again = await init([], index);
    expect([again.status, again.lines.at(-1)]).toEqual([
      0,
      expect.stringMatching(/'made-once' 1536 dimensions, cosine, ready$/),
    ]);
    expect((await indexes.list()).indexes?.filter((each) => each.name === name)).toHaveLength(1);
  });

  test('generates a few tokens with --try, and reports their cost', async () => {
    const { status, lines } = await init(['--try']);
    expect([status, lines[2]]).toEqual([
      0,
      expect.stringMatching(/^ok +generation +everytoken-ngram generated \d+ tokens at an unknown price$/),
    ]);
  });

  test('reports models and dimensions that do not fit, and creates no index for them', async () => {
    const [unknown, wide] = await Promise.all([
      init([], { DEFAULT_MODEL: 'gpt-6-luna', EMBEDDING_MODEL: 'no-such-model', PINECONE_INDEX: 'unmade' }),
      init([], { EMBEDDING_DIMENSIONS: '512', PINECONE_INDEX: 'made-wide' }),
      indexes.create({
        name: 'made-wide',
        deployment: { deploymentType: 'managed', cloud: 'aws', region: 'us-east-1' },
        schema: { fields: { _values: { type: 'dense_vector', dimension: 1536, metric: 'cosine' } } },
      }),
    ]);
    expect([unknown.status, unknown.lines.slice(1)]).toEqual([
      1,
      [
        expect.stringMatching(
          /^WRONG +default model .*set DEFAULT_MODEL to one that is, such as everytoken-/,
        ),
        expect.stringMatching(/^WRONG +embeddings .*no-such-model; set EMBEDDING_MODEL/),
        expect.stringMatching(/^WRONG +pinecone index +there is no Pinecone index 'unmade'/),
      ],
    ]);
    await expect(indexes.describe('unmade')).rejects.toThrow();
    expect([wide.status, wide.lines.at(-1)]).toEqual([
      1,
      expect.stringMatching(/^WRONG .*'made-wide' has 1536 dimensions.*set PINECONE_INDEX/),
    ]);
  });

  test('names the replacement of a model that is retired, shut down or about to be', async () => {
    const day = (fromNow: number) => new Date(Date.now() + fromNow * 86_400_000).toISOString().slice(0, 10);
    const listed = [
      { id: 'leaving', shutdown_date: day(10) },
      { id: 'gone', shutdown_date: day(-10) },
      { id: 'gpt-6-luna' },
    ];
    const address = await startOther((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data: listed }));
    });
    const said = async (model: string) =>
      (await init([], { OPENAI_BASE_URL: address, EMBEDDING_BASE_URL: openai.url, DEFAULT_MODEL: model }))
        .lines[1];
    const [leaving, gone, retired] = await Promise.all(
      ['leaving', 'gone', 'gpt-3.5-turbo-instruct'].map(said),
    );
    expect(leaving).toMatch(/^NOTE .*leaving will be shut down on .*; set DEFAULT_MODEL to gpt-6-luna$/);
    expect(gone).toMatch(/^WRONG .*gone was shut down on .*; set DEFAULT_MODEL to gpt-6-luna$/);
    expect(retired).toMatch(/^WRONG .*is retired; set DEFAULT_MODEL to gpt-6-luna$/);
  });

  test('names each refused key, and stores none', async () => {
    const address = await startOther((_, response) => {
      const body = { error: { message: 'no such key', code: 'invalid_api_key' } };
      response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    const refusing = { OPENAI_BASE_URL: address, PINECONE_CONTROLLER_HOST: address };
    const { status, lines } = await init(['--stage', 'prod'], refusing);
    expect([status, lines.slice(0, 3)]).toEqual([
      1,
      [
        expect.stringMatching(/^WRONG +model server .*401.*OPENAI_API_KEY/),
        expect.stringMatching(/^WRONG +embeddings .*401.*OPENAI_API_KEY/),
        expect.stringMatching(/^WRONG +pinecone index .*401.*PINECONE_API_KEY/),
      ],
    ]);
    expect(ssm.parameters.size).toBe(0);
  });

  test('checks each provider, and where its key is stored', async () => {
    const refusing = await startOther((_, response) => {
      const error = {
        message: 'Incorrect API key provided',
        type: 'invalid_request_error',
        code: 'invalid_api_key',
      };
      response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    });
    const PROVIDERS = JSON.stringify({
      near: { base_url: openai.url, api_key: OPENAI_KEY },
      far: { base_url: refusing, api_key: 'sk-the-key-of-far' },
    });
    const { status, lines } = await init(['--stage', 'prod', '--check'], {
      PROVIDERS,
      EMBEDDING_API_KEY: 'sk-the-key-of-embeddings',
    });
    expect(status).toBe(1);
    expect(lines).toContainEqual(expect.stringMatching(/^ok +provider near +http:/));
    expect(lines).toContainEqual(expect.stringMatching(/^WRONG +provider far .*401/));
    expect(lines).toContainEqual(expect.stringMatching(/^NOTE +embeddings +EMBEDDING_API_KEY is not part/));
    expect(lines).toContainEqual(
      expect.stringMatching(/^NOTE +provider near .*store it below \/everytoken\/prod\/providers\//),
    );
  });

  test('stores missing keys of a stage, and overwrites stored ones only with --rotate', async () => {
    const looked = await init(['--stage', 'prod', '--check']);
    expect(looked.status).toBe(1);
    expect(ssm.calls).toEqual(['GetParameters']);

    const stored = await init(['--stage', 'prod', '--region', 'eu-west-3']);
    expect([stored.status, stored.lines.slice(-3)]).toEqual([
      0,
      [
        expect.stringMatching(/^ok +aws +parameters in eu-west-3;/),
        `ok     ssm parameter     ${STORED.openai} was stored from OPENAI_API_KEY`,
        `ok     ssm parameter     ${STORED.pinecone} was stored from PINECONE_API_KEY`,
      ],
    ]);
    expect([...ssm.parameters.values()]).toEqual([
      { Name: STORED.openai, Value: OPENAI_KEY, Type: 'SecureString', Version: 1 },
      { Name: STORED.pinecone, Value: PINECONE_KEY, Type: 'SecureString', Version: 1 },
    ]);

    const later = await startOpenai({ pace: 0, cacheDir: MODEL_CACHE, apiKey: 'sk-the-key-of-tomorrow' });
    const other = { OPENAI_API_KEY: later.apiKey, OPENAI_BASE_URL: later.url };
    const differs = await init(['--stage', 'prod'], other);
    expect([differs.status, differs.lines.at(-2)]).toEqual([
      1,
      expect.stringMatching(/^WRONG .*openai-api-key holds a different key than OPENAI_API_KEY; .*--rotate/),
    ]);
    const rotated = await init(['--stage', 'prod', '--rotate'], other);
    expect(rotated.status).toBe(0);
    expect(ssm.parameters.get(STORED.openai)).toMatchObject({ Value: other.OPENAI_API_KEY, Version: 2 });
    expect(ssm.parameters.get(STORED.pinecone)).toMatchObject({ Version: 1 });

    const withoutKeys = { OPENAI_API_KEY: '', PINECONE_API_KEY: '', OPENAI_BASE_URL: later.url };
    const kept = await init(['--stage', 'prod'], withoutKeys);
    await later.close();
    expect([kept.status, kept.lines.slice(-2)]).toEqual([
      0,
      Object.values(STORED).map((name) => `ok     ssm parameter     ${name} is stored`),
    ]);
  });

  test('stores no key that did not work, and applies --timeout to every server', async () => {
    const silent = await startOther(() => {});
    const { status, lines } = await init(['--stage', 'prod', '--timeout', '0.5'], {
      OPENAI_BASE_URL: `${silent}/v1`,
      PINECONE_CONTROLLER_HOST: silent,
    });
    expect([status, lines]).toEqual([
      1,
      [
        expect.stringMatching(/^WRONG +model server .*no answer within 0\.5 s; check OPENAI_BASE_URL/),
        expect.stringMatching(/^WRONG +embeddings .*not answer in time; check EMBEDDING_BASE_URL/),
        expect.stringMatching(/^WRONG +pinecone index .*not answer in time; check the network/),
        expect.stringMatching(/^ok +aws /),
        expect.stringMatching(/^WRONG .*openai-api-key is not stored, since OPENAI_API_KEY did not work/),
        expect.stringMatching(/^WRONG .*pinecone-api-key is not stored/),
      ],
    ]);
    expect(ssm.parameters.size).toBe(0);

    const late = await init(['--stage', 'prod', '--timeout', '0.5'], { AWS_ENDPOINT_URL_SSM: silent });
    expect(late.lines.at(-1)).toMatch(/^WRONG +aws +SSM: .*check the region and the network$/);

    const endless = await startOther((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      const dripping = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(dripping));
    });
    const never = await init(['--stage', 'prod', '--timeout', '0.5'], { AWS_ENDPOINT_URL_SSM: endless });
    expect(never.lines.at(-1)).toMatch(/^WRONG +aws +SSM: .*check the region and the network$/);
  });

  test('hides a key that a service quotes in its error', async () => {
    const address = await startOther(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      const isPut = String(request.headers['x-amz-target']).endsWith('PutParameter');
      const answer = isPut ? { __type: 'ValidationException', message: `refused: ${body}` } : {};
      response.writeHead(isPut ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer));
    });
    const { status, lines } = await init(['--stage', 'prod'], { AWS_ENDPOINT_URL_SSM: address });
    expect([status, lines.at(-1)]).toEqual([1, expect.stringMatching(/^WRONG +aws +SSM: refused: .*…/)]);
  });

  test('reports a stored key before the failure of the next one', async () => {
    let puts = 0;
    const address = await startOther(async (request, response) => {
      await request.toArray();
      const isPut = String(request.headers['x-amz-target']).endsWith('PutParameter');
      const isRefused = isPut && ++puts > 1;
      response.writeHead(isRefused ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(isRefused ? { __type: 'ValidationException', message: 'not now' } : {}));
    });
    const { status, lines } = await init(['--stage', 'prod'], { AWS_ENDPOINT_URL_SSM: address });
    expect([status, lines.slice(-3)]).toEqual([
      1,
      [
        expect.stringMatching(/^ok +aws +parameters in eu-west-1/),
        expect.stringMatching(/^ok .*openai-api-key was stored from OPENAI_API_KEY/),
        expect.stringMatching(/^WRONG +aws +SSM: not now; check the region/),
      ],
    ]);
  });

  test('names the variables to set when keys are missing', async () => {
    const none = { OPENAI_API_KEY: '', OPENAI_BASE_URL: '', PINECONE_API_KEY: '', AWS_REGION: '' };
    const { status, lines } = await init([], none);
    expect(status).toBe(1);
    expect(lines[0]).toMatch(/^WRONG +model server .*set OPENAI_API_KEY/);
    expect(lines.at(-1)).toMatch(/^WRONG +pinecone index +set PINECONE_API_KEY/);
  });

  test('prints one line per finding, exits with 1 if one is wrong, and reads its variables itself', async () => {
    const everytoken = (more: Record<string, string>) =>
      runEverytoken(['init', '--stage', 'prod'], dataDir, variables(more));
    const [good, wrong] = [await everytoken({}), await everytoken({ DEFAULT_MODEL: 'absent' })];
    expect([good.status, good.err, good.out.split('\n').length]).toEqual([0, '· stage prod\n', 8]);
    expect(good.out).toMatch(/^ok +model server +http.*\n(?:ok .*\n){6}$/);
    expect([wrong.status, wrong.err]).toEqual([1, '· stage prod\n']);
    expect(wrong.out).toMatch(/^WRONG +default model +absent is not on its server/m);
    expect(good.out + wrong.out).not.toMatch(/the-key-of/);
  });

  test('prints its help, and refuses unknown arguments in one line', async () => {
    const { status, out } = await runEverytoken(['init', '--help'], dataDir);
    expect([status, out.split('\n')[0]]).toEqual([0, 'Usage: everytoken init [options]']);
    expect((await runEverytoken(['--help'], dataDir)).out).toMatch(/^ {2}init +checks/m);
    await expectRefusals([[runEverytoken(['init'], dataDir, variables({ PROVIDERS: '{' })), /PROVIDERS/]]);
    await expectMisuses([
      [runEverytoken(['init', '--rotate'], dataDir), /--region and --rotate need --stage/],
      [runEverytoken(['init', 'prod'], dataDir), /too many arguments/],
    ]);
  });
}, 300_000);
