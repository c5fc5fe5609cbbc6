import { beforeAll, describe, expect, test } from 'vitest';
import { environmentIn } from '../../cli/target/deployment.ts';
import { copyProject } from './package-stage.ts';
import { describeAlarms } from './stages/describe-alarms.ts';
import { describeApi } from './stages/describe-api.ts';
import { describeData } from './stages/describe-data.ts';
import { describeFaults } from './stages/describe-faults.ts';
import { describeFunctions } from './stages/describe-functions.ts';
import { describeQueues } from './stages/describe-queues.ts';
import { describeSchemas } from './stages/describe-schemas.ts';
import { describeSizes } from './stages/describe-sizes.ts';
import { byId, namesIn, readStage, type Stage } from './stages/stage.ts';
import { at, ofType } from './template.ts';

const stages: Record<string, Stage> = {};
const stageOf = (name: string) => (): Stage => {
  const stage = stages[name];
  if (!stage) throw new Error(`${name} was not packaged`);
  return stage;
};

beforeAll(async () => {
  const root = copyProject();
  stages.dev = await readStage(root, 'dev');
  stages.prod = await readStage(root, 'prod');
  // With every option that a deployment may switch on.
  stages.full = await readStage(root, 'prod', {
    environment: { RETENTION_DAYS: '30', PINECONE_NAMESPACE: 'mine/' },
    params: {
      ...{
        accessLogs: 'role-exists',
        bucketLogs: 'on',
        boundary: 'everytoken-roles',
        dashboard: 'on',
        alarmEmail: 'someone@example.com',
        waf: 'on',
        wafRequestsPerMinute: '600',
        reservedApi: '20',
        reservedSweep: '2',
        reservedRead: '30',
        usageKeys: 'team,project',
      },
    },
  });
}, 120_000);

describe.each(['dev', 'prod', 'full'])('the template of %s', (name) => {
  const stage = stageOf(name);
  describeSchemas(stage);
  describeSizes(stage);
  describeFunctions(stage);
  describeQueues(stage);
  describeApi(stage);
});

test.each(['dev', 'prod', 'full'])(
  "the outputs of %s tell a command the functions' table, bucket, queues, index and settings",
  (name) => {
    const { made } = stageOf(name)();
    const outputs = Object.entries(made.Outputs ?? {}).map(([id, { Value }]) => [id, String(Value)] as const);
    const found = environmentIn(new Map(outputs));
    const { Environment } = byId(made, 'ApiLambdaFunction');
    const variables = new Map(Object.entries((Environment as { Variables: object }).Variables));
    for (const [variable, value] of Object.entries(found))
      expect([variable, value]).toEqual([variable, String(variables.get(variable))]);
    for (const needed of ['TABLE_NAME', 'CONTENT_BUCKET', 'PINECONE_INDEX', 'PINECONE_API_KEY_PARAMETER'])
      expect(found[needed]).toBeTruthy();
    expect([found.RETENTION_DAYS, found.USAGE_KEYS]).toEqual(
      name === 'full' ? ['30', 'team,project'] : [undefined, undefined],
    );
    const deadLetters = ofType(made, 'AWS::SQS::Queue').map(([id]) => `${id}Url`);
    expect(outputs.map(([id]) => id)).toEqual(expect.arrayContaining(deadLetters));
  },
);

test('every function has the keys of metadata by which usage is summed', () => {
  const keys = (name: string) =>
    ofType(stageOf(name)().made, 'AWS::Lambda::Function').map(
      ([, { Environment }]) => (Environment as { Variables: { USAGE_KEYS?: string } }).Variables.USAGE_KEYS,
    );
  expect(new Set(keys('full'))).toEqual(new Set(['team,project']));
  expect(new Set(keys('prod'))).toEqual(new Set(['']));
});

test('api, read and sweep have the concurrency that a deployment reserves for them, and none by default', () => {
  const reserved = (name: string) =>
    ofType(stageOf(name)().made, 'AWS::Lambda::Function').flatMap(([id, fn]) =>
      fn.ReservedConcurrentExecutions === undefined ? [] : [[id, fn.ReservedConcurrentExecutions]],
    );
  expect([reserved('dev'), reserved('prod')]).toEqual([[], []]);
  expect(Object.fromEntries(reserved('full'))).toEqual({
    ApiLambdaFunction: 20,
    ReadLambdaFunction: 30,
    SweepLambdaFunction: 2,
  });
});

