import { isObject } from '../../../lib/json/value.ts';
import { type Draw, drawWords } from './draw.ts';

/** The OpenAPI document, a schema in it, or an object drawn from a schema. */
export type Json = Record<string, unknown>;

const MOST_ITEMS = 2;
const OPTIONAL_SHARE = 0.15;

/** Values by field name, for fields whose schema would make requests expensive or does not describe valid values. */
const BY_NAME: Record<string, (draw: Draw) => unknown> = {
  model: (draw) => draw.pick([null, 'everytoken-ngram']),
  max_tokens: (draw) => 1 + draw.below(12),
  samples: (draw) => 1 + draw.below(2),
  label: (draw) => `${drawWords(draw)} ${draw.below(1e6)}`,
  extra_body: () => ({ pace: 0 }),
  response_format: () => ({ type: 'text' }),
  since: (draw) => draw.pick(['2026-01-01', '2026-11-22T00:00:00Z', '2020-02-29T23:59:59.999+14:00']),
  until: (draw) => draw.pick(['2099-12-31', '2030-01-01T00:00:00Z']),
  pattern: (draw) => draw.pick(['vector', '^.*$', '[a-z]+\\b']),
  schema: (draw) => draw.pick([{}, { type: 'object' }, { type: 'string', minLength: 2 }]),
  limit: (draw) => 1 + draw.below(20),
};

/** Draws a value that matches a JSON Schema of the document and is cheap to serve. */
export const drawValue = (schema: Json, document: Json, draw: Draw, name = ''): unknown => {
  const byName = BY_NAME[name];
  if (byName) return byName(draw);
  const { $ref, anyOf, oneOf, enum: values, const: constant, type } = schema;
  if (typeof $ref === 'string') return drawValue(resolve($ref, document), document, draw, name);
  if (Array.isArray(values)) return draw.pick(values);
  if (constant !== undefined) return constant;
  if (isObject(schema.properties)) return drawObject(schema, document, draw);
  const choices = [anyOf, oneOf].find(Array.isArray);
  if (choices) return drawValue(preferred(choices, draw), document, draw, name);
  return drawOfType(Array.isArray(type) ? String(draw.pick(type)) : String(type), schema, document, draw);
};

/** Chooses a schema. Null means absent, so it is chosen rarely. */
const preferred = (choices: Json[], draw: Draw): Json => {
  const meant = choices.filter(({ type }) => type !== 'null');
  return draw.pick(meant.length === 0 || draw.chance(0.15) ? choices : meant);
};

const drawOfType = (type: string, schema: Json, document: Json, draw: Draw): unknown => {
  const { minItems = 0, maxItems = MOST_ITEMS, minLength = 0, maxLength = 200 } = schema as Bounds;
  if (type === 'string') return drawWords(draw).padEnd(minLength, 'x').slice(0, maxLength);
  if (type === 'integer' || type === 'number') return drawNumber(type, schema as Bounds, draw);
  if (type === 'boolean') return draw.chance(0.5);
  if (type === 'null') return null;
  if (type === 'array') {
    const length = Math.min(maxItems, Math.max(minItems, 1 + draw.below(MOST_ITEMS)));
    const items = isObject(schema.items) ? schema.items : {};
    return Array.from({ length }, () => drawValue(items, document, draw));
  }
  if (type === 'object') {
    const values = isObject(schema.additionalProperties) ? schema.additionalProperties : {};
    return { [drawWords(draw).split(' ')[0] ?? 'key']: drawValue(values, document, draw) ?? 'value' };
  }
  return drawWords(draw);
};

type Bounds = Partial<
  Record<
    'minItems' | 'maxItems' | 'minLength' | 'maxLength' | 'minimum' | 'maximum' | 'exclusiveMinimum',
    number
  >
>;

const drawNumber = (type: string, { minimum, maximum, exclusiveMinimum }: Bounds, draw: Draw): number => {
  const least = minimum ?? (exclusiveMinimum === undefined ? 0 : exclusiveMinimum + 0.01);
  const most = Math.min(maximum ?? 1_000, least + 1_000);
  return type === 'integer'
    ? least + draw.below(most - least + 1)
    : draw.pick([least, most, least + draw.random() * (most - least)]);
};

const drawObject = (schema: Json, document: Json, draw: Draw): Json => {
  const properties = schema.properties as Record<string, Json>;
  const groups = Array.isArray(schema.anyOf) ? schema.anyOf : [];
  const group: { required?: string[] } = groups.length > 0 ? draw.pick(groups) : {};
  const required = [...((schema.required as string[] | undefined) ?? []), ...(group.required ?? [])];
  const alternatives: string[] = groups.flatMap((each: { required?: string[] }) => each.required ?? []);
  const drawn: Json = {};
  for (const [name, property] of Object.entries(properties)) {
    const isAlternative = alternatives.includes(name) && !required.includes(name);
    const isKept = required.includes(name) || name === 'max_tokens' || draw.chance(OPTIONAL_SHARE);
    if (isAlternative || !isKept) continue;
    const value = drawValue(property, document, draw, name);
    drawn[name] = value === null && required.includes(name) ? drawWords(draw) : value;
  }
  return drawn;
};

const resolve = (ref: string, document: Json): Json => {
  let found: unknown = document;
  for (const step of ref.replace('#/', '').split('/')) found = isObject(found) ? found[step] : undefined;
  if (!isObject(found)) throw new Error(`the schema ${ref} is not in the OpenAPI document`);
  return found;
};
