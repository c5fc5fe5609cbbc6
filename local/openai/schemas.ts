import { isObject, type JsonObject } from '../json.ts';
import type { Ngram } from '../model/ngram.ts';
import { compileSchema, type SchemaGrammar } from '../model/schema/compile-schema.ts';
import { SchemaError } from '../model/schema/schema-error.ts';
import { ApiError, missing, wrongType, wrongValue } from './api-error.ts';
import { readBoolean, unknownParameter } from './parameters.ts';

const NAME = '^[a-zA-Z0-9_-]+$';
const MAX_NAME = 64;

/** Reads the name of a schema or a function. */
export const readName = (value: unknown, param: string): string => {
  if (value === undefined || value === null) throw missing(param);
  if (typeof value !== 'string') throw wrongType(param, 'string', value);
  if (value.length > MAX_NAME)
    throw new ApiError(
      400,
      `Invalid '${param}': string too long. Expected a string with maximum length ${MAX_NAME}, but got a string with length ${value.length} instead.`,
      param,
      'string_above_max_length',
    );
  if (!new RegExp(NAME).test(value))
    throw wrongValue(
      param,
      `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '${NAME}'.`,
    );
  return value;
};

/** Reads an object with these fields only; those of `texts` are strings. */
export const readFields = (
  value: unknown,
  param: string,
  known: readonly string[],
  texts: readonly string[] = ['description'],
): JsonObject => {
  if (value === undefined || value === null) throw missing(param);
  if (!isObject(value)) throw wrongType(param, 'object', value);
  for (const [name, field] of Object.entries(value)) {
    if (!known.includes(name)) throw unknownParameter(`${param}.${name}`);
    if (texts.includes(name) && field !== null && typeof field !== 'string')
      throw wrongType(`${param}.${name}`, 'string', field);
  }
  return value;
};

/** Whether a function or a schema is strict. */
export const readStrict = (fields: JsonObject, param: string): boolean => {
  try {
    return readBoolean(fields, 'strict');
  } catch {
    throw wrongType(`${param}.strict`, 'boolean', fields.strict);
  }
};

type Refusal = {
  /** Begins the message, as `Invalid schema for function 'f'`. */
  about: string;
  param: string;
  code: string | null;
};

/** @throws {ApiError} 400 in OpenAI's words for a schema that `compileSchema` refuses. */
export const grammarOf = (
  model: Ngram,
  schema: unknown,
  isStrict: boolean,
  { about, param, code }: Refusal,
): SchemaGrammar => {
  try {
    return compileSchema(model, schema, isStrict);
  } catch (error) {
    if (error instanceof SchemaError) throw new ApiError(400, `${about}: ${error.message}`, param, code);
    throw error;
  }
};
