import type { JsonObject } from '../json.ts';
import { own } from '../json.ts';
import { describedFields, type FilterableFields, parseMetadataSchema } from './metadata-schema.ts';
import { invalid } from './pinecone-error.ts';
import { asInteger, asObject, asString, isAbsent } from './request-input.ts';
import { isMetric, METRICS, type Metric } from './similarity.ts';

export type IndexDefinition = {
  name: string;
  dimension: number;
  metric: Metric;
  cloud: string;
  region: string;
  deletionProtection: boolean;
  tags: Tags;
  /** Absent when every metadata field is. */
  filterable?: FilterableFields;
};

type Tags = Record<string, string>;
type Field = Pick<IndexDefinition, 'dimension' | 'metric'>;
type Place = Pick<IndexDefinition, 'cloud' | 'region' | 'filterable'>;
type Changeable = Pick<IndexDefinition, 'deletionProtection' | 'tags'>;

const MAX_DIMENSION = 20_000;
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,43}[a-z0-9])?$/;
const DEFAULT_PLACE = { cloud: 'aws', region: 'us-east-1' };
const MAX_TAGS = 20;
const TAG_KEY = /^[A-Za-z0-9_-]{1,80}$/;
const TAG_VALUE = /^[\x20-\x7e]{0,120}$/;

const refuseFields = (input: JsonObject, allowed: readonly string[], what: string): void => {
  const field = Object.keys(input).find((key) => !allowed.includes(key) && !isAbsent(own(input, key)));
  if (field !== undefined) throw invalid(`'${field}' is not supported in ${what}`);
};

const parseMetric = (value: unknown): Metric => {
  if (isAbsent(value)) return 'cosine';
  if (!isMetric(value)) throw invalid(`metric must be one of ${METRICS.join(', ')}`);
  return value;
};

const parseVector = (input: JsonObject): Field => ({
  dimension: asInteger(input.dimension, 'dimension', 1, MAX_DIMENSION),
  metric: parseMetric(input.metric),
});

/** Parses the form since API version 2026-07: one dense vector field with the reserved name `_values`. */
const parseSchema = (value: unknown): Field => {
  const fields = asObject(asObject(value, 'schema').fields, 'schema.fields');
  refuseFields(fields, ['_values'], 'schema.fields (this server keeps one dense vector, _values, a record)');
  const field = asObject(fields._values, 'schema.fields._values');
  refuseFields(field, ['type', 'dimension', 'metric', 'description'], 'schema.fields._values');
  if (field.type !== 'dense_vector') throw invalid("schema.fields._values must be of type 'dense_vector'");
  return parseVector(field);
};

const parseReadCapacity = (value: unknown): void => {
  if (isAbsent(value)) return;
  if (asObject(value, 'read_capacity').mode !== 'OnDemand') {
    throw invalid("read_capacity.mode must be 'OnDemand': this server has no dedicated nodes");
  }
};

const parsePlace = (input: JsonObject, what: string): Place => ({
  cloud: asString(input.cloud, `${what}.cloud`),
  region: asString(input.region, `${what}.region`),
});

const parseDeployment = (value: unknown): Place => {
  if (isAbsent(value)) return DEFAULT_PLACE;
  const input = asObject(value, 'deployment');
  if (input.deployment_type !== 'managed') throw invalid("deployment.deployment_type must be 'managed'");
  refuseFields(input, ['deployment_type', 'cloud', 'region'], 'deployment');
  return parsePlace(input, 'deployment');
};

/** Parses the form before API version 2026-07. */
const parseSpec = (value: unknown): Place => {
  const spec = asObject(value, 'spec');
  refuseFields(spec, ['serverless'], 'spec');
  const input = asObject(spec.serverless, 'spec.serverless');
  refuseFields(input, ['cloud', 'region', 'read_capacity', 'schema'], 'spec.serverless');
  parseReadCapacity(input.read_capacity);
  const filterable = parseMetadataSchema(input.schema);
  return { ...parsePlace(input, 'spec.serverless'), ...(filterable && { filterable }) };
};

const parseProtection = (value: unknown): boolean => {
  if (value !== 'enabled' && value !== 'disabled') {
    throw invalid("deletion_protection must be 'enabled' or 'disabled'");
  }
  return value === 'enabled';
};

