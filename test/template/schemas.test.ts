// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such texts are what Fn::Sub takes.
import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import { describe, expect, test } from 'vitest';
import { checkResources } from './schemas/check-resources.ts';
import type { TemplateResource } from './template.ts';

const specification = await loadAwsServiceSpec();

const problemsOf = (Resources: Record<string, TemplateResource>): string[] =>
  checkResources({ Resources }, specification);
const queue = (Properties: Record<string, unknown>) =>
  problemsOf({ Q: { Type: 'AWS::SQS::Queue', Properties } });
const rule = (Properties: Record<string, unknown>) =>
  problemsOf({ R: { Type: 'AWS::Events::Rule', Properties } });

describe('checkResources', () => {
  test('accepts values of the right types, literal or intrinsic, at any depth', () => {
    expect(
      problemsOf({
        Queue: {
          Type: 'AWS::SQS::Queue',
          DeletionPolicy: 'Retain',
          Properties: {
            VisibilityTimeout: 60,
            DelaySeconds: '5',
            QueueName: { 'Fn::Sub': 'q-${AWS::Region}' },
            SqsManagedSseEnabled: { 'Fn::If': ['Encrypt', true, { Ref: 'AWS::NoValue' }] },
            RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Other', 'Arn'] }, maxReceiveCount: 5 },
            Tags: [{ Key: 'service', Value: { Ref: 'AWS::StackName' } }],
          },
        },
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: { Targets: [{ Id: 'q', Arn: { 'Fn::GetAtt': 'Queue.Arn' } }] },
        },
      }),
    ).toEqual([]);
  });

  test.each([
    ['AWS::SQS::Que', ['Q: CloudFormation has no type AWS::SQS::Que']],
    ['AWS::SQS', ['Q: CloudFormation has no type AWS::SQS']],
  ])('finds a type that does not exist: %s', (Type, problems) => {
    expect(problemsOf({ Q: { Type } })).toEqual(problems);
  });

  test('finds a misspelt property and suggests the nearest', () => {
    expect(queue({ VisibilityTimeOuts: 60 })).toEqual([
      'Q.Properties.VisibilityTimeOuts: there is no such property; did you mean VisibilityTimeout?',
    ]);
  });

  test('finds a misspelt property inside a list of objects', () => {
    expect(
      rule({
        Targets: [
          { Id: 'a', Arn: 'arn' },
          { Id: 'b', Arn: 'arn', RetryPolicies: {} },
        ],
      }),
    ).toEqual([
      'R.Properties.Targets[1].RetryPolicies: there is no such property; did you mean RetryPolicy?',
    ]);
  });

  test.each([
    ['text for a number', queue({ DelaySeconds: '1m' }), 'Q.Properties.DelaySeconds: "1m" is not integer'],
    ['text of a fraction', queue({ DelaySeconds: '1.5' }), 'Q.Properties.DelaySeconds: "1.5" is not integer'],
    [
      'a fraction for a whole number',
      queue({ DelaySeconds: 0.5 }),
      'Q.Properties.DelaySeconds: 0.5 is not integer',
    ],
    ['a number for text', queue({ QueueName: 5 }), 'Q.Properties.QueueName: 5 is not string'],
    ['text for a boolean', queue({ FifoQueue: 'on' }), 'Q.Properties.FifoQueue: "on" is not boolean'],
    [
      'one value for a list',
      queue({ Tags: 'a' }),
      'Q.Properties.Tags: "a" is not a list of a tag {Key, Value}',
    ],
    ['nothing', queue({ QueueName: null }), 'Q.Properties.QueueName: null is not string'],
    ['a list for an object', rule({ Targets: [[]] }), 'R.Properties.Targets[0]: [] is not an object'],
    [
      'a value that is not allowed',
      rule({ State: 'ON' }),
      'R.Properties.State: "ON" is none of DISABLED, ENABLED',
    ],
    [
      'a tag without a value',
      queue({ Tags: [{ Key: 'a' }] }),
      'Q.Properties.Tags[0]: {"Key":"a"} is not a tag',
    ],
    ['a number for a document', queue({ RedrivePolicy: 5 }), 'Q.Properties.RedrivePolicy: 5 is not json'],
  ])('finds %s', (_, problems, expected) => {
    expect(problems).toEqual([expect.stringContaining(expected)]);
  });

  test('finds an intrinsic function that returns the wrong kind of value, in either branch of a condition', () => {
    expect(queue({ Tags: { Ref: 'AWS::Region' } })).toEqual([
      'Q.Properties.Tags: Ref gives a string where a list of a tag {Key, Value} is expected',
    ]);
    expect(rule({ Targets: [{ 'Fn::Sub': 'x' }] })).toEqual([
      'R.Properties.Targets[0]: Fn::Sub gives a string where an object is expected',
    ]);
    expect(queue({ QueueName: { 'Fn::Split': [',', 'a,b'] } })).toEqual([
      'Q.Properties.QueueName: Fn::Split gives a list where string is expected',
    ]);
    expect(queue({ FifoQueue: { 'Fn::If': ['A', true, 'no'] } })).toEqual([
      'Q.Properties.FifoQueue.Fn::If[2]: "no" is not boolean',
    ]);
  });

  test('finds an intrinsic function that does not exist, in a value and in a document', () => {
    expect(queue({ QueueName: { 'Fn::Concat': ['a', 'b'] } })).toEqual([
      'Q.Properties.QueueName: CloudFormation has no function Fn::Concat',
    ]);
    expect(rule({ EventPattern: { source: [{ 'Fn::GetAttr': ['Q', 'Arn'] }] } })).toEqual([
      'R.Properties.EventPattern: CloudFormation has no function Fn::GetAttr',
    ]);
  });

  test('finds missing required properties, at the top, inside, and where a condition removes them', () => {
    expect(problemsOf({ F: { Type: 'AWS::Lambda::Function', Properties: { Code: {} } } })).toEqual([
      'F.Properties: Role is required and missing',
    ]);
    expect(rule({ Targets: [{ Id: 'a' }] })).toEqual([
      'R.Properties.Targets[0]: Arn is required and missing',
    ]);
    expect(rule({ Targets: [{ Id: 'a', Arn: { Ref: 'AWS::NoValue' } }] })).toHaveLength(1);
  });

  test('finds a policy or another attribute that no resource has', () => {
    const Type = 'AWS::SQS::Queue';
    expect(problemsOf({ Q: { Type, DeletionPolicy: 'Keep' } })).toEqual([
      'Q.DeletionPolicy: Keep is none of Delete, Retain, RetainExceptOnCreate, Snapshot',
    ]);
    expect(problemsOf({ Q: { Type, DependOn: 'A' } as unknown as TemplateResource })).toEqual([
      'Q.DependOn: a resource has no such attribute; did you mean DependsOn?',
    ]);
  });
});
