import { isObject, parseObject } from '../../json.ts';

/** A function's answer through the Lambda proxy integration. */
export type BufferedAnswer = { status: number; headers: [string, string][]; body: Buffer };

const isText = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);

const headerPairs = (headers: unknown, multiValueHeaders: unknown): [string, string][] | undefined => {
  if (
    ![headers, multiValueHeaders].every((value) => value === undefined || value === null || isObject(value))
  ) {
    return undefined;
  }
  const multi = Object.entries(multiValueHeaders ?? {});
  const taken = new Set(multi.map(([name]) => name.toLowerCase()));
  const single = Object.entries(headers ?? {}).filter(([name]) => !taken.has(name.toLowerCase()));
  const pairs: [string, string][] = [];
  for (const [name, value] of [...single, ...multi]) {
    const values = Array.isArray(value) ? value : [value];
    if (!values.every(isText)) return undefined;
    for (const item of values) pairs.push([name, String(item)]);
  }
  return pairs;
};

export const validStatus = (value: unknown): number | undefined => {
  const status = typeof value === 'string' ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= 599
    ? status
    : undefined;
};

/**
 * Reads a function's JSON answer; `undefined` when it is malformed, which the client sees as a 502.
 * A base64 body is decoded only when `decodesBase64`. API Gateway decodes when the first media type in the client's
 * Accept header is one of the API's binary media types:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html
 */
export const readAnswer = (
  payload: string | undefined,
  decodesBase64: boolean,
): BufferedAnswer | undefined => {
  const answer = parseObject(payload ?? '');
  if (!answer) return undefined;
  const status = validStatus(answer.statusCode);
  const headers = headerPairs(answer.headers, answer.multiValueHeaders);
  const body = answer.body ?? '';
  if (status === undefined || headers === undefined || typeof body !== 'string') return undefined;
  const base64 = answer.isBase64Encoded === true && decodesBase64;
  return { status, headers, body: Buffer.from(body, base64 ? 'base64' : 'utf8') };
};
