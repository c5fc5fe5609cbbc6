import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Sqs, startSqs } from '../../../local/aws/sqs/start-sqs.ts';
import { holdDataFolder } from '../../../local/data-folder.ts';
import { type HttpListener, listen } from '../../../local/http.ts';
import { type StackState, startCloudFormation } from '../../factories/cloudformation-server.ts';
import { startSsm } from '../../factories/ssm-server.ts';
import { awsKey, awsVariables, keys, stackCredentials } from '../../fixtures/aws-key.ts';
import { expectMisuses, runEverytoken } from '../run-everytoken.ts';

vi.setConfig({ testTimeout: 120_000 });

const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-doctor-'));
const servers: HttpListener[] = [];
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  rmSync(dataDir, { recursive: true, force: true });
});

const start = async (listener: RequestListener): Promise<HttpListener> => {
  const server = await listen(createServer(listener), 0);
  servers.push(server);
  return server;
};
const portOf = ({ url }: HttpListener): string => new URL(url).port;

type Found = { state: string; subject: string; message: string };

/** Runs doctor with --json: its status, and its findings by subject. */
const doctor = async (words: string[], variables: Record<string, string>, folder = dataDir) => {
  const { status, out, err } = await runEverytoken(['doctor', '--json', ...words], folder, variables);
  const { data } = JSON.parse(out) as { data: Found[] };
  const on = (subject: string) =>
    data.filter((each) => each.subject === subject).map(({ state, message }) => `${state}: ${message}`);
  return { status, out, err, on };
};

describe('everytoken doctor on this machine', () => {
  test('says what is set and where it comes from, and creates nothing', async () => {
    const missing = join(dataDir, 'not', 'there');
    const { status, err, on } = await doctor([], { PORT: '0', RETENTION_DAYS: '30' }, missing);
    expect([status, err]).toEqual([
      0,
      expect.stringMatching(/^· this machine\n0 wrong, 1 to note, \d+ ok\n$/),
    ]);
    expect(on('Node')).toEqual([expect.stringMatching(/^ok: 2\d\.\d+\.\d+ at \//)]);
    expect(on('data folder')).toEqual([`ok: ${missing} does not exist yet; the start creates it`]);
    expect(on('local stack')).toEqual([expect.stringMatching(/^note: does not run; start it/)]);
    expect(on('RETENTION_DAYS')).toEqual([expect.stringMatching(/^ok: 30 \(environment\): days until/)]);
    expect(on('disk')).toEqual([expect.stringMatching(/GiB free/)]);
    expect(existsSync(missing)).toBe(false);
  });

  test("names invalid values by the functions' own parser, and prints no secret", async () => {
    const secrets = {
      OPENAI_API_KEY: 'sk-a-secret',
      EVERYTOKEN_KEY: 'et_a-secret',
      PINECONE_API_KEY: 'pc-a-secret',
    };
    const providers = JSON.stringify({ near: { base_url: 'near', api_key: 'sk-a-secret' } });
    const wrong = {
      PRICES: '{',
      PROVIDERS: providers,
      OPENAI_BASE_URL: 'https://user:a-secret@example.org/v1',
    };
    const { status, out, err, on } = await doctor([], { PORT: '0', ...secrets, ...wrong });
    expect(status).toBe(1);
    expect(on('PRICES')).toEqual([
      expect.stringMatching(/^wrong: is not JSON \(environment\); write it as PRICES='.*, or leave it out$/),
    ]);
    expect(on('PROVIDERS')).toEqual([expect.stringMatching(/^wrong: near\.base_url must be a URL/)]);
    expect(on('OPENAI_API_KEY')).toEqual([expect.stringMatching(/^ok: set \(environment\)/)]);
    expect(on('model server')).toEqual([
      expect.stringMatching(/^ok: .*not asked; --online asks it with its key/),
    ]);
    expect(out + err).not.toContain('a-secret');
  });

  test('goes on past variables that would stop a start, and names each of them', async () => {
    const { status, on } = await doctor([], { PORT: 'x', RETENTION_DAYS: '0', EVERYTOKEN_API_KEYS: 'a' });
    expect(status).toBe(1);
    expect(on('PORT')).toEqual([expect.stringMatching(/^wrong: is 'x': set it to a number from 0 to 65535/)]);
    expect(on('RETENTION_DAYS')).toEqual([expect.stringMatching(/^wrong: is '0': set it to a whole number/)]);
    expect(on('EVERYTOKEN_API_KEYS')).toEqual(['wrong: entry 1 is not caller:secret; write caller:secret,…']);
    expect(on('data folder')).toHaveLength(1);
  });

  test('says who listens on the port, and refuses a folder of a newer version', async () => {
    const server = await start((_, response) => response.end());
    writeFileSync(join(dataDir, 'version.json'), '{"version": 99}');
    const { status, on } = await doctor([], { PORT: portOf(server) });
    rmSync(join(dataDir, 'version.json'));
    expect(status).toBe(1);
    expect(on('port')).toEqual([
      expect.stringMatching(new RegExp(`^wrong: ${portOf(server)} is in use by .+; stop it, or set PORT`)),
    ]);
    expect(on('data version')).toEqual([expect.stringMatching(/^wrong: 99, written by a newer version/)]);
  });

  test('asks the running stack for its health, and names the part that is down', async () => {
    const api = await start((_, response) => {
      response.writeHead(503, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ status: 'down', checks: { dynamodb: 'ok', s3: 'down' } }));
    });
    const stack = { api: api.url, buckets: {}, queues: {}, credentials: stackCredentials() };
    writeFileSync(join(dataDir, 'stack.json'), JSON.stringify(stack));
    const held = holdDataFolder(dataDir);
    const { status, on } = await doctor([], { PORT: portOf(api) });
    await held.close();
    expect(status).toBe(1);
    expect(on('data folder')).toEqual([`ok: ${dataDir}, in use by a stack`]);
    expect(on('port')).toEqual([`ok: ${portOf(api)}: the local stack`]);
    expect(on('local stack')).toEqual([`ok: runs at ${api.url}`]);
    expect(on('health')).toEqual([expect.stringMatching(/^wrong: s3 is down/)]);

    const other = await start((_, response) => response.end('<h1>hello</h1>'));
    writeFileSync(join(dataDir, 'stack.json'), JSON.stringify({ ...stack, api: other.url }));
    const again = holdDataFolder(dataDir);
    const strange = await doctor([], { PORT: '0' });
    await again.close();
    expect(strange.on('health')).toEqual([expect.stringMatching(/answers 200, and not as everytoken does/)]);

    const stopped = await doctor([], { PORT: '0' });
    rmSync(join(dataDir, 'stack.json'));
    expect(stopped.on('local stack')).toEqual([expect.stringMatching(/^note: does not run/)]);
  });

  test('asks a model server on this machine whether it has the model', async () => {
    const models = await start((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ object: 'list', data: [{ id: 'a-model', object: 'model' }] }));
    });
    const variables = { PORT: '0', OPENAI_BASE_URL: models.url, DEFAULT_MODEL: 'another' };
    const { status, on } = await doctor([], variables);
    expect([status, on('model server')]).toEqual([1, [expect.stringMatching(/^ok: .* lists 1 models$/)]]);
    expect(on('default model')).toEqual([expect.stringMatching(/^wrong: another is not on its server/)]);
  });

  test('prints one line for each when it is piped', async () => {
    const { out, err } = await runEverytoken(['doctor'], dataDir, { PORT: '0' });
    for (const line of out.trimEnd().split('\n')) expect(line).toMatch(/^(ok {5}|NOTE {3}|WRONG {2})\S/);
    expect(err).toMatch(/^· this machine\n\d+ wrong, \d+ to note, \d+ ok\n$/);
    await expectMisuses([[runEverytoken(['doctor', '--region', 'x'], dataDir), /--region needs --stage/]]);
  });
});

