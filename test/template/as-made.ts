import { makeResolver } from '../../local/aws/template/intrinsics.ts';
import { resolveConditions } from './references/resolve-conditions.ts';
import type { Template } from './template.ts';

/** Contains the longest region name, since resource names grow with it. */
const pseudoParameters: Record<string, string> = {
  'AWS::AccountId': '123456789012',
  'AWS::Partition': 'aws',
  'AWS::Region': 'ap-southeast-2',
  'AWS::StackName': 'everytoken-stack',
  'AWS::URLSuffix': 'amazonaws.com',
};

/**
 * The template as CloudFormation acts on it: conditions evaluated, texts joined. A reference to a resource becomes its
 * logical id, an attribute becomes `Id.Attribute`.
 */
export const asMade = (template: Template): Template => {
  const resolve = makeResolver({
    ref: (name) => pseudoParameters[name] ?? name,
    attribute: (id, name) => `${id}.${name}`,
  });
  return resolve(resolveConditions(template), 'template') as Template;
};
