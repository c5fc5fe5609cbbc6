import { makeResolver, type Template } from './intrinsics.ts';
import { readApi } from './read-api.ts';
import { readBucket, readMapping, readQueue, readTable } from './read-resources.ts';
import { readRule } from './read-rule.ts';
import { checkTypes, isIgnored } from './resource-types.ts';
import type { LambdaFunction, StackModel } from './stack-model.ts';

export type TemplateNames = { stackName: string; region: string; account: string };
type Properties = Record<string, unknown>;
export type Resource = { id: string; type: string; properties: Properties };

const nameProperty: Record<string, string> = {
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::Events::EventBus': 'Name',
  'AWS::Events::Rule': 'Name',
};

/**
 * Reads a packaged CloudFormation template into what the local stack runs.
 * Resources without a name of their own get `{stackName}-{logicalId}`.
 *
 * @throws Error that names the type, property, function or reference it does not interpret, and the logical id.
 */
export const readTemplate = (template: Template, names: TemplateNames): StackModel => {
  checkTypes(template);
  const { stackName, region, account } = names;
  const pseudo: Record<string, string> = {
    'AWS::Region': region,
    'AWS::AccountId': account,
    'AWS::Partition': 'aws',
    'AWS::StackName': stackName,
    'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/${stackName}/local`,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const resources = Object.entries(template.Resources)
    .filter(([id, { Type: type }]) => !isIgnored(id, type))
    .map(([id, { Type: type, Properties: properties = {} }]): Resource => ({ id, type, properties }));
  const byId = new Map(resources.map((resource) => [resource.id, resource]));

  const physicalName = ({ id, type, properties }: Resource): string => {
    const given = properties[nameProperty[type] ?? ''];
    const name = given === undefined ? `${stackName}-${id}` : String(resolve(given, `${type} (${id})`));
    return type === 'AWS::S3::Bucket' ? name.toLowerCase() : name;
  };

  const arnOf = (resource: Resource): string | undefined => {
    const name = physicalName(resource);
    const regional = (service: string, path: string) => `arn:aws:${service}:${region}:${account}:${path}`;
    switch (resource.type) {
      case 'AWS::Lambda::Function':
        return regional('lambda', `function:${name}`);
      case 'AWS::SQS::Queue':
        return regional('sqs', name);
      case 'AWS::DynamoDB::Table':
        return regional('dynamodb', `table/${name}`);
      case 'AWS::S3::Bucket':
        return `arn:aws:s3:::${name}`;
      case 'AWS::Events::EventBus':
        return regional('events', `event-bus/${name}`);
      case 'AWS::Events::Rule': {
        const bus = resource.properties.EventBusName;
        const path = bus === undefined ? name : `${resolve(bus, resource.id)}/${name}`;
        return regional('events', `rule/${path}`);
      }
      default:
        return undefined;
    }
  };

  const attribute = (id: string, name: string): string | undefined => {
    const resource = byId.get(id);
    if (!resource) return undefined;
    if (name === 'Arn') return arnOf(resource);
    if (name === 'QueueName') return physicalName(resource);
    return name === 'RootResourceId' ? `${id}:root` : undefined;
  };

  const ref = (queueUrl: (name: string) => string) => (id: string) => {
    const resource = byId.get(id);
    if (!resource) return pseudo[id];
    return resource.type === 'AWS::SQS::Queue' ? queueUrl(physicalName(resource)) : refOf(resource);
  };
  // An API, its resources and their like are only ever referred to inside this template: their logical id serves.
  const refOf = (resource: Resource) => (nameProperty[resource.type] ? physicalName(resource) : resource.id);

  const resolverFor = (queueUrl: (name: string) => string) => makeResolver({ ref: ref(queueUrl), attribute });
  const resolve = resolverFor((name) => `https://sqs.${region}.amazonaws.com/${account}/${name}`);

  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const resolved = ({ id, type, properties }: Resource, ...leaveOut: string[]): Properties =>
    Object.fromEntries(
      Object.entries(properties)
        .filter(([name]) => !leaveOut.includes(name))
        .map(([name, value]) => [name, resolve(value, `${type} (${id})`)]),
    );

  const functions = ofType('AWS::Lambda::Function').map((resource): LambdaFunction => {
    const { id, type, properties } = resource;
    return {
      id,
      name: physicalName(resource),
      arn: arnOf(resource) ?? '',
      handler: String(properties.Handler),
      timeoutMs: Number(properties.Timeout ?? 3) * 1000,
      memoryMb: Number(properties.MemorySize ?? 128),
      environment: (queueUrl) => {
        const { Variables } = { Variables: {}, ...(properties.Environment ?? {}) };
        return Object.fromEntries(
          Object.entries(Variables).map(([name, value]) => [
            name,
            String(resolverFor(queueUrl)(value, `${type} (${id}) ${name}`)),
          ]),
        );
      },
    };
  });

  const named = (resource: Resource) => ({
    ...resource,
    name: physicalName(resource),
    arn: arnOf(resource) ?? '',
  });
  const queues = ofType('AWS::SQS::Queue').map((q) => readQueue({ ...named(q), properties: resolved(q) }));
  const receivesDeadLetters = (arn: string) =>
    queues.some((q) => q.attributes.RedrivePolicy?.includes(`"${arn}"`));

  return {
    account,
    region,
    functions: new Map(functions.map((fn) => [fn.id, fn])),
    queues: queues.toSorted(
      (a, b) => Number(receivesDeadLetters(b.arn)) - Number(receivesDeadLetters(a.arn)),
    ),
    tables: ofType('AWS::DynamoDB::Table').map((t) => readTable({ ...named(t), properties: resolved(t) })),
    buckets: ofType('AWS::S3::Bucket').map((b) => readBucket({ ...named(b), properties: resolved(b) })),
    buses: ofType('AWS::Events::EventBus').map(named),
    rules: ofType('AWS::Events::Rule').map((r) => readRule({ ...named(r), properties: resolved(r) })),
    mappings: ofType('AWS::Lambda::EventSourceMapping').flatMap((m) =>
      readMapping({ id: m.id, properties: resolved(m) }, functions),
    ),
    api: readApi(
      resources
        .filter(({ type }) => type.startsWith('AWS::ApiGateway::'))
        .map((r) => ({ ...r, properties: resolved(r, 'Policy') })),
      functions,
      stageOf(template),
    ),
  };
};

const stageOf = ({ Resources }: Template): string => {
  const deployment = Object.values(Resources).find(({ Type }) => Type === 'AWS::ApiGateway::Deployment');
  return String(deployment?.Properties?.StageName ?? 'local');
};
