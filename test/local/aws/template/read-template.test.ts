// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders are CloudFormation’s
import { describe, expect, test } from 'vitest';
import type { Template } from '../../../../local/aws/template/intrinsics.ts';
import { readTemplate } from '../../../../local/aws/template/read-template.ts';
import { api, fn, method, path, queue } from '../small-stack.ts';

const names = { stackName: 'stack', region: 'eu-west-1', account: '000000000000' };
const read = (Resources: Template['Resources']) => readTemplate({ Resources }, names);
const variables = (value: unknown, others: Template['Resources'] = {}) =>
  read({ F: fn('f', { variables: { V: value } }), ...others })
    .functions.get('F')
    ?.environment((name) => `http://sqs/${name}`).V;

describe('references in a template', () => {
  test.each([
    ['Ref of a queue', { Ref: 'Q' }, 'http://sqs/stack-Q'],
    ['Ref of a table', { Ref: 'T' }, 'stack-T'],
    ['Ref of a bucket', { Ref: 'B' }, 'stack-b'],
    ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
    ['GetAtt', { 'Fn::GetAtt': ['Q', 'Arn'] }, 'arn:aws:sqs:eu-west-1:000000000000:stack-Q'],
    ['GetAtt with a dot', { 'Fn::GetAtt': 'Q.QueueName' }, 'stack-Q'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Partition' }, 1]] }, 'a-aws-1'],
    [
      'Sub',
      { 'Fn::Sub': '${AWS::StackName}/${T}/${Q.Arn}/${!kept}' },
      'stack/stack-T/arn:aws:sqs:eu-west-1:000000000000:stack-Q/${kept}',
    ],
    ['Sub with variables', { 'Fn::Sub': ['${X}!', { X: { Ref: 'T' } }] }, 'stack-T!'],
    ['plain values', 5, '5'],
  ])('resolve %s', (_, value, expected) => {
    const others = {
      Q: queue(),
      T: { Type: 'AWS::DynamoDB::Table', Properties: {} },
      B: { Type: 'AWS::S3::Bucket' },
    };
    expect(variables(value, others)).toBe(expected);
  });

  test.each([
    [{ Ref: 'Nobody' }, 'AWS::Lambda::Function (F) Environment: the local stack cannot resolve Ref Nobody'],
    [{ 'Fn::GetAtt': ['F', 'Version'] }, 'Fn::GetAtt F.Version'],
    [{ 'Fn::If': ['C', 1, 2] }, 'does not interpret Fn::If'],
    [{ 'Fn::Sub': '${Nobody.Arn}' }, 'Fn::GetAtt Nobody.Arn'],
  ])('like %j that cannot be resolved are an error that names them', (value, message) => {
    expect(() => variables(value)).toThrow(message);
  });
});

describe('a template is refused for an unsupported part, by its name:', () => {
  test.each([
    [
      'a type',
      { Topic: { Type: 'AWS::Kinesis::Stream' } },
      'does not interpret AWS::Kinesis::Stream (Topic)',
    ],
    ['a property', { Q: queue({ Surprise: 1 }) }, 'the property Surprise of AWS::SQS::Queue (Q)'],
    [
      'a schedule',
      { R: { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression: 'cron(0 1 * * ? *)' } } },
      'AWS::Events::Rule (R)',
    ],
    [
      'an operator of a pattern',
      {
        R: {
          Type: 'AWS::Events::Rule',
          Properties: { EventPattern: { $or: [{ a: { b: [{ cidr: '::/0' }] } }] } },
        },
      },
      'cidr',
    ],
    [
      'an integration',
      {
        ...api,
        M: {
          Type: 'AWS::ApiGateway::Method',
          Properties: { HttpMethod: 'GET', ResourceId: 'x', Integration: { Type: 'MOCK' } },
        },
      },
      'AWS::ApiGateway::Method (M): the local stack does not interpret an integration of type MOCK',
    ],
    [
      'a notification',
      {
        B: {
          Type: 'AWS::S3::Bucket',
          Properties: { NotificationConfiguration: { LambdaConfigurations: [] } },
        },
      },
      'LambdaConfigurations of AWS::S3::Bucket (B)',
    ],
    [
      'a source',
      {
        F: fn('f'),
        M: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: { FunctionName: 'small-f', EventSourceArn: 'arn:aws:kinesis:x' },
        },
      },
      'only SQS sources',
    ],
  ])('%s', (_, resources, message) => {
    expect(() => read(resources as Template['Resources'])).toThrow(message);
  });

  test('but not for a part that is ignored on purpose', () => {
    expect(
      read({
        Role: { Type: 'AWS::IAM::Role', Properties: { X: { 'Fn::If': [] } } },
        ServerlessDeploymentBucket: { Type: 'AWS::S3::Bucket' },
      }).buckets,
    ).toEqual([]);
  });
});

test('queues that receive dead letters come first', () => {
  const RedrivePolicy = { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 3 };
  const { queues } = read({ A: queue({ VisibilityTimeout: 7, RedrivePolicy }), Dead: queue() });
  expect(queues.map(({ id }) => id)).toEqual(['Dead', 'A']);
  expect(queues[1]?.attributes).toEqual({
    VisibilityTimeout: '7',
    RedrivePolicy:
      '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:stack-Dead","maxReceiveCount":3}',
  });
});

test('rules are read with their period, pattern and targets', () => {
  const target = { Id: 't', Arn: { 'Fn::GetAtt': ['F', 'Arn'] } };
  const rule = (properties: object) => ({
    Type: 'AWS::Events::Rule',
    Properties: { Targets: [target], ...properties },
  });
  const { rules } = read({
    F: fn('f'),
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'bus' } },
    Minute: rule({ ScheduleExpression: 'rate(1 minute)' }),
    Off: rule({ ScheduleExpression: 'rate(2 hours)', State: 'DISABLED' }),
    Pattern: rule({ EventBusName: { 'Fn::GetAtt': ['Bus', 'Arn'] }, EventPattern: { source: ['s'] } }),
  });
  expect(rules.map(({ everyMs, targets }) => [everyMs, targets.length])).toEqual([
    [60_000, 1],
    [7_200_000, 0],
    [undefined, 1],
  ]);
  expect(rules[2]).toMatchObject({
    busName: 'bus',
    pattern: { source: ['s'] },
    targets: [{ maxAttempts: 185, maxAgeMs: 86_400_000 }],
  });
});

test('methods are read with their paths, modes and AWS’s timeouts', () => {
  const { api: read1 } = read({
    ...api,
    F: fn('f'),
    Runs: path('runs'),
    Id: path('{id}', 'Runs'),
    Root: method('ANY', 'root', 'F'),
    Get: method('GET', 'Id', 'F', { timeoutMs: 5000 }),
    Post: method('POST', 'Runs', 'F', { stream: true }),
    Put: method('PUT', 'Runs', 'F', { stream: true, timeoutMs: 900_000 }),
  });
  expect(read1.methods.map((m) => [m.httpMethod, m.resourcePath, m.streaming, m.timeoutMs])).toEqual([
    ['ANY', '/', false, 29_000],
    ['GET', '/runs/{id}', false, 5_000],
    ['POST', '/runs', true, 29_000],
    ['PUT', '/runs', true, 900_000],
  ]);
  expect(read1.responses.get('DEFAULT_4XX')).toMatchObject({
    headers: { 'content-type': 'application/problem+json' },
  });
});
