import { own } from '../../json.ts';
import { makeResolver, type Resolve, type Template } from './intrinsics.ts';
import { actingProperties, isIgnored } from './resource-types.ts';

export type TemplateNames = { stackName: string; region: string; account: string };
export type Resource = { id: string; type: string; properties: Record<string, unknown> };
/** A resource with its name and ARN. `properties` holds only those that the local stack acts on, resolved. */
export type NamedResource = Resource & { name: string; arn: string };

const NAME_PROPERTY: Record<string, string> = {
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::Events::EventBus': 'Name',
  'AWS::Events::Rule': 'Name',
};

const pseudoParameters = ({ stackName, region, account }: TemplateNames): Record<string, string> => ({
  'AWS::Region': region,
  'AWS::AccountId': account,
  'AWS::Partition': 'aws',
  'AWS::StackName': stackName,
  'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/${stackName}/local`,
  'AWS::URLSuffix': 'amazonaws.com',
});

export type NamedResources = {
  /** All resources whose type begins with `type`, named and resolved. */
  ofType: (type: string) => NamedResource[];
  /** Makes a resolver that uses the queues' real URLs. */
  resolverFor: (queueUrl: (queueName: string) => string) => Resolve;
};

/** Gives each interpreted resource its name and ARN, and resolves the references to them. */
export const nameResources = (template: Template, names: TemplateNames): NamedResources => {
  const { stackName, region, account } = names;
  const pseudo = pseudoParameters(names);
  const resources = Object.entries(template.Resources)
    .filter(([id, { Type: type }]) => !isIgnored(id, type))
    .map(([id, { Type: type, Properties: properties = {} }]): Resource => ({ id, type, properties }));
  const byId = new Map(resources.map((resource) => [resource.id, resource]));

  const nameOf = ({ id, type, properties }: Resource): string => {
    const given = own(properties, own(NAME_PROPERTY, type) ?? '');
    const name = given === undefined ? `${stackName}-${id}` : String(resolve(given, `${type} (${id})`));
    return type === 'AWS::S3::Bucket' ? name.toLowerCase() : name;
  };

  const ruleName = (rule: Resource): string => {
    const bus = rule.properties.EventBusName;
    return bus === undefined ? nameOf(rule) : `${resolve(bus, rule.id)}/${nameOf(rule)}`;
  };

  const arnOf = (resource: Resource): string | undefined => {
    const regional = (service: string, path: string) => `arn:aws:${service}:${region}:${account}:${path}`;
    switch (resource.type) {
      case 'AWS::Lambda::Function':
        return regional('lambda', `function:${nameOf(resource)}`);
      case 'AWS::SQS::Queue':
        return regional('sqs', nameOf(resource));
      case 'AWS::DynamoDB::Table':
        return regional('dynamodb', `table/${nameOf(resource)}`);
      case 'AWS::S3::Bucket':
        return `arn:aws:s3:::${nameOf(resource)}`;
      case 'AWS::Events::EventBus':
        return regional('events', `event-bus/${nameOf(resource)}`);
      case 'AWS::Events::Rule':
        return regional('events', `rule/${ruleName(resource)}`);
      default:
        return undefined;
    }
  };

  const attribute = (id: string, name: string): string | undefined => {
    const resource = byId.get(id);
    if (!resource) return undefined;
    if (name === 'Arn') return arnOf(resource);
    if (name === 'QueueName') return nameOf(resource);
    return name === 'RootResourceId' ? `${id}:root` : undefined;
  };

  const resolverFor = (queueUrl: (queueName: string) => string): Resolve => {
    const ref = (id: string): string | undefined => {
      const resource = byId.get(id);
      if (!resource) return own(pseudo, id);
      if (resource.type === 'AWS::SQS::Queue') return queueUrl(nameOf(resource));
      // Only this template refers to an API and its parts, so their logical id is enough.
      return own(NAME_PROPERTY, resource.type) ? nameOf(resource) : id;
    };
    return makeResolver({ ref, attribute });
  };
  const resolve = resolverFor((name) => `https://sqs.${region}.amazonaws.com/${account}/${name}`);

  const named = (resource: Resource): NamedResource => {
    const { type, id } = resource;
    const acting = Object.entries(resource.properties).filter(([name]) =>
      actingProperties(type).includes(name),
    );
    const properties = acting.map(([name, value]) => [name, resolve(value, `${type} (${id}) ${name}`)]);
    return {
      ...resource,
      name: nameOf(resource),
      arn: arnOf(resource) ?? '',
      properties: Object.fromEntries(properties),
    };
  };
  return { ofType: (type) => resources.filter((r) => r.type.startsWith(type)).map(named), resolverFor };
};
