import { InvalidInputError } from '../errors.ts';

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_DEPTH = 64;

/**
 * A request's JSON body, parsed. Throws `InvalidInputError`: `unsupported_media_type` unless the content type is
 * application/json in UTF-8, `body_too_large` above 1 MiB (counted while reading), `empty_body`, `invalid_json` for
 * bytes that are not UTF-8, text that is not JSON, and JSON nested deeper than 64 levels.
 */
export const readJsonBody = async (request: Request): Promise<unknown> => {
  requireJson(request.headers.get('content-type'));
  const text = decode(await readBytes(request));
  if (text.trim() === '') throw refusal('the body is empty; send a JSON object', 'empty_body');
  if (isTooDeep(text)) throw refusal(`the body is nested deeper than ${MAX_DEPTH} levels`, 'invalid_json');
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
    throw refusal('the content type must be application/json, in UTF-8', 'unsupported_media_type');
  }
};

const readBytes = async (request: Request): Promise<Buffer> => {
  const tooLarge = () => refusal(`the body is over ${MAX_BODY_BYTES} bytes`, 'body_too_large');
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw tooLarge();
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

/** Depth is counted before anything is parsed, so that code may walk a body by recursion. */
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

/** The Idempotency-Key, if one was sent. Throws `InvalidInputError` unless it is 1 to 255 visible ASCII characters. */
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
 * How long to wait for a whole answer, in ms: `Prefer: wait=N` seconds (RFC 7240), at most `mostMs`, which is also
 * the default. Other preferences are ignored. Throws `InvalidInputError` for another N.
 */
export const readWaitMs = (headers: Headers, mostMs: number): number => {
  const wait = (headers.get('prefer') ?? '')
    .split(/[,;]/)
    .map((preference) => preference.trim())
    .find((preference) => /^wait\s*(=|$)/i.test(preference));
  if (wait === undefined) return mostMs;
  const seconds = /^wait\s*=\s*"?(\d{1,9})"?$/i.exec(wait)?.[1];
  if (seconds === undefined) {
    throw new InvalidInputError([{ path: 'Prefer', message: 'wait must be a whole number of seconds' }]);
  }
  return Math.min(Number(seconds) * 1000, mostMs);
};

/** The parameters of the query, in its order. */
export const parametersOf = ({ url }: Request): [string, string][] => [...new URL(url).searchParams];