/** Parses tags as they were sent. An empty value removes the tag. */
const parseTags = (value: unknown): Tags =>
  Object.fromEntries(
    Object.entries(asObject(value, 'tags')).map(([key, item]) => {
      const text = asString(item, `tag '${key.slice(0, 80)}'`);
      if (!TAG_KEY.test(key))
        throw invalid("a tag's key must be 1 to 80 characters of letters, digits, '_' and '-'");
      if (!TAG_VALUE.test(text))
        throw invalid(`the value of tag '${key}' must be at most 120 printable ASCII characters`);
      return [key, text];
    }),
  );

const applyTags = (tags: Tags, changes: Tags): Tags => {
  const merged = Object.fromEntries(
    Object.entries({ ...tags, ...changes }).filter(([, value]) => value !== ''),
  );
  const count = Object.keys(merged).length;
  if (count > MAX_TAGS) throw invalid(`an index may have at most ${MAX_TAGS} tags, got ${count}`);
  return merged;
};

/** Applies the properties that may change after creation, deletion protection and tags, if the input has them. */
const changed = (before: Changeable, input: JsonObject): Changeable => ({
  deletionProtection: isAbsent(input.deletion_protection)
    ? before.deletionProtection
    : parseProtection(input.deletion_protection),
  tags: isAbsent(input.tags) ? before.tags : applyTags(before.tags, parseTags(input.tags)),
});

const parseName = (value: unknown): string => {
  const name = asString(value, 'name');
  if (!NAME.test(name)) {
    throw invalid(
      "Name must be 1 to 45 characters, start and end with an alphanumeric character, and consist only of lower case alphanumeric characters or '-'",
    );
  }
  return name;
};

const SHARED = ['name', 'deletion_protection', 'tags'];

/**
 * Parses the body of `POST /indexes` in either form: `schema` and `deployment`, or `dimension`, `metric` and `spec`.
 *
 * @throws {PineconeError} INVALID_ARGUMENT for a body of neither form.
 */
export const parseIndexDefinition = (body: unknown): IndexDefinition => {
  const input = asObject(body, 'the body');
  const shared = {
    name: parseName(input.name),
    ...changed({ deletionProtection: false, tags: {} }, input),
  };
  if (!isAbsent(input.schema)) {
    refuseFields(input, [...SHARED, 'schema', 'deployment', 'read_capacity'], 'an index with a schema');
    parseReadCapacity(input.read_capacity);
    return { ...shared, ...parseSchema(input.schema), ...parseDeployment(input.deployment) };
  }
  refuseFields(input, [...SHARED, 'dimension', 'metric', 'spec', 'vector_type'], 'an index');
  if (!isAbsent(input.vector_type) && input.vector_type !== 'dense')
    throw invalid("vector_type must be 'dense'");
  return { ...shared, ...parseVector(input), ...parseSpec(input.spec) };
};

/** The index after `PATCH /indexes/{name}`. Deletion protection and tags may change; an empty tag is removed. */
export const configured = (index: IndexDefinition, body: unknown): IndexDefinition => {
  const input = asObject(body, 'the body');
  refuseFields(input, ['deletion_protection', 'tags'], 'a change of an index');
  return { ...index, ...changed(index, input) };
};

const FIRST_VERSION_WITH_SCHEMA = '2026-07';
const READ_CAPACITY = { mode: 'OnDemand', status: { state: 'Ready' } };

/**
 * Describes an index to a client of an API version (`x-pinecone-api-version`): from 2026-07 with `schema` and
 * `deployment`, before it or without a version with `dimension`, `metric` and `spec`.
 * `host` includes `http://`, which the SDK respects.
 */
export const describeIndex = (
  index: IndexDefinition,
  host: string,
  apiVersion: string | undefined,
): object => {
  const { name, dimension, metric, cloud, region, filterable } = index;
  const metadata = filterable && describedFields(filterable);
  const shared = {
    name,
    host,
    status: { ready: true, state: 'Ready' },
    deletion_protection: index.deletionProtection ? 'enabled' : 'disabled',
    tags: Object.keys(index.tags).length === 0 ? null : index.tags,
  };
  return apiVersion !== undefined && apiVersion >= FIRST_VERSION_WITH_SCHEMA
    ? {
        ...shared,
        schema: { fields: { ...metadata?.fields, _values: { type: 'dense_vector', dimension, metric } } },
        deployment: { deployment_type: 'managed', cloud, region },
        read_capacity: READ_CAPACITY,
      }
    : {
        ...shared,
        dimension,
        metric,
        vector_type: 'dense',
        spec: {
          serverless: { cloud, region, read_capacity: READ_CAPACITY, ...(metadata && { schema: metadata }) },
        },
      };
};
