import { makeResolver } from '../../local/aws/template/intrinsics.ts';
import { resolveConditions } from './references/resolve-conditions.ts';
import type { Template } from './template.ts';

/** The longest region's name there is, since names grow with it. */
const pseudoParameters: Record<string, string> = {
  'AWS::AccountId': '123456789012',
  'AWS::Partition': 'aws',
  'AWS::Region': 'ap-southeast-2',
  'AWS::StackName': 'everytoken-stack',
  'AWS::URLSuffix': 'amazonaws.com',
};

/**
 * The template as CloudFormation would act on it: conditions evaluated, texts put together. A reference to a resource
 * becomes its logical id, an attribute `Id.Attribute`.
 */
export const asMade = (template: Template): Template => {
  const resolve = makeResolver({
    ref: (name) => pseudoParameters[name] ?? name,
    attribute: (id, name) => `${id}.${name}`,
  });
  return resolve(resolveConditions(template), 'template') as Template;
};
