import { expect, test } from 'vitest';
import { findingsOf, tableOf } from './findings.ts';

const place = { region: 'us-east-1', account: '000000000000' };
const queue = 'arn:aws:sqs:us-east-1:000000000000:everytoken-local-Queue';
const statement = (Action: string[], Resource: unknown) => ({ Effect: 'Allow', Action, Resource });
const logs = statement(
  ['logs:CreateLogStream', 'logs:PutLogEvents'],
  'arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f:*',
);

type Called = [action: string, resource: string, context?: Record<string, string[]>];

const findingWith = async (
  Statement: unknown[],
  called: Called[],
  { traced = false, polled = false } = {},
) => {
  const template = {
    Resources: {
      F: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: 'f',
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          ...(traced && { TracingConfig: { Mode: 'Active' } }),
        },
      },
      ...(polled && {
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            FunctionName: { 'Fn::GetAtt': ['F', 'Arn'] },
            EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
          },
        },
      }),
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: { Policies: [{ PolicyDocument: { Statement: [logs, ...Statement] } }] },
      },
      Queue: { Type: 'AWS::SQS::Queue' },
    },
  };
  const calls = called.map(([action, resource, context = {}]) => ({
    ...{ functionId: 'F', action, resource, context, operation: action.split(':')[1] ?? '' },
  }));
  const [finding, ...others] = await findingsOf({ template, place, calls });
  if (!finding || others.length > 0) throw new Error('there is one function');
  const spare = finding.grants.filter(({ isNeeded }) => !isNeeded).map(({ grant }) => grant.Action);
  return { spare, refused: finding.refused.map(({ action }) => action), table: tableOf([finding]) };
};

const send: [string, string] = ['sqs:SendMessage', queue];
const sending = statement(['sqs:SendMessage'], { 'Fn::GetAtt': ['Queue', 'Arn'] });

test('a role that grants exactly the calls made has nothing spare and nothing missing', async () => {
  const { spare, refused, table } = await findingWith([sending], [send, send]);
  expect([spare, refused]).toEqual([[], []]);
  expect(table).toMatch(/ {4}sqs:SendMessage +everytoken-local-Queue +2 SendMessage/);
});

test('an action that was not called is spare, and so is a resource that was not used', async () => {
  const more = statement(['sqs:SendMessage', 'sqs:PurgeQueue'], [queue, `${queue}-other`]);
  const { spare, table } = await findingWith([more], [send]);
  expect(spare).toEqual(['sqs:SendMessage', 'sqs:PurgeQueue', 'sqs:PurgeQueue']);
  expect(table).toMatch(/ {2}! sqs:PurgeQueue/);
});

test('a grant is spare when another one allows the same calls', async () => {
  expect((await findingWith([sending, sending], [send])).spare).toEqual([send[0], send[0]]);
});

test('a call that is not granted is refused, also on another resource', async () => {
  const { refused, table } = await findingWith([sending], [send, ['sqs:SendMessage', `${queue}-other`]]);
  expect(refused).toEqual(['sqs:SendMessage']);
  expect(table).toContain('NOT ALLOWED');
});

test('each kind of items that a statement names is a grant of its own', async () => {
  const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/t';
  const condition = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['RUN#*', 'FILE#*'] } };
  const updating = { ...statement(['dynamodb:UpdateItem'], table), Condition: condition };
  const update = (kind: string): Called => [
    ...(['dynamodb:UpdateItem', table] as const),
    { 'dynamodb:LeadingKeys': [`${kind}#any`] },
  ];
  const { spare, refused, table: shown } = await findingWith([updating], [update('RUN'), update('KEY')]);
  expect([spare, refused]).toEqual([['dynamodb:UpdateItem'], ['dynamodb:UpdateItem']]);
  expect(shown).toMatch(/ {4}dynamodb:UpdateItem +table\/t RUN#\* +1 UpdateItem/);
  expect(shown).toMatch(/ {2}! dynamodb:UpdateItem +table\/t FILE#\*/);
  expect(shown).toMatch(/NOT ALLOWED dynamodb:UpdateItem .*KEY#any/);
});

test('an action that AWS does not have is an error, not a refusal', async () => {
  await expect(findingWith([], [['sqs:SendMessages', queue]])).rejects.toThrow('sqs:SendMessages');
});

test('calls that Lambda makes with the role count: polling when it has a queue, traces when it is traced', async () => {
  const bare = await findingWith([], [], { traced: true, polled: true });
  expect(bare.refused.toSorted()).toEqual([
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:ReceiveMessage',
    'xray:PutTelemetryRecords',
    'xray:PutTraceSegments',
  ]);
  const granted = [
    statement(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], queue),
    statement(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*'),
  ];
  const { spare, refused, table } = await findingWith(granted, [], { traced: true, polled: true });
  expect([spare, refused]).toEqual([[], []]);
  expect(table).toMatch(/sqs:ReceiveMessage +everytoken-local-Queue +Lambda polls/);
  expect((await findingWith(granted, [])).spare).toHaveLength(5);
});
