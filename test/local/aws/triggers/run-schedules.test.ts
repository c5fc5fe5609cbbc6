import { afterEach, expect, test } from 'vitest';
import { readTemplate } from '../../../../local/aws/template/read-template.ts';
import { runSchedules } from '../../../../local/aws/triggers/run-schedules.ts';
import { pollUntil } from '../../../../tools/poll-until.ts';
import { fn } from '../small-stack.ts';

let stop = () => {};
afterEach(() => stop());

const scheduled = (target: object) => {
  const model = readTemplate(
    {
      Resources: {
        F: fn('f'),
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: {
            ScheduleExpression: 'rate(1 minute)',
            Targets: [{ Id: 't', Arn: { 'Fn::GetAtt': ['F', 'Arn'] }, ...target }],
          },
        },
      },
    },
    { stackName: 's', region: 'us-east-1', account: '000000000000' },
  );
  const events: unknown[] = [];
  stop = runSchedules({
    ...model,
    rules: model.rules.map((rule) => ({ ...rule, everyMs: 5 })),
    invoke: async (functionId, event) => {
      events.push([functionId, event]);
      throw new Error('a failure is the function’s own affair');
    },
  });
  return pollUntil('two events', () => events.length >= 2 && events); // it continues after a failure
};

test('a schedule invokes the function with the scheduled event, again and again', async () => {
  const [first] = await scheduled({});
  expect(first).toEqual([
    'F',
    expect.objectContaining({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      resources: ['arn:aws:events:us-east-1:000000000000:rule/s-Rule'],
      detail: {},
    }),
  ]);
});

test('a schedule gives the target its own input', async () => {
  expect((await scheduled({ Input: '{"reconcile":"all"}' }))[0]).toEqual(['F', { reconcile: 'all' }]);
});
