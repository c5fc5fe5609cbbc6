import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pollUntil } from '../../tools/poll-until.ts';
import { type AwsClients, awsClients } from './stack-clients.ts';
import type { RunningStack } from './stack-process.ts';

export const describeAws = (stack: () => RunningStack) =>
  describe('the AWS SDK, at the addresses in stack.json', () => {
    let aws: AwsClients;
    beforeAll(() => {
      aws = awsClients(stack().file);
    });
    afterAll(() => aws.destroy());

    const queue = (id: string): string => stack().file.queues[id] ?? '';
    const attributes = async (QueueUrl: string) =>
      (await aws.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes ??
      {};

    test('finds every queue of the template with its settings', async () => {
      const jobs = await attributes(queue('JobsQueue'));
      expect(jobs).toMatchObject({
        VisibilityTimeout: '5400',
        QueueArn: expect.stringMatching(/JobsQueue$/),
      });
      const dead = await attributes(queue('JobsDeadLetters'));
      expect(JSON.parse(jobs.RedrivePolicy ?? '')).toEqual({
        deadLetterTargetArn: dead.QueueArn,
        maxReceiveCount: 5,
      });
    });

    test('sends an event to the queue of the matching rule, where it stays if embed cannot read it', async () => {
      const event = (Source: string, DetailType: string, mark: string) => ({
        EventBusName: stack().file.bus,
        Source,
        DetailType,
        Detail: JSON.stringify({ schema_version: 99, mark }),
      });
      const put = new PutEventsCommand({
        Entries: [
          event('everytoken', 'RunGenerated', 'for embed'),
          event('everytoken', 'SomethingElse', 'for nobody'),
          event('another', 'RunGenerated', 'for nobody'),
        ],
      });
      const { FailedEntryCount, Entries = [] } = await aws.events.send(put);
      expect([FailedEntryCount, Entries.length]).toEqual([0, 3]);
      await pollUntil(
        'the event is in the queue of embed',
        async () => (await aws.waiting('EmbedQueue')) === 1,
      );
      const none = await aws.sqs.send(new ReceiveMessageCommand({ QueueUrl: queue('RuleDeadLetters') }));
      expect(none.Messages ?? []).toEqual([]);
    });
  });
