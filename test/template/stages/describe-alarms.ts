import { describe, expect, test } from 'vitest';
import { METRICS } from '../../../lib/observe/metrics.ts';
import { at, ofType, type Properties } from '../template.ts';
import { byId, type Stage } from './stage.ts';

type Watched = { namespace: unknown; name: unknown; dimensions: Record<string, string>; period: number };

const dimensionsOf = (given: unknown): Record<string, string> =>
  Object.fromEntries(((given ?? []) as Properties[]).map(({ Name, Value }) => [Name, Value]));

/** The metrics of an alarm: one, or several in an expression. */
const watchedBy = ({ Namespace, MetricName, Dimensions, Period, Metrics }: Properties): Watched[] =>
  Metrics === undefined
    ? [
        {
          namespace: Namespace,
          name: MetricName,
          dimensions: dimensionsOf(Dimensions),
          period: Number(Period),
        },
      ]
    : (Metrics as Properties[]).flatMap(({ MetricStat }) =>
        MetricStat === undefined
          ? []
          : [
              {
                namespace: at(MetricStat, 'Metric', 'Namespace'),
                name: at(MetricStat, 'Metric', 'MetricName'),
                dimensions: dimensionsOf(at(MetricStat, 'Metric', 'Dimensions')),
                period: Number(at(MetricStat, 'Period')),
              },
            ],
      );

/** Metrics of a dashboard's widgets: `[namespace, name, dimension, value, …, {options}]`. */
const shownOn = ({ DashboardBody }: Properties): Watched[] =>
  (at(JSON.parse(String(DashboardBody)), 'widgets') as Properties[]).flatMap(({ properties }) =>
    ((at(properties, 'metrics') ?? []) as unknown[][]).map(([namespace, name, ...rest]) => {
      const pairs = rest.filter((part): part is string => typeof part === 'string');
      const dimensions = Object.fromEntries(
        pairs.flatMap((key, index) => (index % 2 === 0 ? [[key, pairs[index + 1] ?? '']] : [])),
      );
      return { namespace, name, dimensions, period: 60 };
    }),
  );

/** Whether the functions write a metric with this name and exactly these dimensions. */
const isOurs = ({ name, dimensions }: Watched): boolean => {
  const metric = METRICS[name as keyof typeof METRICS];
  const keys = Object.keys(dimensions).toSorted().join();
  return metric?.by.some((set) => [...set].toSorted().join() === keys) ?? false;
};

