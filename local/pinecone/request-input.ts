import { isObject, type JsonObject } from '../json.ts';
import { invalid } from './pinecone-error.ts';

/** A field that is left out or null counts as absent, as it does in Pinecone's protobuf mapping. */
export const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

export const asObject = (value: unknown, what: string): JsonObject => {
  if (!isObject(value)) throw invalid(`${what} must be an object`);
  return value;
};

export const asString = (value: unknown, what: string): string => {
  if (typeof value !== 'string') throw invalid(`${what} must be a string`);
  return value;
};

/** `false` when absent. */
export const asFlag = (value: unknown, what: string): boolean => {
  if (isAbsent(value)) return false;
  if (typeof value !== 'boolean') throw invalid(`${what} must be true or false`);
  return value;
};

/** A whole number within bounds (both included). */
export const asInteger = (value: unknown, what: string, least: number, most: number): number => {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw invalid(`${what} must be an integer from ${least} to ${most}`);
  }
  return value;
};
