import type { AttributeValue } from '@aws-sdk/client-dynamodb';

const PROTO = /^_*__proto__$/;
const ESCAPED = /^_(_*__proto__)$/;

/** The name under which a field is stored: the SDK loses one named `__proto__`, so that name gets one more underscore. */
export const attributeName = (name: string): string => (PROTO.test(name) ? `_${name}` : name);

/**
 * Converts an item to DynamoDB's attribute values, without its undefined fields. Goes by what a value is, never by its
 * `constructor` as @aws-sdk/util-dynamodb does (https://github.com/aws/aws-sdk-js-v3/issues/1533): callers name fields
 * of maps as they like.
 *
 * @throws {TypeError} for what DynamoDB cannot hold, such as NaN or an empty set
 *
 * @example
 * marshall({ pk: 'run 1', tries: 2 }) // { pk: { S: 'run 1' }, tries: { N: '2' } }
 */
export const marshall = (item: object): Record<string, AttributeValue> =>
  Object.fromEntries(
    Object.entries(item)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [attributeName(name), attributeOf(value)]),
  );

/** The item of DynamoDB's attribute values; sets become `Set`s. */
export const unmarshall = (item: Record<string, AttributeValue>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(item).map(([name, attribute]) => [name.replace(ESCAPED, '$1'), fieldOf(attribute)]),
  );

const attributeOf = (value: unknown): AttributeValue => {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'number' && Number.isFinite(value)) return { N: String(value) };
  if (Array.isArray(value)) return { L: value.filter((one) => one !== undefined).map(attributeOf) };
  if (value instanceof Set && value.size > 0) return setOf([...value]);
  if (typeof value === 'object' && !(value instanceof Set)) return { M: marshall(value) };
  throw new TypeError(`DynamoDB holds no ${value instanceof Set ? 'empty set' : typeof value} like this`);
};

const setOf = (members: unknown[]): AttributeValue => {
  if (members.every((member) => typeof member === 'string')) return { SS: members };
  if (members.every((member) => Number.isFinite(member))) return { NS: members.map(String) };
  throw new TypeError('a set in DynamoDB holds strings, or finite numbers');
};

const fieldOf = ({ NULL, BOOL, S, N, L, M, SS, NS }: AttributeValue): unknown => {
  if (NULL) return null;
  if (N !== undefined) return Number(N);
  if (L) return L.map(fieldOf);
  if (M) return unmarshall(M);
  if (NS) return new Set(NS.map(Number));
  if (SS) return new Set(SS);
  return BOOL ?? S;
};
