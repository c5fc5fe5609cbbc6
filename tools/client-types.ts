import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { isObject } from '../lib/json/value.ts';

type Json = Record<string, unknown>;
type Operation = { operationId: string; parameters?: { name: string; in: string; schema: Json }[] };
/** The parts of openapi.json that the client's types are made of. */
export type ApiDocument = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json> };
  'x-problem-codes': Record<string, unknown>;
};

const BANNER = `/** Made from docs/openapi.json by npm run openapi; changes by hand are lost. */`;

/**
 * The types of the client: one for each schema of the API document, `ProblemCode`, and a `…Query` for the query
 * parameters of each operation that has some. Fields named by callers (`metadata.KEY`) are left out, since their types
 * are written by hand: a schema cannot tell them from misspelt ones.
 */
export const clientTypes = async ({ paths, components, ...document }: ApiDocument): Promise<string> => {
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  const definitions = {
    ...components.schemas,
    ProblemCode: { type: 'string', enum: Object.keys(document['x-problem-codes']) },
    ...Object.fromEntries(operations.flatMap(queryOf)),
  };
  const root = compilable({
    type: 'object',
    properties: Object.fromEntries(
      Object.keys(definitions).map((name) => [name, { $ref: `#/components/schemas/${name}` }]),
    ),
    required: Object.keys(definitions),
    additionalProperties: false,
    definitions,
  });
  return await compile(root as JSONSchema, 'Schemas', {
    bannerComment: BANNER,
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    style: { singleQuote: true, printWidth: 110 },
  });
};

const queryOf = ({ operationId, parameters = [] }: Operation): [string, Json][] => {
  const inQuery = parameters.filter(({ in: place, name }) => place === 'query' && !name.endsWith('.KEY'));
  if (inQuery.length === 0) return [];
  const properties = inQuery.map(({ name, schema, ...parameter }) => [
    name,
    { ...schema, ...('description' in parameter && { description: parameter.description }) },
  ]);
  const name = `${operationId.charAt(0).toUpperCase()}${operationId.slice(1)}Query`;
  return [
    [name, { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false }],
  ];
};

/**
 * References as the compiler of types reads them, a description beside one apart from it (else it becomes a copy of the
 * type under another name), and no rules that would become a type that is hard to read: which of several fields must be
 * given, names that are a pattern, examples.
 */
const compilable = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(compilable);
  if (!isObject(value)) return value;
  const {
    $ref,
    anyOf,
    patternProperties: _patterns,
    prefixItems: _tuple,
    examples: _examples,
    ...others
  } = value as Json;
  if (typeof $ref === 'string') {
    const reference = { $ref: $ref.replace('#/components/schemas/', '#/definitions/') };
    return 'description' in others ? { description: others.description, allOf: [reference] } : reference;
  }
  const isRule = Array.isArray(anyOf) && anyOf.every((rule) => isObject(rule) && 'required' in rule);
  const kept = { ...others, ...(anyOf !== undefined && !isRule && { anyOf }), ...tupleOf(value) };
  return Object.fromEntries(Object.entries(kept).map(([key, inner]) => [key, compilable(inner)]));
};

/** A tuple in the words of older JSON Schema, which the compiler of types reads. */
const tupleOf = ({ prefixItems }: Json): Json =>
  prefixItems === undefined ? {} : { items: prefixItems, additionalItems: false };
