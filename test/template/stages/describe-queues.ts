import { describe, expect, test } from 'vitest';
import { at, ofType, type Properties } from '../template.ts';
import { byId, named, type Stage, workers } from './stage.ts';

/** Tests of the queues, their consumers, and their dead letters. */
export const describeQueues = (stage: () => Stage): void => {
  describe('the queues and rules', () => {
    test('hide a message from other workers for at least six times the timeout of its function', () => {
      const { made } = stage();
      expect(workers(made)).toHaveLength(4);
      for (const [id, mapping, fn, queue] of workers(made)) {
        expect([id, Number(queue.VisibilityTimeout) >= 6 * Number(fn.Timeout)]).toEqual([id, true]);
        expect([id, mapping.FunctionResponseTypes]).toEqual([id, ['ReportBatchItemFailures']]);
      }
    });

    test('limit the concurrency of each consumer, and wait to fill a batch of more than ten', () => {
      for (const [id, mapping] of workers(stage().made)) {
        expect([id, at(mapping, 'ScalingConfig', 'MaximumConcurrency')]).toEqual([id, expect.any(Number)]);
        const window = Number(mapping.MaximumBatchingWindowInSeconds ?? 0);
        expect([id, Number(mapping.BatchSize) <= 10 || window >= 1]).toEqual([id, true]);
      }
    });

    test('have, for every queue with a consumer, a dead-letter queue that keeps messages for longer', () => {
      const { made } = stage();
      for (const [id, , , queue] of workers(made)) {
        const deadLetters = named(made, at(queue, 'RedrivePolicy', 'deadLetterTargetArn'));
        const kept = [deadLetters, queue].map(({ MessageRetentionPeriod }) => Number(MessageRetentionPeriod));
        expect([id, Number(kept[0]) > Number(kept[1])]).toEqual([id, true]);
        expect([id, Number(at(queue, 'RedrivePolicy', 'maxReceiveCount')) >= 5]).toEqual([id, true]);
      }
    });

    test('have a dead-letter queue for every queue that a rule targets, and let the bus send to both', () => {
      const { made } = stage();
      const queues = ofType(made, 'AWS::SQS::Queue').map(([id]) => `${id}.Arn`);
      const targets = ofType(made, 'AWS::Events::Rule')
        .flatMap(([, rule]) => rule.Targets as Properties[])
        .filter(({ Arn }) => queues.includes(String(Arn)));
      expect(targets.length).toBeGreaterThan(0);
      const allowed = ofType(made, 'AWS::SQS::QueuePolicy').flatMap(([, { PolicyDocument }]) =>
        (at(PolicyDocument, 'Statement') as Properties[])
          .filter(({ Principal }) => at(Principal, 'Service') === 'events.amazonaws.com')
          .flatMap(({ Resource }) => Resource),
      );
      for (const { Arn, DeadLetterConfig } of targets) {
        const deadLetters = at(DeadLetterConfig, 'Arn');
        expect(named(made, deadLetters).MessageRetentionPeriod).toBe(1_209_600);
        expect(allowed).toEqual(expect.arrayContaining([Arn, deadLetters]));
      }
    });

    test('accept TLS alone, by the only policy that each queue is in', () => {
      const { made } = stage();
      const policies = ofType(made, 'AWS::SQS::QueuePolicy').map(([, policy]) => policy);
      const named = policies.flatMap(({ Queues }) => Queues as string[]);
      expect(named.toSorted()).toEqual(
        ofType(made, 'AWS::SQS::Queue')
          .map(([id]) => id)
          .toSorted(),
      );
      for (const { Queues, PolicyDocument } of policies)
        expect([Queues, at(PolicyDocument, 'Statement')]).toEqual([
          Queues,
          expect.arrayContaining([
            {
              Sid: 'OnlyOverTls',
              ...{ Effect: 'Deny', Principal: '*', Action: 'sqs:*', Resource: '*' },
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
          ]),
        ]);
    });

    test('keep minutes in which the sweep could not be invoked, or failed each time', () => {
      const { made } = stage();
      const [, rule] =
        ofType(made, 'AWS::Events::Rule').find(([, { ScheduleExpression }]) => ScheduleExpression) ?? [];
      expect(rule?.Targets).toMatchObject([
        { Arn: 'SweepLambdaFunction.Arn', DeadLetterConfig: { Arn: 'SweepDeadLetters.Arn' } },
      ]);
      const allowed = at(byId(made, 'SweepDeadLettersPolicy').PolicyDocument, 'Statement') as Properties[];
      expect(allowed.filter(({ Effect }) => Effect === 'Allow')).toMatchObject([
        {
          Principal: { Service: 'events.amazonaws.com' },
          Condition: { ArnEquals: { 'aws:SourceArn': 'SweepEventsRuleSchedule1.Arn' } },
        },
      ]);
      expect(ofType(made, 'AWS::Lambda::EventInvokeConfig')).toMatchObject([
        [
          'SweepInvocations',
          {
            FunctionName: 'SweepLambdaFunction',
            Qualifier: '$LATEST',
            DestinationConfig: { OnFailure: { Destination: 'SweepDeadLetters.Arn' } },
          },
        ],
      ]);
    });

    test('deliver RunGenerated to embed, and undeliverable events to a dead-letter queue', () => {
      const { EventPattern, Targets } = byId(stage().made, 'EmbedRule');
      expect(EventPattern).toEqual({ source: ['everytoken'], 'detail-type': ['RunGenerated'] });
      expect(Targets).toMatchObject([
        { Arn: 'EmbedQueue.Arn', DeadLetterConfig: { Arn: 'RuleDeadLetters.Arn' } },
      ]);
    });

    test('receive events of prompt files from the content bucket alone', () => {
      const { made } = stage();
      const { BucketName, NotificationConfiguration } = byId(made, 'ContentBucket');
      const [notification] = at(NotificationConfiguration, 'QueueConfigurations') as Properties[];
      expect(notification).toMatchObject({ Event: 's3:ObjectCreated:*', Queue: 'IntakeQueue.Arn' });
      expect(at(notification, 'Filter', 'S3Key', 'Rules')).toEqual([{ Name: 'prefix', Value: 'prompts/' }]);
      const statements = at(byId(made, 'IntakeQueuePolicy').PolicyDocument, 'Statement') as Properties[];
      expect(statements.filter(({ Effect }) => Effect === 'Allow')).toMatchObject([
        {
          Principal: { Service: 's3.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: 'IntakeQueue.Arn',
          Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:s3:::${BucketName}` } },
        },
      ]);
      // S3 checks the queue before it accepts the notification.
      expect(made.Resources.ContentBucket?.DependsOn).toContain('IntakeQueuePolicy');
    });
  });
};
