import * as z from 'zod';
import { isObject, own } from '../../json/value.ts';

export type Json = { [key: string]: unknown };

/** Resolves intersections, so that two types with the same fields compare as equal. */
type Plain<T> = T extends object ? { [Key in keyof T]: Plain<T[Key]> } : T;

type Same<A, B> =
  (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false;

type At<T, Key> = Key extends keyof T ? Pick<T, Key> : never;
/** The fields that only one of the two types has, or that differ between them. */
type Drifted<A, B> = {
  [Key in keyof A | keyof B]: Same<At<A, Key>, At<B, Key>> extends true ? never : Key;
}[keyof A | keyof B];

type Output<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape, z.core.$strip>>;

/**
 * Builds the schema of an object whose type is declared elsewhere. It compiles only if schema and type match exactly: a
 * missing, extra, wider, narrower or differently optional field is a compile error.
 *
 * @example
 * const pointSchema = schemaOf<{ x: number }>('A point.')({ x: z.number() });
 */
export const schemaOf =
  <Type>(description?: string) =>
  <Shape extends z.ZodRawShape>(
    shape: Shape & { [Field in Drifted<Output<Shape>, Type>]: 'differs from the type' },
  ): z.ZodObject<Shape, z.core.$strip> => {
    const schema = z.object<Shape>(shape);
    return description === undefined ? schema : schema.describe(description);
  };

/** Response schemas that are named components of the document. */
export const COMPONENTS = z.registry<{ id: string }>();

const uriOf = (name: string): string => `#/components/schemas/${name}`;

/** A reference to a component, by schema or name. Throws when the schema has no name. */
export const refTo = (schema: z.ZodType | string): Json => {
  const name = typeof schema === 'string' ? schema : COMPONENTS.get(schema)?.id;
  if (name === undefined) throw new Error('the schema to refer to has no name; register it in COMPONENTS');
  return { $ref: uriOf(name) };
};

/** The registered schemas, sorted by name, as JSON Schema 2020-12, the dialect of OpenAPI 3.1. */
export const answerSchemas = (): Json => {
  const { schemas } = z.toJSONSchema(COMPONENTS, { uri: uriOf });
  const names = Object.keys(schemas).sort();
  return Object.fromEntries(names.map((name) => [name, open(withoutIds(own(schemas, name) ?? {}))]));
};

/** Opens schemas, since responses may gain fields, and removes an empty `prefixItems`, which is invalid. */
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

/** Zod adds JavaScript's safe-integer bounds to every integer; they are no rule of the API. */
const isSafeInteger = (key: string, bound: unknown): boolean =>
  (key === 'minimum' && bound === Number.MIN_SAFE_INTEGER) ||
  (key === 'maximum' && bound === Number.MAX_SAFE_INTEGER);

const withoutIds = (schema: object): Json =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$id' && key !== '$schema'));

/** JSON Schema of a request body, from its parser's schema; `descriptions` are by field name, at any depth. */
export const requestSchema = (schema: z.ZodType, descriptions: Record<string, string>): Json =>
  nullable(withoutIds(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' })), descriptions);

/** In requests null means absent, so every optional field also accepts null. */
const nullable = (schema: Json, descriptions: Record<string, string>): Json => {
  if (Array.isArray(schema.enum) || !isObject(schema.properties)) {
    const forms: unknown = schema.oneOf;
    if (Array.isArray(forms))
      return { ...schema, oneOf: forms.map((form: Json) => nullable(form, descriptions)) };
    return isObject(schema.items) ? { ...schema, items: nullable(schema.items, descriptions) } : schema;
  }
  const required = Array.isArray(schema.required) ? schema.required : [];
  const properties = Object.entries(schema.properties).map(([name, property]): [string, unknown] => {
    const inner = isObject(property) ? nullable(property, descriptions) : {};
    const text = own(descriptions, name);
    const description = text === undefined ? {} : { description: text };
    return [
      name,
      required.includes(name)
        ? { ...inner, ...description }
        : { anyOf: [inner, { type: 'null' }], ...description },
    ];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
};

/** Returns a copy of a schema with the part at a dotted path changed. Throws when there is no such path. */
export const changeAt = (schema: Json, path: string, change: (inner: Json) => Json): Json => {
  const at = (value: unknown, [key, ...rest]: string[]): unknown => {
    if (key === undefined && isObject(value)) return change(value);
    if (key !== undefined && Array.isArray(value))
      return value.with(Number(key), at(value[Number(key)], rest));
    if (key !== undefined && isObject(value)) return { ...value, [key]: at(own(value, key), rest) };
    throw new Error(`there is no schema at ${path}`);
  };
  return at(schema, path.split('.')) as Json;
};

/** The cursor of a list's answer. */
export const nextCursorSchema = z
  .string()
  .nullable()
  .describe(
    'For the next page; null on the last one. A page may be short or empty and still have it: each request reads a bounded part of the list.',
  );
