import { isObject } from '../../../lib/json/value.ts';
import { suggestion } from '../schemas/nearest-name.ts';
import { findType, type Specification } from '../schemas/specification.ts';
import { intrinsicIn, type Template } from '../template.ts';
import { findReferences, type Reference } from './find-references.ts';

const pseudoParameters = [
  'AccountId',
  'NoValue',
  'NotificationARNs',
  'Partition',
  'Region',
  'StackId',
  'StackName',
]
  .concat('URLSuffix')
  .map((name) => `AWS::${name}`);

/** Conditions that an `Fn::If` or `{"Condition": …}` inside a value names. */
const conditionsIn = (value: unknown): string[] => {
  const [name, argument] = intrinsicIn(value) ?? [];
  if (name === 'Condition') return [String(argument)];
  const own = name === 'Fn::If' && Array.isArray(argument) ? [String(argument[0])] : [];
  const inside = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  return [...own, ...inside.flatMap(conditionsIn)];
};

/**
 * Checks that everything a template refers to exists: resources, parameters, pseudo parameters, conditions, and the
 * attributes of resource types. Returns a sentence for each fault, which begins with its path.
 */
export const checkReferences = (template: Template, specification: Specification): string[] => {
  const { Resources, Parameters = {}, Conditions = {}, Outputs = {} } = template;
  const ids = Object.keys(Resources);
  const names = [...ids, ...Object.keys(Parameters)];

  const checkReference = ({ path, name, attribute }: Reference): string[] => {
    if (attribute === undefined) {
      if (names.includes(name) || pseudoParameters.includes(name)) return [];
      const known = name.startsWith('AWS::') ? pseudoParameters : names;
      return [`${path}: there is no resource or parameter ${name}${suggestion(name, known)}`];
    }
    const type = Resources[name]?.Type;
    if (type === undefined) return [`${path}: there is no resource ${name}${suggestion(name, ids)}`];
    const attributes = Object.keys(findType(specification, type)?.attributes ?? {});
    if (attributes.includes(attribute)) return [];
    return [`${path}: ${type} has no attribute ${attribute}${suggestion(attribute, attributes)}`];
  };

  const checkCondition = (path: string, name: string): string[] =>
    name in Conditions
      ? []
      : [`${path}: there is no condition ${name}${suggestion(name, Object.keys(Conditions))}`];

  const parts: [string, unknown][] = [
    ...Object.entries(Outputs).map(([id, output]): [string, unknown] => [`Outputs.${id}`, output]),
    ...Object.entries(Conditions).map(([id, condition]): [string, unknown] => [
      `Conditions.${id}`,
      condition,
    ]),
    ...Object.entries(Resources).map(([id, resource]): [string, unknown] => [
      `${id}.Properties`,
      resource.Properties,
    ]),
    ...Object.entries(Resources).map(([id, resource]): [string, unknown] => [
      `${id}.Metadata`,
      resource.Metadata,
    ]),
  ];
  return [
    ...parts.flatMap(([path, value]) => [
      ...findReferences(value, path).flatMap(checkReference),
      ...conditionsIn(value).flatMap((name) => checkCondition(path, name)),
    ]),
    ...Object.entries(Resources).flatMap(([id, { DependsOn = [], Condition }]) => [
      ...[DependsOn]
        .flat()
        .filter((name) => !(name in Resources))
        .map((name) => `${id}.DependsOn: there is no resource ${name}${suggestion(name, ids)}`),
      ...(Condition === undefined ? [] : checkCondition(`${id}.Condition`, Condition)),
    ]),
  ];
};