describe('everytoken doctor --stage', () => {
  const stacks = new Map<string, StackState>();
  const parameters = ['/everytoken/prod/openai-api-key', '/everytoken/prod/pinecone-api-key'];
  let shell: Record<string, string>;
  let ssm: Awaited<ReturnType<typeof startSsm>>;
  let sqs: Sqs;
  let queue: SQSClient;
  let alarms: string[] = [];

  beforeAll(async () => {
    const attributes = {};
    const [id, account] = ['JobsDeadLetters', '000000000000'];
    const arn = `arn:aws:sqs:eu-west-1:${account}:${id}`;
    const cloudformation = await startCloudFormation(stacks);
    ssm = await startSsm();
    const queues = [{ id, name: id, arn, attributes }];
    sqs = await startSqs({ keys, folder: dataDir, queues, region: 'eu-west-1', account, log: () => {} });
    queue = new SQSClient({ endpoint: sqs.url, region: 'eu-west-1', credentials: awsKey });
    servers.push(cloudformation, ssm, sqs);
    const cloudwatch = await start(async (request, response) => {
      const asked = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
      expect(request.headers.authorization).toContain('/eu-west-1/monitoring/aws4_request');
      expect(asked.get('AlarmNamePrefix')).toMatch(/^everytoken-\w+-$/);
      const members = alarms.map((name) => `<member><AlarmName>${name}</AlarmName></member>`);
      response.end(
        `<DescribeAlarmsResponse><MetricAlarms>${members.join('')}</MetricAlarms></DescribeAlarmsResponse>`,
      );
    });
    const api = await start((request, response) => {
      const isHealth = request.url === '/prod/health';
      const isAllowed = isHealth || request.headers.authorization === 'Bearer et_right';
      const body = isHealth ? { status: 'ok', checks: { dynamodb: 'ok', s3: 'ok' } } : { data: [] };
      response.writeHead(isAllowed ? 200 : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isAllowed ? body : { code: 'unauthorized', title: 'no', status: 401 }));
    });
    shell = {
      AWS_ENDPOINT_URL_CLOUDFORMATION: cloudformation.url,
      AWS_ENDPOINT_URL_CLOUDWATCH: cloudwatch.url,
      AWS_ENDPOINT_URL_SSM: ssm.url,
      AWS_ENDPOINT_URL_SQS: sqs.url,
      AWS_REGION: 'eu-west-1',
      ...awsVariables,
    };
    stacks.set('everytoken-prod', {
      outputs: {
        ServiceEndpoint: `${api.url}/prod`,
        TableName: 'runs',
        AlarmTopicArn: 'arn:aws:sns:eu-west-1:1:everytoken-prod-alarms',
        JobsDeadLettersUrl: sqs.queueUrl(id),
        OpenaiApiKeyParameter: parameters[0] ?? '',
        PineconeApiKeyParameter: parameters[1] ?? '',
      },
    });
  });
  afterAll(() => queue?.destroy());
  beforeEach(() => {
    for (const Name of parameters)
      ssm.parameters.set(Name, { Name, Value: 'a-secret', Type: 'SecureString', Version: 1 });
    alarms = [];
  });
  const prod = (more: Record<string, string> = {}) => doctor(['--stage', 'prod'], { ...shell, ...more });

  test('finds nothing wrong in a healthy deployment, and prints no secret', async () => {
    const { status, out, err, on } = await prod({ EVERYTOKEN_KEY: 'et_right' });
    expect([status, err]).toEqual([0, '· stage prod\n0 wrong, 0 to note, 8 ok\n']);
    expect(on('stack')).toEqual(['ok: everytoken-prod is UPDATE_COMPLETE']);
    expect(on('health')).toEqual(['ok: all parts: dynamodb, s3']);
    expect(on('EVERYTOKEN_KEY')).toEqual(['ok: is accepted']);
    expect(on('alarms')).toEqual(['ok: none is in ALARM']);
    expect(out).not.toMatch(/a-secret|et_right/);
  });

  test('names what is wrong with the command that mends it', async () => {
    ssm.parameters.delete(parameters[1] ?? '');
    alarms = ['everytoken-prod-JobsDeadLettersAlarm-1A2B3C'];
    await queue.send(new SendMessageCommand({ QueueUrl: sqs.queueUrl('JobsDeadLetters'), MessageBody: 'a' }));
    const { status, on } = await prod({ EVERYTOKEN_KEY: 'et_wrong' });
    expect(status).toBe(1);
    expect(on('EVERYTOKEN_KEY')).toEqual([
      'wrong: is refused (401); set it to a key of this deployment: npx everytoken keys add me --stage prod',
    ]);
    expect(on('ssm parameter')).toEqual([
      `ok: ${parameters[0]} is stored`,
      `wrong: ${parameters[1]} does not exist; store it: npx everytoken init --stage prod`,
    ]);
    expect(on('dead letters')).toEqual([
      'wrong: 1 in JobsDeadLetters; find the cause (docs/operations.md), then npx everytoken replay --stage prod',
    ]);
    expect(on('alarms')).toEqual([expect.stringMatching(/^wrong: JobsDeadLettersAlarm in ALARM/)]);
  });

  test('notes a stack under way and alarms that are off, and ends with a stage that is not there', async () => {
    const { outputs = {} } = stacks.get('everytoken-prod') ?? {};
    const { AlarmTopicArn: _, ...withoutAlarms } = outputs;
    stacks.set('everytoken-dev', { status: 'UPDATE_IN_PROGRESS', outputs: withoutAlarms });
    stacks.set('everytoken-broken', { status: 'ROLLBACK_COMPLETE', outputs });
    const dev = await doctor(['--stage', 'dev'], shell);
    expect(dev.on('stack')).toEqual([expect.stringMatching(/^note: everytoken-dev is UPDATE_IN_PROGRESS/)]);
    expect(dev.on('alarms')).toEqual([expect.stringMatching(/^note: are off; --param="alarms=on"/)]);
    expect(dev.on('EVERYTOKEN_KEY')).toEqual([expect.stringMatching(/^note: is not set; make one: export/)]);
    const broken = await doctor(['--stage', 'broken'], shell);
    expect(broken.on('stack')).toEqual([expect.stringMatching(/^wrong: .*the last deployment failed/)]);
    const none = await doctor(['--stage', 'none'], shell);
    expect([none.status, none.on('aws')]).toEqual([
      1,
      [expect.stringMatching(/there is no stack everytoken-none/)],
    ]);
  });
});
