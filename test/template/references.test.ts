// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such texts are what Fn::Sub takes.
import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import { describe, expect, test } from 'vitest';
import { checkReferences } from './references/check-references.ts';
import { findCycles } from './references/find-cycles.ts';
import type { Template, TemplateResource } from './template.ts';

const specification = await loadAwsServiceSpec();

const queue = (value: unknown, others: Partial<TemplateResource> = {}): TemplateResource => ({
  Type: 'AWS::SQS::Queue',
  Properties: { QueueName: value },
  ...others,
});
const problemsOf = (Resources: Template['Resources'], others: Partial<Template> = {}): string[] =>
  checkReferences({ Resources, ...others }, specification);

describe('checkReferences', () => {
  test('accepts resources, parameters, pseudo parameters, attributes, conditions and literal text', () => {
    const names = ['${Other.Arn}', '${Other}', '${Stage}', '${AWS::Region}', '${Own}', '${!Literal}'];
    expect(
      problemsOf(
        {
          Queue: queue({ 'Fn::Sub': [names.join('-'), { Own: { 'Fn::GetAtt': ['Other', 'QueueName'] } }] }),
          Other: queue(
            { 'Fn::If': ['Big', { Ref: 'Stage' }, { Ref: 'AWS::NoValue' }] },
            { Condition: 'Big' },
          ),
        },
        {
          Parameters: { Stage: { Type: 'String' } },
          Conditions: { Big: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] } },
          Outputs: { Arn: { Value: { 'Fn::GetAtt': 'Queue.Arn' } } },
        },
      ),
    ).toEqual([]);
  });

  test.each([
    [
      'a Ref to nothing',
      { Ref: 'Tabel' },
      'Queue.Properties.QueueName.Ref: there is no resource or parameter Tabel; did you mean Table?',
    ],
    [
      'a pseudo parameter that does not exist',
      { Ref: 'AWS::Account' },
      'Queue.Properties.QueueName.Ref: there is no resource or parameter AWS::Account; did you mean AWS::AccountId?',
    ],
    [
      'a Fn::GetAtt of nothing',
      { 'Fn::GetAtt': ['Tables', 'Arn'] },
      'Queue.Properties.QueueName.Fn::GetAtt: there is no resource Tables; did you mean Table?',
    ],
    [
      'an attribute that the type does not have',
      { 'Fn::GetAtt': ['Table', 'Name'] },
      'Queue.Properties.QueueName.Fn::GetAtt: AWS::DynamoDB::Table has no attribute Name',
    ],
    [
      'a name in a text',
      { 'Fn::Sub': 'x-${Tble.Arn}' },
      'Queue.Properties.QueueName.Fn::Sub: there is no resource Tble; did you mean Table?',
    ],
    [
      'a name inside a list inside a text',
      { 'Fn::Join': ['', ['a', { 'Fn::Sub': '${Nowhere}' }]] },
      'Queue.Properties.QueueName.Fn::Join[1][1].Fn::Sub: there is no resource or parameter Nowhere',
    ],
    ['a condition', { 'Fn::If': ['Big', 'a', 'b'] }, 'Queue.Properties: there is no condition Big'],
  ])('finds %s', (_, value, expected) => {
    const problems = problemsOf({ Queue: queue(value), Table: { Type: 'AWS::DynamoDB::Table' } });
    expect(problems).toEqual([expect.stringContaining(expected)]);
  });

  test('finds missing names in a DependsOn, a resource’s condition, an output or a condition', () => {
    expect(
      problemsOf(
        { Queue: queue('a', { DependsOn: ['Queue2'], Condition: 'Big' }) },
        {
          Outputs: { Url: { Value: { Ref: 'Quue' } } },
          Conditions: { Small: { 'Fn::Equals': [{ Ref: 'Size' }, 's'] } },
        },
      ),
    ).toEqual([
      'Outputs.Url.Value.Ref: there is no resource or parameter Quue; did you mean Queue?',
      'Conditions.Small.Fn::Equals[0].Ref: there is no resource or parameter Size; there are Queue',
      'Queue.DependsOn: there is no resource Queue2; did you mean Queue?',
      'Queue.Condition: there is no condition Big; there are Small',
    ]);
  });
});

describe('findCycles', () => {
  test('finds none when resources only wait for earlier ones, in however many ways', () => {
    const Resources = {
      A: queue({ Ref: 'B' }, { DependsOn: 'C' }),
      B: queue({ 'Fn::GetAtt': ['C', 'Arn'] }),
      C: queue({ 'Fn::Sub': '${AWS::Region}' }),
    };
    expect(findCycles({ Resources })).toEqual([]);
  });

  test('names each circle once, with the references that make it', () => {
    const Resources = {
      Bucket: queue({ 'Fn::GetAtt': ['Queue', 'Arn'] }, { DependsOn: 'Policy' }),
      Queue: queue('q'),
      Policy: queue({ 'Fn::Sub': '${Bucket.Arn}/*' }),
      Own: queue({ Ref: 'Own' }),
    };
    expect(findCycles({ Resources })).toEqual([
      'Bucket waits for Policy (DependsOn), Policy waits for Bucket (Properties.QueueName.Fn::Sub): ' +
        'give one of them a fixed name, and write that name in the others',
      expect.stringContaining('Own waits for Own (Properties.QueueName.Ref)'),
    ]);
  });

  test('finds a long circle next to a way into it', () => {
    const Resources = {
      In: queue({ Ref: 'A' }),
      A: queue({ Ref: 'B' }),
      B: queue({ Ref: 'C' }),
      C: queue({ Ref: 'A' }),
    };
    expect(findCycles({ Resources })).toEqual([expect.stringContaining('A waits for B')]);
  });
});
