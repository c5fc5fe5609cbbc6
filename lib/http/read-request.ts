import { InvalidInputError } from '../errors.ts';
import { MAX_CONVERSATION } from '../runs/request-schema.ts';

const CONVERSATION = 'x-everytoken-conversation';
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_DEPTH = 64;

/**
 * Reads and parses a request's JSON body.
 *
 * @throws {InvalidInputError} `unsupported_media_type` unless the content type is application/json in UTF-8.
 * @throws {InvalidInputError} `body_too_large` above 1 MiB, counted while reading.
 * @throws {InvalidInputError} `empty_body`.
 * @throws {InvalidInputError} `invalid_json` for invalid UTF-8, invalid JSON, or JSON nested deeper than 64 levels.
 */
export const readJsonBody = async (request: Request): Promise<unknown> => {
  requireJson(request.headers.get('content-type'));
  const text = decode(await readBytes(request, MAX_BODY_BYTES));
  if (text.trim() === '') throw refusal('the body is empty; send a JSON object', 'empty_body');
  if (isTooDeep(text))
    throw refusal(`the body must be nested at most ${MAX_DEPTH} levels deep`, 'invalid_json');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refusal('the body is not valid JSON', 'invalid_json', cause);
  }
};

const refusal = (message: string, code: string, cause?: unknown): InvalidInputError =>
  new InvalidInputError([{ path: '', message }], { code, cause });

const requireJson = (contentType: string | null): void => {
  const [type = '', ...parameters] = (contentType ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  const isUtf8 = charset === undefined || ['utf-8', 'utf8', '"utf-8"', '"utf8"'].includes(charset);
  if (type !== 'application/json' || !isUtf8) {
    throw refusal('the content type must be application/json in UTF-8', 'unsupported_media_type');
  }
};

/**
 * Reads a request's body.
 *
 * @throws {InvalidInputError} `body_too_large` above `most` bytes, counted while reading; its message ends in `remedy`.
 */
export const readBytes = async (request: Request, most: number, remedy = ''): Promise<Buffer> => {
  const tooLarge = () => refusal(`the body must be at most ${most} bytes${remedy}`, 'body_too_large');
  if (Number(request.headers.get('content-length') ?? 0) > most) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > most) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const decode = (bytes: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw refusal('the body is not valid UTF-8', 'invalid_json', cause);
  }
};

/** Checks the depth before parsing, so that later code can safely recurse into a body. */
const isTooDeep = (text: string): boolean => {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') {
      if (++depth > MAX_DEPTH) return true;
    } else if (char === '}' || char === ']') depth--;
  }
  return false;
};

const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

/**
 * The Idempotency-Key header; `undefined` without one.
 *
 * @throws {InvalidInputError} unless it is 1 to 255 visible ASCII characters.
 */
export const readIdempotencyKey = (headers: Headers): string | undefined => {
  const key = headers.get('idempotency-key');
  if (key === null) return undefined;
  if (!VISIBLE_ASCII.test(key)) {
    throw new InvalidInputError([
      { path: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' },
    ]);
  }
  return key;
};

/**
 * The name of the conversation in the header `x-everytoken-conversation`; undefined without it.
 *
 * @throws {InvalidInputError} when it is longer than a name may be.
 */
export const readConversation = (headers: Headers): string | undefined => {
  const name = headers.get(CONVERSATION) ?? '';
  if (name.length > MAX_CONVERSATION)
    throw new InvalidInputError([
      { path: CONVERSATION, message: `must have at most ${MAX_CONVERSATION} characters` },
    ]);
  return name === '' ? undefined : name;
};

/**
 * How long the client wants to wait, in ms: `Prefer: wait=N` in seconds
 * (https://www.rfc-editor.org/rfc/rfc7240#section-4.3), capped at `maxMs`; undefined without it. Other preferences are
 * ignored.
 *
 * @throws {InvalidInputError} when N is not a whole number.
 */
export const readPreferredWaitMs = (headers: Headers, maxMs: number): number | undefined => {
  const wait = (headers.get('prefer') ?? '')
    .split(/[,;]/)
    .map((preference) => preference.trim())
    .find((preference) => /^wait\s*(=|$)/i.test(preference));
  if (wait === undefined) return undefined;
  const seconds = /^wait\s*=\s*"?(\d{1,9})"?$/i.exec(wait)?.[1];
  if (seconds === undefined) {
    throw new InvalidInputError([{ path: 'Prefer', message: 'wait must be a whole number of seconds' }]);
  }
  return Math.min(Number(seconds) * 1000, maxMs);
};

/** The query parameters, in order. */
export const parametersOf = ({ url }: Request): [string, string][] => [...new URL(url).searchParams];
