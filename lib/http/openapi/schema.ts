import * as z from 'zod';
import { isObject } from '../../json/value.ts';

export type Json = { [key: string]: unknown };

/** A type with its intersections resolved, so that two of the same fields are the same. */
type Plain<T> = T extends object ? { [Key in keyof T]: Plain<T[Key]> } : T;

type Same<A, B> =
  (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false;

type At<T, Key> = Key extends keyof T ? Pick<T, Key> : never;
/** The fields that only one of two types has, or that are not the same in both. */
type Drifted<A, B> = {
  [Key in keyof A | keyof B]: Same<At<A, Key>, At<B, Key>> extends true ? never : Key;
}[keyof A | keyof B];

type Output<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape, z.core.$strip>>;

/**
 * The schema of an object whose type is written elsewhere. It does not compile unless its values are exactly those of
 * the type: a field that is missing, too much, optional on one side alone, wider or narrower is an error.
 */
export const schemaOf =
  <Type>(description?: string) =>
  <Shape extends z.ZodRawShape>(
    shape: Shape & { [Field in Drifted<Output<Shape>, Type>]: 'differs from the type' },
  ): z.ZodObject<Shape, z.core.$strip> => {
    const schema = z.object<Shape>(shape);
    return description === undefined ? schema : schema.describe(description);
  };

/** The schemas of answers that have a name in the document's components. */
export const COMPONENTS = z.registry<{ id: string }>();

const uriOf = (name: string): string => `#/components/schemas/${name}`;

/** A reference to a component, by its schema or its name. Throws for a schema that has none. */
export const refTo = (schema: z.ZodType | string): Json => {
  const name = typeof schema === 'string' ? schema : COMPONENTS.get(schema)?.id;
  if (name === undefined) throw new Error('a description points to a schema that has no name');
  return { $ref: uriOf(name) };
};

/** The registered schemas in the order of their names, as JSON Schema 2020-12 (which OpenAPI 3.1 speaks). */
export const answerSchemas = (): Json => {
  const { schemas } = z.toJSONSchema(COMPONENTS, { uri: uriOf });
  const names = Object.keys(schemas).sort();
  return Object.fromEntries(names.map((name) => [name, open(withoutIds(schemas[name] ?? {}))]));
};

/** Answers may gain fields, so no schema of one is closed; nor does JSON Schema know an empty `prefixItems`. */
const open = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(open);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([key, inner]) =>
      !(key === 'additionalProperties' && inner === false) &&
      !(key === 'prefixItems' && Array.isArray(inner) && inner.length === 0) &&
      !isSafeInteger(key, inner),
  );
  return Object.fromEntries(kept.map(([key, inner]) => [key, open(inner)]));
};

/** The bounds that every integer has in JavaScript say nothing about ours. */
const isSafeInteger = (key: string, bound: unknown): boolean =>
  (key === 'minimum' && bound === Number.MIN_SAFE_INTEGER) ||
  (key === 'maximum' && bound === Number.MAX_SAFE_INTEGER);

const withoutIds = (schema: object): Json =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$id' && key !== '$schema'));

/** The schema of a request's body, as its parser has it; fields are described by their names. */
export const requestSchema = (schema: z.ZodType, descriptions: Record<string, string>): Json =>
  nullable(withoutIds(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' })), descriptions);

/** In requests null means absent: whatever may be left out may be null. */
const nullable = (schema: Json, descriptions: Record<string, string>): Json => {
  if (Array.isArray(schema.enum) || !isObject(schema.properties)) {
    return isObject(schema.items) ? { ...schema, items: nullable(schema.items, descriptions) } : schema;
  }
  const required = Array.isArray(schema.required) ? schema.required : [];
  const properties = Object.entries(schema.properties).map(([name, property]): [string, unknown] => {
    const inner = isObject(property) ? nullable(property, descriptions) : {};
    const description = descriptions[name] === undefined ? {} : { description: descriptions[name] };
    return [
      name,
      required.includes(name)
        ? { ...inner, ...description }
        : { anyOf: [inner, { type: 'null' }], ...description },
    ];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
};

/** A schema in which the one at a dotted path is changed. Throws where there is none. */
export const changeAt = (schema: Json, path: string, change: (inner: Json) => Json): Json => {
  const at = (value: unknown, [key, ...rest]: string[]): unknown => {
    if (key === undefined && isObject(value)) return change(value);
    if (key !== undefined && Array.isArray(value))
      return value.with(Number(key), at(value[Number(key)], rest));
    if (key !== undefined && isObject(value)) return { ...value, [key]: at(value[key], rest) };
    throw new Error(`there is no schema at ${path}`);
  };
  return at(schema, path.split('.')) as Json;
};
