import type { CreateTableInput } from '@aws-sdk/client-dynamodb';

export type LambdaFunction = {
  id: string;
  name: string;
  arn: string;
  handler: string;
  timeoutMs: number;
  memoryMb: number;
  /** The template's variables. Queue URLs exist only once SQS listens, so they are passed in. */
  environment: (queueUrl: (queueName: string) => string) => Record<string, string>;
};
export type Queue = { id: string; name: string; arn: string; attributes: Record<string, string> };
export type Table = { id: string; name: string; definition: CreateTableInput };
export type BucketNotification = { event: string; queueArn: string; prefix: string; suffix: string };
export type CorsRule = { origins: string[]; methods: string[]; headers: string[]; expose: string[] };
export type Bucket = { id: string; name: string; notifications: BucketNotification[]; cors: CorsRule[] };
export type Bus = { id: string; name: string; arn: string };
export type RuleTarget = {
  id: string;
  arn: string;
  input: string | undefined;
  maxAttempts: number;
  maxAgeMs: number;
  deadLetterArn: string | undefined;
};
export type Rule = {
  id: string;
  name: string;
  arn: string;
  busName: string;
  pattern: Record<string, unknown> | undefined;
  everyMs: number | undefined;
  targets: RuleTarget[];
};
export type QueueMapping = {
  id: string;
  queueArn: string;
  functionId: string;
  batchSize: number;
  windowMs: number;
  reportsItemFailures: boolean;
  maximumConcurrency: number;
};
export type ApiMethod = {
  resourceId: string;
  resourcePath: string;
  httpMethod: string;
  functionId: string;
  streaming: boolean;
  timeoutMs: number;
};
export type GatewayResponse = {
  status: number | undefined;
  headers: Record<string, string>;
  template: string | undefined;
  contentType: string;
};
export type Api = {
  id: string;
  stage: string;
  methods: ApiMethod[];
  resourcePaths: string[];
  binaryMediaTypes: string[];
  responses: Map<string, GatewayResponse>;
};
/** The packaged template as the local stack runs it. Dead-letter queues come before the queues that use them. */
export type StackModel = {
  account: string;
  region: string;
  functions: Map<string, LambdaFunction>;
  queues: Queue[];
  tables: Table[];
  buckets: Bucket[];
  buses: Bus[];
  rules: Rule[];
  mappings: QueueMapping[];
  api: Api;
};
