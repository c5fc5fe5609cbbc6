import { isObject } from '../../../lib/json/value.ts';
import { intrinsicIn } from '../template.ts';
import type { Yield } from './intrinsic-yields.ts';
import { suggestion } from './nearest-name.ts';
import { nameOf, shown } from './shown.ts';
import type { PropertyTypes, ValueType } from './specification.ts';

export type CheckContext = {
  propertiesOf: (definition: Extract<ValueType, { type: 'ref' }>['reference']) => PropertyTypes;
  yields: (name: string, argument: unknown) => Yield | undefined;
};

const isAbsent = (value: unknown): boolean => {
  const [name, argument] = intrinsicIn(value) ?? [];
  return name === 'Ref' && argument === 'AWS::NoValue';
};

/** Checks the properties of an object against their types: unknown, missing and deprecated ones are problems. */
export const checkProperties = (
  given: Record<string, unknown>,
  types: PropertyTypes,
  path: string,
  context: CheckContext,
): string[] => {
  const missing = Object.entries(types)
    .filter(([name, { required }]) => required && (given[name] === undefined || isAbsent(given[name])))
    .map(([name]) => `${path}: ${name} is required and missing`);
  const faults = Object.entries(given).flatMap(([name, value]) => {
    const property = types[name];
    return property
      ? checkValue(value, property.type, `${path}.${name}`, context)
      : [`${path}.${name}: there is no such property${suggestion(name, Object.keys(types))}`];
  });
  return [...missing, ...faults];
};

const takes = (type: ValueType, what: Yield): boolean => {
  if (type.type === 'union') return type.types.some((one) => takes(one, what));
  if (what === 'list') return type.type === 'array';
  return what === 'anything' || !['array', 'map', 'ref', 'tag'].includes(type.type);
};

const checkIntrinsic = (
  [name, argument]: [string, unknown],
  type: ValueType,
  path: string,
  context: CheckContext,
): string[] => {
  if (isAbsent({ [name]: argument })) return [];
  if (name === 'Fn::If') {
    const branches = Array.isArray(argument) && argument.length === 3 ? argument.slice(1) : undefined;
    return branches
      ? branches.flatMap((branch, index) => checkValue(branch, type, `${path}.Fn::If[${index + 1}]`, context))
      : [`${path}: Fn::If takes a condition's name and two values`];
  }
  const what = context.yields(name, argument);
  if (what === undefined) return [`${path}: CloudFormation has no function ${name}`];
  return takes(type, what)
    ? []
    : [`${path}: ${name} gives ${what === 'text' ? 'a string' : 'a list'} where ${nameOf(type)} is expected`];
};

/** Checks a free-form document (a policy, an event pattern), intrinsic functions included. */
const checkDocument = (value: unknown, path: string, context: CheckContext): string[] => {
  const unknownIn = (part: unknown): string[] => {
    const [name, argument] = intrinsicIn(part) ?? [];
    const isUnknown = name?.startsWith('Fn::') && name !== 'Fn::If' && !context.yields(name, argument);
    if (isUnknown) return [`${path}: CloudFormation has no function ${name}`];
    return typeof part === 'object' && part !== null ? Object.values(part).flatMap(unknownIn) : [];
  };
  return isObject(value) ? unknownIn(value) : [`${path}: ${shown(value)} is not json`];
};

const tag = (value: unknown): boolean =>
  isObject(value) && Object.keys(value).toSorted().join() === 'Key,Value' && value.Value !== undefined;

/** CloudFormation accepts a numeric text as a number; values from the environment are texts. */
const asNumber = (value: unknown): unknown =>
  typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;

const checkLiteral = (value: unknown, type: ValueType): boolean => {
  switch (type.type) {
    case 'string':
    case 'date-time':
      return typeof value === 'string';
    case 'integer':
      return Number.isInteger(asNumber(value));
    case 'number':
      return typeof asNumber(value) === 'number';
    case 'boolean':
      return typeof value === 'boolean' || value === 'true' || value === 'false';
    case 'tag':
      return tag(value);
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    default:
      return isObject(value);
  }
};

/**
 * Checks a value and everything in it against its type. Returns a sentence for each fault, which begins with its path.
 */
const checkValue = (value: unknown, type: ValueType, path: string, context: CheckContext): string[] => {
  const intrinsic = intrinsicIn(value);
  if (type.type === 'json') return checkDocument(value, path, context);
  if (intrinsic) return checkIntrinsic(intrinsic, type, path, context);
  if (type.type === 'union') {
    const alike = type.types.filter((one) => checkLiteral(value, one));
    const found = (alike.length > 0 ? alike : type.types).map((one) => checkValue(value, one, path, context));
    return found.toSorted((a, b) => a.length - b.length)[0] ?? [];
  }
  if (!checkLiteral(value, type)) return [`${path}: ${shown(value)} is not ${nameOf(type)}`];
  const allowed = 'allowedValues' in type ? type.allowedValues : undefined;
  if (allowed && !(allowed as unknown[]).includes(type.type === 'integer' ? asNumber(value) : value))
    return [`${path}: ${shown(value)} is none of ${allowed.join(', ')}`];
  if (type.type === 'array')
    return (value as unknown[]).flatMap((item, index) =>
      checkValue(item, type.element, `${path}[${index}]`, context),
    );
  if (type.type === 'map')
    return Object.entries(value as object).flatMap(([key, item]) =>
      checkValue(item, type.element, `${path}.${key}`, context),
    );
  if (type.type === 'ref')
    return checkProperties(
      value as Record<string, unknown>,
      context.propertiesOf(type.reference),
      path,
      context,
    );
  return [];
};
