import type { ProxiedRequest } from '../../tools/soak/fault-proxy.ts';
import { type AwsCall, s3Calls } from './s3-calls.ts';

export type Service = 'dynamodb' | 's3' | 'sqs' | 'events' | 'ssm';
export type Place = { region: string; account: string };

/** The access key id in a request's signature, or in a presigned URL; undefined for an unsigned request. */
export const signerOf = ({
  url = '',
  headers,
}: Pick<ProxiedRequest, 'url' | 'headers'>): string | undefined => {
  const inHeader = /Credential=([^/,]+)\//.exec(headers.authorization ?? '')?.[1];
  return inHeader ?? new URL(url, 'http://any').searchParams.get('X-Amz-Credential')?.split('/')[0];
};

/** The permissions that a request needs. Throws for an unknown request, which would otherwise go unchecked. */
export const callsOf = (service: Service, request: ProxiedRequest, place: Place): AwsCall[] => {
  if (service === 's3') return s3Calls(request);
  const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
  const body: Body = JSON.parse(request.body.toString());
  return namesIn[service](operation, body).map((name) => ({
    // A batch needs the action of its single form.
    action: `${service}:${operation.replace(/^(SendMessage|DeleteMessage)Batch$/, '$1')}`,
    resource: `arn:aws:${service}:${place.region}:${place.account}:${name}`,
    context: service === 'dynamodb' ? leadingKeysOf(operation, body) : {},
    operation,
  }));
};

/** The condition key with a call's partition key, which for a query of an index is the index's own. */
const LEADING_KEYS = 'dynamodb:LeadingKeys';

/** A kind of items and one of them: `RUN#`, `SPEND#CALLER#`. Statements tell apart kinds alone, so any one stands for all. */
const KIND = /^((?:[A-Z]+#)+).*$/s;

const leadingKeysOf = (operation: string, body: Body): AwsCall['context'] => {
  const { Key, Item, KeyConditionExpression = '', ExpressionAttributeValues: values = {} } = body;
  const [, name = ''] = /^\w+ = (:\w+)/.exec(KeyConditionExpression) ?? [];
  const value = Key?.pk ?? Item?.pk ?? values[name];
  const leading = value?.S ?? value?.N;
  if (leading === undefined) throw new Error(`dynamodb:${operation} names no single partition`);
  return { [LEADING_KEYS]: [leading.replace(KIND, '$1any')] };
};

type Attribute = { S?: string; N?: string };
type Body = {
  TableName?: string;
  IndexName?: string;
  Key?: { pk?: Attribute };
  Item?: { pk?: Attribute };
  KeyConditionExpression?: string;
  ExpressionAttributeValues?: Record<string, Attribute>;
  QueueUrl?: string;
  Name?: string;
  Entries?: { EventBusName?: string }[];
};

/** The last part of the ARN of each resource. */
const namesIn: Record<Exclude<Service, 's3'>, (operation: string, body: Body) => string[]> = {
  dynamodb: (operation, { TableName, IndexName }) => {
    if (TableName === undefined) throw new Error(`dynamodb:${operation} names no single table`);
    return [`table/${TableName}${IndexName === undefined ? '' : `/index/${IndexName}`}`];
  },
  sqs: (operation, { QueueUrl }) => {
    if (QueueUrl === undefined) throw new Error(`sqs:${operation} names no queue`);
    return [QueueUrl.split('/').at(-1) ?? ''];
  },
  events: (operation, { Entries, Name }) => {
    const buses = Entries ? Entries.map(({ EventBusName }) => EventBusName) : [Name];
    return [...new Set(buses)].map((bus) => {
      if (bus === undefined) throw new Error(`events:${operation} names no bus`);
      return `event-bus/${bus}`;
    });
  },
  ssm: (operation, { Name }) => {
    if (Name === undefined) throw new Error(`ssm:${operation} names no single parameter`);
    return [`parameter/${Name.replace(/^\//, '')}`];
  },
};
