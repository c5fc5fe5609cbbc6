import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Template } from '../../local/aws/template/intrinsics.ts';
import { packageFunctions } from '../../local/package-functions.ts';
import { grantsByFunction, ofType, referredTo, resolverOf } from './roles.ts';
import { isAllowed } from './simulate.ts';

const root = resolve(import.meta.dirname, '../..');
const place = { region: 'us-east-1', account: '000000000000' };
const { region, account } = place;
const bucket = `arn:aws:s3:::everytoken-local-${account}-${region}`;
const queue = (id: string) => `arn:aws:sqs:${region}:${account}:everytoken-local-${id}`;
let template: Template;
let resolved: (value: unknown) => unknown;

beforeAll(async () => {
  const packaged = await packageFunctions(root, join(root, 'node_modules/.cache/everytoken/packages'));
  template = packaged.template as Template;
  const resolver = resolverOf(template, place);
  resolved = (value) => resolver(value, 'the template');
}, 120_000);

const policyOf = (id: string) => resolved(template.Resources[id]?.Properties?.PolicyDocument);

describe('roles of functions', () => {
  test('name every action, and every resource except X-Ray’s, which has none to name', () => {
    const all = [...grantsByFunction(template, place).values()].flat();
    expect(all.filter(({ Action }) => Action.includes('*'))).toEqual([]);
    const anywhere = all.filter(({ Resource }) => Resource === '*').map(({ Action }) => Action);
    expect([...new Set(anywhere)]).toEqual(['xray:PutTraceSegments', 'xray:PutTelemetryRecords']);
  });

  test('have no wildcard wider than a folder of the bucket, the keys of providers, or the streams of a log', () => {
    const wide = [...grantsByFunction(template, place).values()]
      .flat()
      .filter(({ Resource }) => Resource.length > 1 && Resource.includes('*'))
      .map(({ Resource }) => Resource);
    const folders = [
      'files/',
      'outputs/',
      'requests/',
      'results/',
      'exports/',
      'prompts/',
      'uploads/',
    ].concat('prompts/@', 'results/prompts/@');
    for (const pattern of wide)
      expect([
        ...folders.map((folder) => `${bucket}/${folder}*`),
        `${bucket}/files/*/template.json`,
        `${bucket}/files/*/answers/*`,
        `arn:aws:ssm:${region}:${account}:parameter/everytoken/local/providers/*`,
        expect.stringMatching(/^arn:aws:logs:[^*]+:\/aws\/lambda\/everytoken-local-\w+:\*$/),
      ]).toContainEqual(pattern);
  });

  test('can be assumed by Lambda alone, and have no policies beside their own', () => {
    const ids = ofType(template, 'AWS::Lambda::Function').map(([, { Role }]) => referredTo(Role));
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) {
      const { AssumeRolePolicyDocument, ManagedPolicyArns } = template.Resources[id]?.Properties ?? {};
      expect([id, ManagedPolicyArns, AssumeRolePolicyDocument]).toMatchObject([
        id,
        undefined,
        { Statement: [{ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }] },
      ]);
    }
    for (const type of ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy'])
      expect(ofType(template, type)).toEqual([]);
  });
});

describe('no function may', () => {
  /** The functions that may make a call on the table or its index, for items with this partition key. */
  const allowed = async (
    action: string,
    leadingKeys: string[] | undefined,
    index = '',
  ): Promise<string[]> => {
    const resource = `arn:aws:dynamodb:${region}:${account}:table/everytoken-local-Table${index}`;
    const context = leadingKeys === undefined ? {} : { 'dynamodb:LeadingKeys': leadingKeys };
    const may: string[] = [];
    for (const [id, own] of grantsByFunction(template, place)) {
      const principal = `arn:aws:iam::${account}:role/of-the-function`;
      if (await isAllowed({ action, resource, context, principal, account }, { own })) may.push(id);
    }
    return may;
  };
  const WRITES = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'].map((name) => `dynamodb:${name}`);

  test.each([
    ['make, enable or remove a key', 'APIKEY#0123'],
    ['set, raise or remove a budget', 'BUDGET#team'],
    ['set, raise or remove a limit', 'LIMITS#team'],
    ['change the version or the shards of the table', 'TABLE'],
    ['write items of an unknown kind', 'OTHER#1'],
  ])('%s', async (_, pk) => {
    for (const action of WRITES) expect([action, await allowed(action, [pk])]).toEqual([action, []]);
    // The same question has an answer for items that functions do write.
    expect(await allowed('dynamodb:UpdateItem', ['RUN#run_1'])).toHaveLength(6);
  });

  test('write by a way that names no partition key, or several of which one is not its own', async () => {
    for (const action of [...WRITES, 'dynamodb:GetItem'])
      expect(await allowed(action, undefined)).toEqual([]);
    const both = ['RUN#run_1', 'APIKEY#0123'];
    for (const action of WRITES) expect(await allowed(action, both)).toEqual([]);
    const statements = ['PartiQLInsert', 'PartiQLUpdate', 'PartiQLDelete'].map((name) => `dynamodb:${name}`);
    for (const action of statements) expect(await allowed(action, ['RUN#run_1'])).toEqual([]);
  });

  test('list keys, or read one without authenticating callers or their uploads', async () => {
    expect(await allowed('dynamodb:Query', ['APIKEY'], '/index/list')).toEqual([]);
    for (const own of ['FILE#team', 'COMPARISON#team', 'EXPORT#team'])
      expect(await allowed('dynamodb:Query', [own], '/index/list')).toEqual(['ApiLambdaFunction']);
    expect(await allowed('dynamodb:Query', ['LIST#team#0'])).toContain('ApiLambdaFunction');
    expect(await allowed('dynamodb:Query', ['RUN#team'])).toEqual([]);
    expect(await allowed('dynamodb:Scan', undefined)).toEqual([]);
    expect((await allowed('dynamodb:GetItem', ['APIKEY#0123'])).toSorted()).toEqual([
      'ApiLambdaFunction',
      'GenerateHttpLambdaFunction',
      'IntakeLambdaFunction',
      'ReadLambdaFunction',
    ]);
  });
});

