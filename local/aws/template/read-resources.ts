import type { CreateTableInput } from '@aws-sdk/client-dynamodb';
import type { NamedResource } from './name-resources.ts';
import type { Bucket, CorsRule, LambdaFunction, Queue, QueueMapping, Table } from './stack-model.ts';

/** Reads a queue. Its properties other than name and tags are SQS attributes of the same names; objects are JSON. */
export const readQueue = ({ id, name, arn, properties }: NamedResource): Queue => {
  const { QueueName: _, Tags: __, ...others } = properties;
  const attributes = Object.entries(others).map(([key, value]) => [
    key,
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  ]);
  return { id, name, arn, attributes: Object.fromEntries(attributes) };
};

/** Reads a table. Its properties are those of the SDK's CreateTable. */
export const readTable = ({ id, name, properties }: NamedResource): Table => ({
  id,
  name,
  definition: { ...properties, TableName: name } as CreateTableInput,
});

type FilterRule = { Name: string; Value: string };
type QueueConfiguration = { Event: string; Queue: string; Filter?: { S3Key?: { Rules?: FilterRule[] } } };

/**
 * Reads a bucket with its CORS rules and its notifications to queues.
 *
 * @throws {Error} for a notification to another target, or of another event than `s3:ObjectCreated:*`.
 */
export const readBucket = ({ id, name, properties }: NamedResource): Bucket => {
  const { QueueConfigurations = [], ...others } = (properties.NotificationConfiguration ?? {}) as {
    QueueConfigurations?: QueueConfiguration[];
  };
  const [other] = Object.keys(others);
  if (other) throw new Error(`The local stack does not interpret ${other} of AWS::S3::Bucket (${id})`);
  const notifications = QueueConfigurations.map(({ Event: event, Queue: queueArn, Filter }) => {
    if (!event.startsWith('s3:ObjectCreated:')) {
      throw new Error(`The local stack emits no ${event} events (AWS::S3::Bucket ${id})`);
    }
    const rules = Filter?.S3Key?.Rules ?? [];
    const valueFor = (wanted: string) =>
      rules.find((rule) => rule.Name.toLowerCase() === wanted)?.Value ?? '';
    return { event, queueArn, prefix: valueFor('prefix'), suffix: valueFor('suffix') };
  });
  return { id, name, notifications, cors: readCors(properties.CorsConfiguration) };
};

type TemplateCorsRule = Partial<
  Record<'AllowedOrigins' | 'AllowedMethods' | 'AllowedHeaders' | 'ExposedHeaders', string[]>
>;

const readCors = (configuration: unknown): CorsRule[] => {
  const { CorsRules = [] } = (configuration ?? {}) as { CorsRules?: TemplateCorsRule[] };
  return CorsRules.map((rule) => ({
    origins: rule.AllowedOrigins ?? [],
    methods: rule.AllowedMethods ?? [],
    headers: rule.AllowedHeaders ?? [],
    expose: rule.ExposedHeaders ?? [],
  }));
};

/**
 * Reads an event source mapping; a disabled one gives none.
 *
 * @throws {Error} when its function is not in the template or its source is not a queue.
 */
export const readMapping = (
  { id, properties }: NamedResource,
  functions: LambdaFunction[],
): QueueMapping[] => {
  const target = String(properties.FunctionName);
  const fn = functions.find(({ arn, name }) => arn === target || name === target);
  const queueArn = String(properties.EventSourceArn);
  if (!fn) throw new Error(`AWS::Lambda::EventSourceMapping (${id}): no function ${target} in the template`);
  if (!queueArn.startsWith('arn:aws:sqs:')) {
    throw new Error(`AWS::Lambda::EventSourceMapping (${id}): only SQS sources run locally, not ${queueArn}`);
  }
  if (properties.Enabled === false) return [];
  const scaling = (properties.ScalingConfig ?? {}) as { MaximumConcurrency?: number };
  return [
    {
      id,
      queueArn,
      functionId: fn.id,
      batchSize: Number(properties.BatchSize ?? 10),
      windowMs: Number(properties.MaximumBatchingWindowInSeconds ?? 0) * 1000,
      reportsItemFailures: ((properties.FunctionResponseTypes ?? []) as string[]).includes(
        'ReportBatchItemFailures',
      ),
      maximumConcurrency: scaling.MaximumConcurrency ?? 1000,
    },
  ];
};
