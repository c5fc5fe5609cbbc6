import { isObject, type JsonObject } from '../json.ts';
import { invalid, PineconeError } from './pinecone-error.ts';

/** Pinecone's limit for a request body: 2 MB. */
const MAX_REQUEST_BYTES = 2_097_152;

/** The error for a body that is too long. */
export const tooLong = (bytes: number | string): PineconeError =>
  new PineconeError(
    'OUT_OF_RANGE',
    `Error, message length too large: found ${bytes} bytes, the limit is: ${MAX_REQUEST_BYTES} bytes`,
  );

/**
 * Reads a JSON body; an empty one is `{}`.
 *
 * @throws {PineconeError} OUT_OF_RANGE above 2 MB, INVALID_ARGUMENT when it is not JSON.
 */
export const readJson = async (request: { arrayBuffer(): Promise<ArrayBuffer> }): Promise<unknown> => {
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > MAX_REQUEST_BYTES) throw tooLong(bytes.byteLength);
  if (bytes.byteLength === 0) return {};
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    // The parser's error is left out, since it quotes the body, which may hold a caller's text.
    throw invalid('the body is not valid JSON');
  }
};

/** Whether a field is absent. Null counts as absent, as in Pinecone's protobuf mapping. */
export const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

export const asObject = (value: unknown, what: string): JsonObject => {
  if (!isObject(value)) throw invalid(`${what} must be an object`);
  return value;
};

export const asString = (value: unknown, what: string): string => {
  if (typeof value !== 'string') throw invalid(`${what} must be a string`);
  return value;
};

/** Reads a boolean; `false` when absent. */
export const asFlag = (value: unknown, what: string): boolean => {
  if (isAbsent(value)) return false;
  if (typeof value !== 'boolean') throw invalid(`${what} must be true or false`);
  return value;
};

/** Reads an integer from `min` to `max`, both included. */
export const asInteger = (value: unknown, what: string, min: number, max: number): number => {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw invalid(`${what} must be an integer from ${min} to ${max}`);
  }
  return value;
};

const DEFAULT_NAMESPACE = '__default__';
const MAX_NAMESPACE_CHARACTERS = 500;

/** Reads the name of a namespace; absent or empty means `__default__`. */
export const parseNamespace = (value: unknown): string => {
  if (isAbsent(value) || value === '') return DEFAULT_NAMESPACE;
  const name = asString(value, 'namespace');
  if (name.length > MAX_NAMESPACE_CHARACTERS) {
    throw invalid(`namespace must be at most ${MAX_NAMESPACE_CHARACTERS} characters, got ${name.length}`);
  }
  return name;
};
