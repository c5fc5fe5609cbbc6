import * as z from 'zod';
import { comparisonRequestSchema, MAX_COMPARED, MAX_RUNS } from '../../comparisons/comparison-request.ts';
import { uploadRequestSchema } from '../../files/create-upload.ts';
import { isObject } from '../../json/value.ts';
import { MAX_GENERATIONS, runRequestSchema } from '../../runs/request-schema.ts';
import {
  comparedDiversitySchema,
  comparedSettingSchema,
  comparisonSchema,
  differenceSchema,
} from '../comparisons/schemas.ts';
import { fileAnswerSchema, fileListSchema, fileSchema, uploadSchema } from '../files/schemas.ts';
import { modelListSchema } from '../models/openapi.ts';
import { chatRequestSchema } from '../openai/chat-request-schema.ts';
import {
  chatChunkSchema,
  chatCompletionSchema,
  openaiErrorSchema,
  openaiModelListSchema,
  openaiModelSchema,
} from '../openai/chat-schemas.ts';
import { problemSchema } from '../problem-schema.ts';
import {
  checkResultSchema,
  diversityFiguresSchema,
  diversitySchema,
  failedAttemptSchema,
  generationSchema,
  passRateSchema,
  runListSchema,
  runSchema,
  runSummarySchema,
  samplingSchema,
  spreadSchema,
  timingSchema,
  traceChunkSchema,
  traceSchema,
  usageSchema,
} from '../runs/schemas.ts';
import { searchAnswerSchema } from '../search/openapi.ts';
import { searchBodySchema } from '../search/routes.ts';
import { healthSchema } from '../service/openapi.ts';
import { usageReportSchema } from '../usage/openapi.ts';
import {
  CHAT_DESCRIPTIONS,
  COMPARISON_DESCRIPTIONS,
  FILE_DESCRIPTIONS,
  RUN_REQUEST_DESCRIPTIONS,
  SEARCH_DESCRIPTIONS,
} from './request-descriptions.ts';

export type Json = { [key: string]: unknown };

/** Response schemas by the names they have in components. */
const ANSWERS = {
  Run: runSchema,
  RunSummary: runSummarySchema,
  RunList: runListSchema,
  Generation: generationSchema,
  CheckResult: checkResultSchema,
  PassRate: passRateSchema,
  Sampling: samplingSchema,
  FailedAttempt: failedAttemptSchema,
  Usage: usageSchema,
  Timing: timingSchema,
  Spread: spreadSchema,
  Diversity: diversitySchema,
  DiversityFigures: diversityFiguresSchema,
  Trace: traceSchema,
  TraceChunk: traceChunkSchema,
  ModelList: modelListSchema,
  SearchAnswer: searchAnswerSchema,
  Comparison: comparisonSchema,
  ComparedSetting: comparedSettingSchema,
  ComparedDiversity: comparedDiversitySchema,
  Difference: differenceSchema,
  UsageReport: usageReportSchema,
  File: fileAnswerSchema,
  FileSummary: fileSchema,
  FileList: fileListSchema,
  Upload: uploadSchema,
  ChatCompletion: chatCompletionSchema,
  ChatCompletionChunk: chatChunkSchema,
  OpenAIModel: openaiModelSchema,
  OpenAIModelList: openaiModelListSchema,
  OpenAIError: openaiErrorSchema,
  Health: healthSchema,
  Problem: problemSchema,
} satisfies Record<string, z.ZodType>;

export type SchemaName =
  | keyof typeof ANSWERS
  | 'RunRequest'
  | 'ComparisonRequest'
  | 'SearchRequest'
  | 'FileRequest'
  | 'ChatCompletionRequest';

export const refTo = (name: SchemaName): Json => ({ $ref: `#/components/schemas/${name}` });

/** Every schema of components, as JSON Schema 2020-12 (which OpenAPI 3.1 speaks). */
export const componentSchemas = (): Json => {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(ANSWERS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}` });
  const answers = Object.entries(schemas).map(([name, schema]): [string, unknown] => [
    name,
    open(withoutIds(schema)),
  ]);
  return {
    RunRequest: runRequest(),
    ComparisonRequest: comparisonRequest(),
    SearchRequest: searchRequest(),
    FileRequest: requestSchema(uploadRequestSchema, FILE_DESCRIPTIONS),
    ChatCompletionRequest: chatRequest(),
    ...Object.fromEntries(answers),
  };
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

const requestSchema = (schema: z.ZodType, descriptions: Record<string, string>): Json =>
  nullable(withoutIds(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' })), descriptions);

/** In requests null means absent: whatever may be left out may be null. Fields are described by their names. */
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

const runRequest = (): Json => ({
  ...requestSchema(runRequestSchema, RUN_REQUEST_DESCRIPTIONS),
  description: `One prompt x settings x samples, at most ${MAX_GENERATIONS} generations. Null means absent.`,
  anyOf: [{ required: ['prompt'] }, { required: ['messages'] }],
});

/** Content may be a list of text parts, which the parser makes one text of. */
const chatRequest = (): Json => {
  const schema = requestSchema(chatRequestSchema, CHAT_DESCRIPTIONS);
  const properties = isObject(schema.properties) ? schema.properties : {};
  const messages = isObject(properties.messages) ? properties.messages : {};
  const message = isObject(messages.items) ? messages.items : {};
  const fields = isObject(message.properties) ? message.properties : {};
  const part = {
    type: 'object',
    properties: { type: { const: 'text' }, text: { type: 'string' } },
    required: ['type', 'text'],
  };
  const content = { anyOf: [fields.content, { type: 'array', items: part, minItems: 1 }] };
  return {
    ...schema,
    description:
      "OpenAI's chat completion as far as it is carried; what is not is refused by name. Null means absent.",
    properties: {
      ...properties,
      messages: { ...messages, items: { ...message, properties: { ...fields, content } } },
    },
  };
};

/** A prompt may be a text instead of an object, which the parser makes of it. */
const comparisonRequest = (): Json => {
  const schema = requestSchema(comparisonRequestSchema, COMPARISON_DESCRIPTIONS);
  const properties = isObject(schema.properties) ? schema.properties : {};
  const prompts = isObject(properties.prompts) ? properties.prompts : {};
  return {
    ...schema,
    description: `Prompts x settings x samples, at most ${MAX_COMPARED} generations in ${MAX_RUNS} runs. Null means absent.`,
    properties: {
      ...properties,
      prompts: { ...prompts, items: { anyOf: [{ type: 'string' }, prompts.items] } },
    },
  };
};

/** `metadata.KEY` fields are open, so they stand beside the schema that the parser uses for the fixed ones. */
const searchRequest = (): Json => {
  const schema = requestSchema(searchBodySchema, SEARCH_DESCRIPTIONS);
  const properties = isObject(schema.properties) ? schema.properties : {};
  const filter =
    isObject(properties.filter) && Array.isArray(properties.filter.anyOf) ? properties.filter.anyOf[0] : {};
  const open = {
    ...filter,
    patternProperties: { '^metadata\\..{1,64}$': { type: ['string', 'null'], maxLength: 512 } },
  };
  return {
    ...schema,
    description: 'A search by meaning over everything this caller has generated. Null means absent.',
    properties: {
      ...properties,
      filter: { ...(isObject(properties.filter) ? properties.filter : {}), anyOf: [open, { type: 'null' }] },
    },
  };
};
