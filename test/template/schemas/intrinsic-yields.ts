import { isObject } from '../../../lib/json/value.ts';
import type { Template } from '../template.ts';
import { findType, type Specification } from './specification.ts';

/** The kind of value of an intrinsic function, as far as the template shows it. */
export type Yield = 'text' | 'list' | 'anything';

const yields: Record<string, Yield> = {
  ...{ 'Fn::Base64': 'text', 'Fn::ImportValue': 'text', 'Fn::Join': 'text', 'Fn::Sub': 'text' },
  ...{ 'Fn::ToJsonString': 'text', 'Fn::Cidr': 'list', 'Fn::GetAZs': 'list', 'Fn::Split': 'list' },
  ...{ 'Fn::FindInMap': 'anything', 'Fn::Select': 'anything', 'Fn::Transform': 'anything' },
  'Fn::Length': 'text',
};

const ofParameter = (type: string): Yield =>
  /^List<|CommaDelimitedList|^AWS::/.test(type) ? 'anything' : 'text';

/** `undefined` for a function that CloudFormation does not have. Callers handle the branches of `Fn::If`. */
export const intrinsicYields = (
  name: string,
  argument: unknown,
  template: Template,
  specification: Specification,
): Yield | undefined => {
  if (name === 'Ref') {
    const parameter = template.Parameters?.[String(argument)];
    if (argument === 'AWS::NoValue') return 'anything';
    if (argument === 'AWS::NotificationARNs') return 'list';
    return parameter ? ofParameter(parameter.Type) : 'text';
  }
  if (name === 'Fn::GetAtt') {
    const [id = '', ...rest] = Array.isArray(argument) ? argument : String(argument).split('.');
    const type = findType(specification, template.Resources[String(id)]?.Type ?? '');
    const attribute = type?.attributes[rest.map((part) => (isObject(part) ? '' : part)).join('.')];
    if (attribute === undefined) return 'anything';
    return attribute.type.type === 'array' ? 'list' : attribute.type.type === 'string' ? 'text' : 'anything';
  }
  return yields[name];
};
