import type { JsonObject } from '../json.ts';
import { ApiError } from './api-error.ts';

const articled = (noun: string): string => (/^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`);

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'decimal';
  return typeof value;
};

export const wrongType = (param: string, expected: string, value: unknown): ApiError => {
  const found = kindOf(value) === 'null' ? 'null' : articled(kindOf(value));
  const message = `Invalid type for '${param}': expected ${articled(expected)}, but got ${found} instead.`;
  return new ApiError(400, message, param, 'invalid_type');
};

export const wrongValue = (param: string, message: string): ApiError =>
  new ApiError(400, message, param, 'invalid_value');

export const missing = (param: string): ApiError =>
  new ApiError(400, `Missing required parameter: '${param}'.`, param, 'missing_required_parameter');

/** Refuses by name whatever is not in the list, in the words of OpenAI's API. */
export const refuseUnknown = (body: JsonObject, known: readonly string[]): void => {
  const unknown = Object.keys(body).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const noun = unknown.length === 1 ? 'argument' : 'arguments';
  throw new ApiError(400, `Unrecognized request ${noun} supplied: ${unknown.join(', ')}`);
};

export type Range = { kind: 'integer' | 'decimal'; min: number; max: number; over?: boolean };

/** A number in a range (`over`: greater than `min`); `undefined` where it is absent or null. */
export const readNumber = (body: JsonObject, param: string, range: Range): number | undefined => {
  const value = body[param];
  if (value === undefined || value === null) return undefined;
  const { kind, min, max, over = false } = range;
  if (typeof value !== 'number' || (kind === 'integer' && !Number.isInteger(value)))
    throw wrongType(param, kind, value);
  if (value < min || (over && value === min)) {
    const sign = over ? '>' : '>=';
    const message = `Invalid '${param}': ${kind} below minimum value. Expected a value ${sign} ${min}, but got ${value} instead.`;
    throw new ApiError(400, message, param, `${kind}_below_min_value`);
  }
  if (value > max) {
    const message = `Invalid '${param}': ${kind} above maximum value. Expected a value <= ${max}, but got ${value} instead.`;
    throw new ApiError(400, message, param, `${kind}_above_max_value`);
  }
  return value;
};

/** A boolean; `fallback` where it is absent or null. */
export const readBoolean = (body: JsonObject, param: string, fallback = false): boolean => {
  const value = body[param] ?? fallback;
  if (typeof value !== 'boolean') throw wrongType(param, 'boolean', value);
  return value;
};

/** The model's name. Throws where it is missing. */
export const readModel = (body: JsonObject): string => {
  const { model } = body;
  if (model === undefined || model === null) throw missing('model');
  if (typeof model !== 'string') throw wrongType('model', 'string', model);
  return model;
};

/** Accepts only one value of a parameter, or its absence. */
export const requireValue = (body: JsonObject, param: string, only: unknown): void => {
  const value = body[param];
  if (value === undefined || value === null || JSON.stringify(value) === JSON.stringify(only)) return;
  throw wrongValue(param, `Invalid value for '${param}': this server supports only ${JSON.stringify(only)}.`);
};

/** One to four stop strings, none empty. */
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
