import { own } from '../../json.ts';
import type { Template } from './intrinsics.ts';
import { type NamedResource, nameResources, type TemplateNames } from './name-resources.ts';
import { readApi } from './read-api.ts';
import { readBucket, readMapping, readQueue, readTable } from './read-resources.ts';
import { readRule } from './read-rule.ts';
import { checkTypes } from './resource-types.ts';
import type { LambdaFunction, Queue, StackModel } from './stack-model.ts';

const deadLettersFirst = (queues: readonly Queue[]): Queue[] => {
  const receivesDeadLetters = ({ arn }: Queue) =>
    queues.some(({ attributes }) => attributes.RedrivePolicy?.includes(`"${arn}"`));
  return queues.toSorted((a, b) => Number(receivesDeadLetters(b)) - Number(receivesDeadLetters(a)));
};

const stageOf = ({ Resources }: Template): string => {
  const stage = Object.values(Resources).find(({ Type }) => Type === 'AWS::ApiGateway::Stage');
  return String(stage?.Properties?.StageName ?? 'local');
};

/**
 * Reads a packaged CloudFormation template into the model that the local stack runs.
 * A resource without a name of its own is named `{stackName}-{logicalId}`.
 *
 * @throws {Error} that names the logical id, and the type, property, function or reference that is not interpreted.
 */
export const readTemplate = (template: Template, names: TemplateNames): StackModel => {
  checkTypes(template);
  const { ofType, resolverFor } = nameResources(template, names);

  const readFunction = ({ id, type, name, arn, properties }: NamedResource): LambdaFunction => ({
    ...{ id, name, arn },
    handler: String(properties.Handler),
    timeoutMs: Number(properties.Timeout ?? 3) * 1000,
    memoryMb: Number(properties.MemorySize ?? 128),
    environment: (queueUrl) => {
      const raw = own(template.Resources, id)?.Properties?.Environment as
        | { Variables?: Record<string, unknown> }
        | undefined;
      const resolve = resolverFor(queueUrl);
      return Object.fromEntries(
        Object.entries(raw?.Variables ?? {}).map(([key, value]) => [
          key,
          String(resolve(value, `${type} (${id}) ${key}`)),
        ]),
      );
    },
  });
  const functions = ofType('AWS::Lambda::Function').map(readFunction);

  return {
    account: names.account,
    region: names.region,
    functions: new Map(functions.map((fn) => [fn.id, fn])),
    queues: deadLettersFirst(ofType('AWS::SQS::Queue').map(readQueue)),
    tables: ofType('AWS::DynamoDB::Table').map(readTable),
    buckets: ofType('AWS::S3::Bucket').map(readBucket),
    buses: ofType('AWS::Events::EventBus').map(({ id, name, arn }) => ({ id, name, arn })),
    rules: ofType('AWS::Events::Rule').map(readRule),
    mappings: ofType('AWS::Lambda::EventSourceMapping').flatMap((mapping) => readMapping(mapping, functions)),
    api: readApi(ofType('AWS::ApiGateway::'), functions, stageOf(template)),
  };
};
