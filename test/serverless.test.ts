import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { problemSchema } from '../lib/http/answer-schemas.ts';
import { problemCode } from '../lib/http/problem-codes.ts';
import { packageFunctions } from '../local/package-functions.ts';

// biome-ignore lint/suspicious/noExplicitAny: a template's properties have as many shapes as there are types.
type Properties = Record<string, any>;
type Resource = { Type: string; Properties: Properties };

const root = join(import.meta.dirname, '..');
let resources: [string, Resource][] = [];

const ofType = (type: string) => resources.filter(([, { Type }]) => Type === type);
const byId = (id: string): Properties => resources.find(([name]) => name === id)?.[1].Properties ?? {};
const logicalId = (reference: { 'Fn::GetAtt': [string, string] }) => reference['Fn::GetAtt'][0];

beforeAll(async () => {
  const { template } = await packageFunctions(
    root,
    join(root, 'node_modules', '.cache', 'everytoken', 'packages'),
  );
  resources = Object.entries(template.Resources as Record<string, Resource>);
}, 120_000);

describe('the packaged template', () => {
  it('gives each function a role of its own, Node 24 and arm64', () => {
    const functions = ofType('AWS::Lambda::Function');
    const roles = functions.map(([, { Properties }]) => logicalId(Properties.Role));
    expect(new Set(roles).size).toBe(functions.length);
    for (const [id, { Properties }] of functions) {
      expect([id, Properties.Runtime, Properties.Architectures]).toEqual([id, 'nodejs24.x', ['arm64']]);
    }
  });

  it('streams the answers of POST /runs and of nothing else', () => {
    const streaming = ofType('AWS::ApiGateway::Method').filter(([, { Properties }]) =>
      JSON.stringify(Properties).includes('"STREAM"'),
    );
    expect(streaming.map(([id]) => id)).toEqual(['ApiGatewayMethodRunsPost']);
    expect(JSON.stringify(streaming[0]?.[1])).toContain('/response-streaming-invocations');
    expect(byId('ApiGatewayRestApi').EndpointConfiguration).toEqual({ Types: ['REGIONAL'] });
  });

  it('hides a message from other workers for at least six times as long as its function may take', () => {
    const mappings = ofType('AWS::Lambda::EventSourceMapping');
    expect(mappings).toHaveLength(3);
    for (const [id, { Properties }] of mappings) {
      const queue = byId(logicalId(Properties.EventSourceArn));
      const fn = byId(logicalId(Properties.FunctionName));
      expect([id, Number(queue.VisibilityTimeout) >= 6 * Number(fn.Timeout)]).toEqual([id, true]);
      expect([id, Properties.FunctionResponseTypes]).toEqual([id, ['ReportBatchItemFailures']]);
    }
  });

  it('gives every queue that is worked off a dead-letter queue that keeps messages for longer', () => {
    for (const [, { Properties }] of ofType('AWS::Lambda::EventSourceMapping')) {
      const queue = byId(logicalId(Properties.EventSourceArn));
      const { deadLetterTargetArn, maxReceiveCount } = queue.RedrivePolicy;
      const deadLetters = byId(logicalId(deadLetterTargetArn));
      expect(Number(deadLetters.MessageRetentionPeriod)).toBeGreaterThan(
        Number(queue.MessageRetentionPeriod),
      );
      expect(maxReceiveCount).toBeGreaterThanOrEqual(5);
    }
  });

  it('sends RunGenerated to embed, and what cannot be delivered to a dead-letter queue', () => {
    const { EventPattern, Targets } = byId('EmbedRule');
    expect(EventPattern).toEqual({ source: ['everytoken'], 'detail-type': ['RunGenerated'] });
    expect(Targets).toHaveLength(1);
    expect(logicalId(Targets[0].Arn)).toBe('EmbedQueue');
    expect(logicalId(Targets[0].DeadLetterConfig.Arn)).toBe('RuleDeadLetters');
  });

  it('answers what never reaches a function with a problem, of a published code and its status', () => {
    const responses = ofType('AWS::ApiGateway::GatewayResponse');
    expect(responses.map(([, { Properties }]) => Properties.ResponseType)).toContain('DEFAULT_4XX');
    for (const [id, { Properties }] of responses) {
      const template = Properties.ResponseTemplates['application/json'];
      const problem = problemSchema.parse(
        JSON.parse(template.replace('$context.error.messageString', '"Request Too Long"')),
      );
      expect([id, problem.status]).toEqual([id, Number(Properties.StatusCode)]);
      expect([id, problemCode(problem.code)?.status]).toEqual([id, problem.status]);
    }
  });

  it('raises an alarm as soon as a message waits in any dead-letter queue', () => {
    const watched = ofType('AWS::CloudWatch::Alarm').map(([, { Properties }]) => {
      expect(Properties).toMatchObject({
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
      });
      return logicalId(Properties.Dimensions[0].Value);
    });
    const deadLetters = ofType('AWS::SQS::Queue').filter(([id]) => id.endsWith('DeadLetters'));
    expect(watched.toSorted()).toEqual(deadLetters.map(([id]) => id).toSorted());
  });

  it('grants no wildcard action, and no wildcard resource', () => {
    for (const [id, { Properties }] of ofType('AWS::IAM::Role')) {
      const text = JSON.stringify(Properties);
      expect([id, /"(\w+:)?\*"/.test(text)]).toEqual([id, false]);
    }
  });
});