/** Tests of the alarms; `stage` must have alarms and a dashboard. */
export const describeAlarms = (stage: () => Stage): void => {
  const alarms = () => ofType(stage().made, 'AWS::CloudWatch::Alarm');
  const watched = () => alarms().flatMap(([, alarm]) => watchedBy(alarm));

  describe('alarms', () => {
    test('raise one as soon as a message is in any dead-letter queue', () => {
      const seen = alarms()
        .filter(([, { MetricName }]) => MetricName === 'ApproximateNumberOfMessagesVisible')
        .map(([, alarm]) => {
          expect(alarm).toMatchObject({ Threshold: 0, ComparisonOperator: 'GreaterThanThreshold' });
          return at(alarm, 'Dimensions', 0, 'Value');
        });
      const deadLetters = ofType(stage().made, 'AWS::SQS::Queue').filter(([id]) =>
        id.endsWith('DeadLetters'),
      );
      expect(seen.toSorted()).toEqual(deadLetters.map(([id]) => `${id}.QueueName`).toSorted());
    });

    test('publish to a topic that accepts their stage and TLS alone', () => {
      const [[, { Topics, PolicyDocument }] = ['', {}], ...others] = ofType(
        stage().made,
        'AWS::SNS::TopicPolicy',
      );
      expect([Topics, others]).toEqual([['AlarmTopic'], []]);
      expect(at(PolicyDocument, 'Statement')).toMatchObject([
        {
          ...{ Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: 'AlarmTopic' },
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
        {
          ...{ Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'sns:Publish' },
          Condition: {
            ArnLike: {
              'aws:SourceArn': 'arn:aws:cloudwatch:ap-southeast-2:123456789012:alarm:everytoken-stack-*',
            },
          },
        },
      ]);
      // Their names begin with the stack's, because none is given.
      expect(alarms().filter(([, { AlarmName }]) => AlarmName !== undefined)).toEqual([]);
    });

    test('watch the age of the oldest message of each queue with a consumer', () => {
      const aged = watched().filter(({ name }) => name === 'ApproximateAgeOfOldestMessage');
      const sources = ofType(stage().made, 'AWS::Lambda::EventSourceMapping').map(([, { EventSourceArn }]) =>
        String(EventSourceArn).replace(/\.Arn$/, '.QueueName'),
      );
      expect(aged.map(({ dimensions }) => dimensions.QueueName).toSorted()).toEqual(sources.toSorted());
    });

    test('do not count a message as waiting that one failed delivery has hidden', () => {
      const aged = alarms().filter(([, { MetricName }]) => MetricName === 'ApproximateAgeOfOldestMessage');
      for (const [id, alarm] of aged) {
        const queue = String(at(alarm, 'Dimensions', 0, 'Value')).replace(/\.QueueName$/, '');
        const hiddenFor = Number(byId(stage().made, queue).VisibilityTimeout);
        expect([id, Number(alarm.Threshold) > hiddenFor]).toEqual([id, true]);
      }
    });

    test.each(['Errors', 'Throttles'])('watch the %s of every function', (metric) => {
      const seen = watched().filter(({ namespace, name }) => namespace === 'AWS/Lambda' && name === metric);
      const functions = ofType(stage().made, 'AWS::Lambda::Function').map(([id]) => id);
      expect(seen.map(({ dimensions }) => dimensions.FunctionName).toSorted()).toEqual(functions.toSorted());
    });

    test('watch the time to the first token and the cost of a day', () => {
      const ours = watched().filter(({ namespace }) => String(namespace).startsWith('everytoken/'));
      expect(ours.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['everytoken.time_to_first_token', 'everytoken.cost']),
      );
    });

    test('notify one topic when they begin and when they end', () => {
      const [[topic = ''] = [], ...others] = ofType(stage().made, 'AWS::SNS::Topic');
      expect(others).toEqual([]);
      for (const [id, { AlarmActions, OKActions, ActionsEnabled = true }] of alarms())
        expect([id, AlarmActions, OKActions, ActionsEnabled]).toEqual([id, [topic], [topic], true]);
    });

    test('use periods, counts and expressions that CloudWatch accepts', () => {
      for (const [id, alarm] of alarms()) {
        const { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods, Metrics } = alarm;
        for (const { period } of watchedBy(alarm)) {
          expect([id, period % 60]).toEqual([id, 0]);
          const most = period < 3_600 ? 86_400 : 604_800;
          expect([id, period * Number(EvaluationPeriods) <= most]).toEqual([id, true]);
        }
        expect([id, Number(DatapointsToAlarm) <= Number(EvaluationPeriods)]).toEqual([id, true]);
        expect([id, watchedBy(alarm).length >= 1 && watchedBy(alarm).length <= 10]).toEqual([id, true]);
        const results = ((Metrics ?? [{}]) as Properties[]).filter(({ ReturnData = true }) => ReturnData);
        expect([id, results.length]).toEqual([id, 1]);
        for (const { Id = 'a' } of (Metrics ?? []) as Properties[]) expect(Id).toMatch(/^[a-z]\w*$/);
        expect([id, (Metrics === undefined) === (alarm.MetricName !== undefined)]).toEqual([id, true]);
      }
    });

    test('name, as the dashboard does, only metrics of ours that the functions write', () => {
      const dashboards = ofType(stage().made, 'AWS::CloudWatch::Dashboard');
      expect(dashboards).toHaveLength(1);
      const shown = dashboards.flatMap(([, dashboard]) => shownOn(dashboard));
      const ours = [...watched(), ...shown].filter(({ namespace }) => !String(namespace).startsWith('AWS/'));
      expect(ours.length).toBeGreaterThan(5);
      for (const metric of ours) {
        expect(metric.namespace).toBe(`everytoken/${stage().name}`);
        expect([metric.name, metric.dimensions, isOurs(metric)]).toEqual([
          metric.name,
          metric.dimensions,
          true,
        ]);
      }
      for (const [id, fn] of ofType(stage().made, 'AWS::Lambda::Function'))
        expect([id, at(fn, 'Environment', 'Variables', 'METRICS_NAMESPACE')]).toEqual([
          id,
          `everytoken/${stage().name}`,
        ]);
    });

    test('stand beside a dashboard that shows only existing functions, queues and APIs', () => {
      const { made } = stage();
      const known = new Set([
        ...ofType(made, 'AWS::SQS::Queue').map(([id]) => `${id}.QueueName`),
        ...ofType(made, 'AWS::Lambda::Function').flatMap(([id, { FunctionName }]) => [id, FunctionName]),
        ...ofType(made, 'AWS::ApiGateway::RestApi').map(([, { Name }]) => Name),
        ...ofType(made, 'AWS::ApiGateway::Stage').map(([, { StageName }]) => StageName),
        ...ofType(made, 'AWS::DynamoDB::Table').map(([id]) => id),
        ...['due', 'list'],
      ]);
      const shown = ofType(made, 'AWS::CloudWatch::Dashboard').flatMap(([, dashboard]) => shownOn(dashboard));
      const aws = [...watched(), ...shown].filter(({ namespace }) => String(namespace).startsWith('AWS/'));
      expect(aws.length).toBeGreaterThan(10);
      for (const { name, dimensions } of aws)
        for (const value of Object.values(dimensions))
          expect([name, value, known.has(value)]).toEqual([name, value, true]);
    });
  });
};
