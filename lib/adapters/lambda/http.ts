import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import type { HttpBindings } from '../../http/base-app.ts';
import { makeProblem, problemResponse } from '../../http/problem.ts';
import { jsonBytes } from '../../json/value.ts';

/** A web-standard app such as Hono's; it receives `bindings` beside the request. */
export type WebApp = { fetch(request: Request, bindings: HttpBindings): Response | Promise<Response> };

/** Lambda's limit on a response is 6 MB of JSON, in which the body is a quoted string. */
const MAX_RESULT_BYTES = 5_900_000;

/** Converts an API Gateway REST proxy event (payload 1.0) to a standard `Request`. Its path excludes the stage. */
export const requestOf = (event: APIGatewayProxyEvent): Request => {
  const headers = headersOf(event);
  const hasBody =
    event.body !== null && event.body !== undefined && !['GET', 'HEAD'].includes(event.httpMethod);
  return new Request(urlOf(event, headers), {
    method: event.httpMethod,
    headers,
    ...(hasBody ? { body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8') } : {}),
  });
};

const headersOf = ({ headers, multiValueHeaders }: APIGatewayProxyEvent): Headers => {
  const all: [string, string[] | undefined][] = multiValueHeaders
    ? Object.entries(multiValueHeaders)
    : Object.entries(headers ?? {}).map(([name, value]) => [name, value === undefined ? undefined : [value]]);
  const result = new Headers();
  for (const [name, values] of all) {
    // `Headers` takes one byte a character, so a value outside Latin-1 goes in as its UTF-8 bytes.
    for (const value of values ?? []) result.append(name, Buffer.from(value).toString('latin1'));
  }
  return result;
};

const urlOf = (event: APIGatewayProxyEvent, headers: Headers): URL => {
  const scheme = headers.get('x-forwarded-proto') === 'http' ? 'http' : 'https';
  const host = headers.get('host') ?? event.requestContext.domainName ?? 'localhost';
  const base = URL.canParse(`${scheme}://${host}`) ? `${scheme}://${host}` : 'https://localhost';
  const url = new URL(base);
  url.pathname = event.path;
  for (const [name, values] of Object.entries(queryOf(event))) {
    for (const value of values ?? []) url.searchParams.append(name, value);
  }
  return url;
};

const queryOf = ({ queryStringParameters, multiValueQueryStringParameters }: APIGatewayProxyEvent) =>
  multiValueQueryStringParameters ??
  Object.fromEntries(
    Object.entries(queryStringParameters ?? {}).map(([name, value]) => [
      name,
      value === undefined ? [] : [value],
    ]),
  );

/** Converts a buffered response to API Gateway's format, with binary bodies in base64. */
export const resultOf = async (response: Response): Promise<APIGatewayProxyResult> => {
  const bytes = Buffer.from(await response.arrayBuffer());
  const isPlain =
    !response.headers.has('content-encoding') && isText(response.headers.get('content-type') ?? '');
  const isBase64Encoded = bytes.length > 0 && !isPlain;
  const body = bytes.toString(isBase64Encoded ? 'base64' : 'utf8');
  return {
    statusCode: response.status,
    multiValueHeaders: multiValue(response.headers),
    body,
    isBase64Encoded,
  };
};

const isText = (contentType: string): boolean =>
  /^(text\/|application\/([\w.-]+\+)?(json|xml)\b|application\/javascript\b)/i.test(contentType);

const multiValue = (headers: Headers): Record<string, string[]> => {
  const result = new Map<string, string[]>();
  for (const [name, value] of headers) result.set(name, [...(result.get(name) ?? []), value]);
  return Object.fromEntries(result);
};

const isTooLarge = ({ body }: APIGatewayProxyResult): boolean =>
  body.length > MAX_RESULT_BYTES / 6 && jsonBytes(body) > MAX_RESULT_BYTES;

/**
 * A Lambda handler that buffers the app's response and returns it once every promise given to `waitUntil` has settled.
 * Answers a `response_too_large` problem in place of a response over Lambda's limit, and 400 to an event that is not a
 * valid HTTP request.
 *
 * @example
 * export const handler = makeHttpHandler(makeApiApp(deps));
 */
export const makeHttpHandler =
  (app: WebApp) =>
  async (event: APIGatewayProxyEvent, lambdaContext: Context): Promise<APIGatewayProxyResult> => {
    const background = makeBackground();
    const response = await respond(app, event, { event, lambdaContext, waitUntil: background.add });
    const result = await resultOf(response);
    await background.settled();
    if (!isTooLarge(result)) return result;
    const detail = 'the response is over the limit of 6 MB; request its parts one by one';
    return await resultOf(
      problemResponse({ problem: makeProblem('response_too_large', detail), headers: {} }),
    );
  };

/** An app's response to an event; a 400 when the gateway let through an event that no `Request` can represent. */
export const respond = async (
  app: WebApp,
  event: APIGatewayProxyEvent,
  bindings: HttpBindings,
): Promise<Response> => {
  let request: Request;
  try {
    request = requestOf(event);
  } catch {
    const problem = makeProblem(
      'invalid_input',
      'the method, URL or headers of this request are not valid HTTP',
      { errors: [] },
    );
    return problemResponse({ problem, headers: {} });
  }
  return await app.fetch(request, bindings);
};

/** Collects promises that must settle before an invocation ends, including those added while it waits. */
export const makeBackground = () => {
  const pending = new Set<Promise<unknown>>();
  return {
    add: (promise: Promise<unknown>): void => {
      const settled: Promise<unknown> = promise.catch(() => {}).finally(() => pending.delete(settled));
      pending.add(settled);
    },
    settled: async (): Promise<void> => {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
};
