import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import { describe, expect, test } from 'vitest';
import { checkReferences } from './references/check-references.ts';
import { everyOutcome, resolveConditions } from './references/resolve-conditions.ts';
import type { Template, TemplateResource } from './template.ts';

const specification = await loadAwsServiceSpec();
const queue = (Condition?: string, Properties = {}): TemplateResource => ({
  Type: 'AWS::SQS::Queue',
  Properties,
  ...(Condition !== undefined && { Condition }),
});
const equals = (left: unknown, right: unknown) => ({ 'Fn::Equals': [left, right] });
const problemsOf = (template: Template): string[] => [
  ...new Set(everyOutcome(template).flatMap((outcome) => checkReferences(outcome, specification))),
];

describe('resolveConditions', () => {
  test('keeps the resources, outputs and values whose conditions hold, like CloudFormation', () => {
    const template: Template = {
      Conditions: {
        Yes: equals('on', 'on'),
        No: { 'Fn::Not': [{ Condition: 'Yes' }] },
        Both: { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] },
        Either: { 'Fn::Or': [{ Condition: 'No' }, equals(1, 1)] },
      },
      Resources: {
        Always: queue(undefined, {
          QueueName: { 'Fn::If': ['No', 'a', { 'Fn::If': ['Either', 'b', 'c'] }] },
          DelaySeconds: { 'Fn::If': ['Both', 5, { Ref: 'AWS::NoValue' }] },
          Tags: [{ 'Fn::If': ['No', {}, { Ref: 'AWS::NoValue' }] }, { Key: 'k', Value: 'v' }],
        }),
        IfYes: queue('Yes'),
        IfNo: queue('No'),
      },
      Outputs: { Kept: { Value: 1, Condition: 'Either' }, Gone: { Value: 2, Condition: 'Both' } },
    };
    expect(resolveConditions(template)).toEqual({
      Resources: {
        Always: queue(undefined, { QueueName: 'b', Tags: [{ Key: 'k', Value: 'v' }] }),
        IfYes: queue(),
      },
      Outputs: { Kept: { Value: 1 } },
    });
  });
});

describe('a template under every outcome of its comparisons', () => {
  const Conditions = {
    Alarms: equals('on', 'off'),
    Mail: { 'Fn::And': [{ Condition: 'Alarms' }, equals('', 'x')] },
  };

  test('may refer to a resource of the same or a wider condition, or inside an Fn::If on it', () => {
    expect(
      problemsOf({
        Conditions,
        Resources: {
          Topic: queue('Alarms'),
          Alarm: { ...queue('Alarms', { QueueName: { Ref: 'Topic' } }), DependsOn: 'Topic' },
          Mail: queue('Mail', { QueueName: { Ref: 'Topic' } }),
          Always: queue(undefined, { QueueName: { 'Fn::If': ['Alarms', { Ref: 'Topic' }, ''] } }),
        },
      }),
    ).toEqual([]);
  });

  test.each([
    [
      'a value',
      { Always: queue(undefined, { QueueName: { Ref: 'Topic' } }) },
      'Always.Properties.QueueName.Ref',
    ],
    [
      'another condition’s branch',
      { Always: queue(undefined, { QueueName: { 'Fn::If': ['Alarms', '', { Ref: 'Topic' }] } }) },
      'Always.Properties.QueueName.Ref',
    ],
    ['a DependsOn', { Always: { ...queue(), DependsOn: 'Topic' } }, 'Always.DependsOn'],
    [
      'a wider condition',
      { Narrow: queue('Mail'), Wide: queue('Alarms', { QueueName: { Ref: 'Narrow' } }) },
      'Wide.Properties.QueueName.Ref',
    ],
  ])('may not refer to a resource that a condition can remove: %s', (_, resources, path) => {
    const problems = problemsOf({ Conditions, Resources: { Topic: queue('Alarms'), ...resources } });
    expect(problems).toEqual([expect.stringContaining(`${path}: there is no resource`)]);
  });
});