test('a concurrency that is no number is refused by its name', async () => {
  const wrong = readStage(copyProject(), 'dev', { params: { reservedApi: 'many' } });
  const stdout = expect.stringContaining(`reservedApi is 'many': give a whole number`);
  await expect(wrong).rejects.toMatchObject({ stdout });
}, 60_000);

test('a firewall limits the requests of each address at the stage of the API where it is switched on', () => {
  const of = (name: string, type: string) => ofType(stageOf(name)().made, `AWS::WAFv2::${type}`);
  for (const name of ['dev', 'prod'])
    expect([of(name, 'WebACL'), of(name, 'WebACLAssociation')]).toEqual([[], []]);
  const [[id, firewall] = ['', {}]] = of('full', 'WebACL');
  expect(firewall).toMatchObject({
    Scope: 'REGIONAL',
    DefaultAction: { Allow: {} },
    Rules: [
      {
        Statement: { RateBasedStatement: { Limit: '600', AggregateKeyType: 'IP', EvaluationWindowSec: 60 } },
      },
    ],
  });
  const block = at(firewall, 'Rules', '0', 'Action', 'Block', 'CustomResponse');
  expect(block).toMatchObject({ ResponseCode: 429, ResponseHeaders: [{ Name: 'Retry-After', Value: '60' }] });
  const body = at(firewall, 'CustomResponseBodies', String(at(block, 'CustomResponseBodyKey')), 'Content');
  expect(JSON.parse(String(body))).toMatchObject({ status: 429, code: 'gateway_throttled' });
  expect(of('full', 'WebACLAssociation')).toMatchObject([
    [expect.any(String), { WebACLArn: `${id}.Arn`, ResourceArn: expect.stringMatching(/\/stages\//) }],
  ]);
});

test.each(['dev', 'prod'])('%s tells its functions what a single caller can take', (name) => {
  const { made } = stageOf(name)();
  const [, queue = {}] =
    ofType(made, 'AWS::Lambda::EventSourceMapping').find(([id]) => id.startsWith('GenerateQueue')) ?? [];
  for (const [, fn] of ofType(made, 'AWS::Lambda::Function')) {
    const variables = at(fn, 'Environment', 'Variables');
    expect(Number(at(variables, 'WORKERS'))).toBe(at(queue, 'ScalingConfig', 'MaximumConcurrency'));
    expect(at(variables, 'KEPT_FOR_OTHERS_PERCENT')).toBe('20');
  }
});

test('every role has the boundary that a deployment names, and none by default', async () => {
  const withLogs = { params: { accessLogs: 'on', boundary: 'mine' } };
  const { made } = await readStage(copyProject(), 'prod', withLogs);
  const roles = ofType(made, 'AWS::IAM::Role');
  expect(roles.map(([id]) => id)).toContain('GatewayLogRole');
  // The deployer's role may create only roles of such names.
  expect(roles.filter(([id, { RoleName }]) => !id.endsWith('Role') || RoleName !== undefined)).toEqual([]);
  for (const [id, { PermissionsBoundary }] of roles)
    expect([id, PermissionsBoundary]).toEqual([id, 'arn:aws:iam::123456789012:policy/mine']);
  for (const [id, role] of ofType(stageOf('prod')().made, 'AWS::IAM::Role'))
    expect([id, role]).not.toHaveProperty('1.PermissionsBoundary');
}, 60_000);

test('dev and prod have different names throughout, so that both can be in one account', () => {
  const [dev = [], full = []] = ['dev', 'full'].map((name) => namesIn(stageOf(name)().made));
  expect(dev.length).toBeGreaterThan(10);
  expect(dev.filter((name) => full.includes(name))).toEqual([]);
});

test("dev and prod keep their vectors in namespaces of their own, by the stage's name or PINECONE_NAMESPACE", () => {
  const prefixes = ['dev', 'prod', 'full'].map((name) =>
    ofType(stageOf(name)().made, 'AWS::Lambda::Function').map(([, fn]) =>
      at(fn, 'Environment', 'Variables', 'PINECONE_NAMESPACE'),
    ),
  );
  expect(prefixes.map((each) => [...new Set(each)])).toEqual([['dev:'], ['prod:'], ['mine/']]);
});

describe.each(['dev', 'prod'])('the data of %s', (name) => describeData(stageOf(name)));

describe('the template of prod', () => {
  describeFaults(stageOf('full'));
  describeAlarms(stageOf('full'));

  test.each(['AWS::CloudWatch::Alarm', 'AWS::Events::Archive', 'AWS::ApiGateway::Account'])(
    'has %s, which dev does not have',
    (type) => {
      const count = (name: string) => ofType(stageOf(name)().made, type).length;
      expect([count('dev') > 0, count('prod') > 0]).toEqual([false, true]);
    },
  );

  test('archives the events of its own bus for a replay', () => {
    expect(ofType(stageOf('prod')().made, 'AWS::Events::Archive')).toMatchObject([
      [expect.any(String), { SourceArn: 'Bus.Arn', EventPattern: { source: ['everytoken'] } }],
    ]);
  });

  test('writes access logs, with a role of its own unless API Gateway already has one in the account', () => {
    const logsOf = (name: string) => {
      const { made } = stageOf(name)();
      const [[, gateway] = ['', {}]] = ofType(made, 'AWS::ApiGateway::Stage');
      return [
        at(gateway, 'AccessLogSetting', 'DestinationArn'),
        ofType(made, 'AWS::ApiGateway::Account').length,
      ];
    };
    expect(['dev', 'prod', 'full'].map(logsOf)).toEqual([
      [undefined, 0],
      ['AccessLogs.Arn', 1],
      ['AccessLogs.Arn', 0],
    ]);
  });

  test('logs requests to the content bucket when asked, into a private bucket that only S3 may write', () => {
    const [prod, { made }] = [stageOf('prod')(), stageOf('full')()];
    expect(byId(prod.made, 'ContentBucket').LoggingConfiguration).toBeUndefined();
    expect(ofType(prod.made, 'AWS::S3::Bucket').some(([id]) => id === 'BucketLogs')).toBe(false);
    expect(byId(made, 'ContentBucket').LoggingConfiguration).toEqual({
      DestinationBucketName: 'BucketLogs',
      LogFilePrefix: 'content/',
    });
    expect(made.Resources.ContentBucket?.DependsOn).toContain('BucketLogsPolicy');
    const { PublicAccessBlockConfiguration, LifecycleConfiguration } = byId(made, 'BucketLogs');
    expect(Object.values(PublicAccessBlockConfiguration as object)).toEqual([true, true, true, true]);
    expect(Number(at(LifecycleConfiguration, 'Rules', 0, 'ExpirationInDays'))).toBe(30);
    expect(at(byId(made, 'BucketLogsPolicy').PolicyDocument, 'Statement')).toMatchObject([
      { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      {
        ...{ Effect: 'Allow', Principal: { Service: 'logging.s3.amazonaws.com' }, Action: 's3:PutObject' },
        Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:s3:::${byId(made, 'ContentBucket').BucketName}` } },
      },
    ]);
  });

  test('has no dashboard and no subscription by default', () => {
    const optional = ['AWS::CloudWatch::Dashboard', 'AWS::SNS::Subscription'];
    const counts = ['prod', 'full'].map((name) =>
      optional.map((type) => ofType(stageOf(name)().made, type).length),
    );
    expect(counts).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  test('lets contents expire after RETENTION_DAYS', () => {
    const { LifecycleConfiguration } = byId(stageOf('full')().made, 'ContentBucket');
    const rules = at(LifecycleConfiguration, 'Rules') as { Prefix?: string; ExpirationInDays?: unknown }[];
    const days = rules.map(({ Prefix, ExpirationInDays }) => [Prefix, Number(ExpirationInDays)] as const);
    expect(Object.fromEntries(days.filter(([prefix]) => prefix !== undefined))).toEqual({
      'prompts/': 30,
      'uploads/': 30,
      'results/': 30,
      'outputs/': 30,
      'requests/': 30,
      'files/': 60,
      'exports/': 7,
    });
  });
});