describe('a queue accepts messages', () => {
  const maySend = (principal: string, to: string, policy: string, context: Record<string, string>) =>
    isAllowed(
      { action: 'sqs:SendMessage', resource: queue(to), context, principal, account },
      { ofResource: policyOf(policy) },
    );

  test('from S3 for intake from our bucket alone', async () => {
    const from = (arn: string, owner = account) =>
      maySend('s3.amazonaws.com', 'IntakeQueue', 'IntakeQueuePolicy', {
        'aws:SourceArn': arn,
        'aws:SourceAccount': owner,
      });
    expect(await from(bucket)).toBe(true);
    expect(await from(`${bucket}-other`)).toBe(false);
    expect(await from(bucket, '111111111111')).toBe(false);
  });

  test('over TLS alone, whatever a role grants', async () => {
    const policies = ofType(template, 'AWS::SQS::QueuePolicy').flatMap(([id, { Queues }]) =>
      (Queues as unknown[]).map((to) => [referredTo(to), id] as const),
    );
    expect(policies).toHaveLength(ofType(template, 'AWS::SQS::Queue').length);
    const own = [{ Effect: 'Allow', Action: 'sqs:*', Resource: '*' }];
    const principal = `arn:aws:iam::${account}:role/any`;
    for (const [to, policy] of policies) {
      const over = (isTls: boolean) =>
        isAllowed(
          {
            ...{ action: 'sqs:ReceiveMessage', resource: queue(to), principal, account },
            context: { 'aws:SecureTransport': String(isTls) },
          },
          { own, ofResource: policyOf(policy) },
        );
      expect([to, await over(true), await over(false)]).toEqual([to, true, false]);
    }
  });

  test('from EventBridge for the sweep’s dead letters from its schedule alone', async () => {
    const rule = `arn:aws:events:${region}:${account}:rule/everytoken-local-SweepEventsRuleSchedule1`;
    const from = (arn: string) =>
      maySend('events.amazonaws.com', 'SweepDeadLetters', 'SweepDeadLettersPolicy', { 'aws:SourceArn': arn });
    expect([await from(rule), await from(`${rule}2`)]).toEqual([true, false]);
  });

  test.each(['EmbedQueue', 'RuleDeadLetters'])('from EventBridge for %s from our rule alone', async (to) => {
    const rule = `arn:aws:events:${region}:${account}:rule/everytoken/everytoken-local-EmbedRule`;
    const from = (arn: string) =>
      maySend('events.amazonaws.com', to, 'EventTargetsPolicy', { 'aws:SourceArn': arn });
    expect(await from(rule)).toBe(true);
    expect(await from(`${rule}2`)).toBe(false);
  });
});

test('the bucket refuses every request without TLS, whatever a role grants', async () => {
  const read = (isTls: boolean) =>
    isAllowed(
      {
        ...{ action: 's3:GetObject', resource: `${bucket}/outputs/o`, account },
        principal: `arn:aws:iam::${account}:role/any`,
        context: { 'aws:SecureTransport': String(isTls) },
      },
      {
        own: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
        ofResource: policyOf('ContentBucketPolicy'),
      },
    );
  expect([await read(true), await read(false)]).toEqual([true, false]);
});

test('functions can be invoked by our API and our schedule alone', () => {
  const api = `arn:aws:execute-api:${region}:${account}:ApiGatewayRestApi/*/*`;
  const schedule = `arn:aws:events:${region}:${account}:rule/everytoken-local-SweepEventsRuleSchedule1`;
  const permissions = ofType(template, 'AWS::Lambda::Permission').map(([, properties]) => [
    referredTo(properties.FunctionName),
    properties.Principal,
    resolved(properties.SourceArn),
  ]);
  expect(permissions.toSorted()).toEqual([
    ['ApiLambdaFunction', 'apigateway.amazonaws.com', api],
    ['GenerateHttpLambdaFunction', 'apigateway.amazonaws.com', api],
    ['PagesLambdaFunction', 'apigateway.amazonaws.com', api],
    ['ReadLambdaFunction', 'apigateway.amazonaws.com', api],
    ['SweepLambdaFunction', 'events.amazonaws.com', schedule],
  ]);
});
