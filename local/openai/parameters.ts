import type { JsonObject } from '../json.ts';
import { own } from '../json.ts';
import { ApiError, missing, wrongType, wrongValue } from './api-error.ts';

/**
 * Refuses parameters outside the list.
 *
 * @throws {ApiError} 400, worded as OpenAI's, that names them.
 */
export const refuseUnknown = (body: JsonObject, known: readonly string[]): void => {
  const unknown = Object.keys(body).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const noun = unknown.length === 1 ? 'argument' : 'arguments';
  throw new ApiError(400, `Unrecognized request ${noun} supplied: ${unknown.join(', ')}`);
};

/** The error of the Responses API for a parameter that it does not know. */
export const unknownParameter = (param: string): ApiError =>
  new ApiError(400, `Unknown parameter: '${param}'.`, param, 'unknown_parameter');

type Range = { kind: 'integer' | 'decimal'; min: number; max: number };

/** Reads a number within a range; `undefined` when it is absent or null. */
export const readNumber = (
  body: JsonObject,
  param: string,
  { kind, min, max }: Range,
): number | undefined => {
  const value = own(body, param) ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || (kind === 'integer' && !Number.isInteger(value)))
    throw wrongType(param, kind, value);
  if (value < min) {
    const message = `Invalid '${param}': ${kind} below minimum value. Expected a value >= ${min}, but got ${value} instead.`;
    throw new ApiError(400, message, param, `${kind}_below_min_value`);
  }
  if (value > max) {
    const message = `Invalid '${param}': ${kind} above maximum value. Expected a value <= ${max}, but got ${value} instead.`;
    throw new ApiError(400, message, param, `${kind}_above_max_value`);
  }
  return value;
};

/** Reads a boolean; `fallback` when it is absent or null. */
export const readBoolean = (body: JsonObject, param: string, fallback = false): boolean => {
  const value = own(body, param) ?? fallback;
  if (typeof value !== 'boolean') throw wrongType(param, 'boolean', value);
  return value;
};

/**
 * Reads the name of the model.
 *
 * @throws {ApiError} 400 when it is missing or not a string.
 */
export const readModel = (body: JsonObject): string => {
  const { model } = body;
  if (model === undefined || model === null) throw missing('model');
  if (typeof model !== 'string') throw wrongType('model', 'string', model);
  return model;
};

/**
 * Accepts a parameter that is absent, null or one of these values.
 *
 * @throws {ApiError} 400 for any other value.
 */
export const requireValue = (body: JsonObject, param: string, supported: readonly unknown[]): void => {
  const value = own(body, param);
  const known = supported.map((each) => JSON.stringify(each));
  if (value === undefined || value === null || known.includes(JSON.stringify(value))) return;
  throw wrongValue(param, `Invalid value for '${param}': this server supports only ${known.join(' and ')}.`);
};

/** Reads up to four stop strings, none empty. */
export const readStop = (body: JsonObject): string[] => {
  const value = body.stop ?? [];
  const stops: unknown[] = Array.isArray(value) ? value : [value];
  if (stops.length > 4) {
    const message = `Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length ${stops.length} instead.`;
    throw new ApiError(400, message, 'stop', 'array_above_max_length');
  }
  return stops.map((stop) => {
    if (typeof stop !== 'string') throw wrongType('stop', 'string', stop);
    if (stop === '') throw wrongValue('stop', "Invalid 'stop': a stop string cannot be empty.");
    return stop;
  });
};
