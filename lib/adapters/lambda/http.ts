import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import type { HttpBindings } from '../../http/base-app.ts';
import { makeProblem, problemResponse } from '../../http/problem.ts';

/** A web-standard app, as Hono's is; `bindings` reach it beside the request. */
export type WebApp = { fetch(request: Request, bindings: HttpBindings): Response | Promise<Response> };

/** What a Lambda function may answer at most is 6 MB of JSON, in which the body is a quoted string. */
const MAX_RESULT_BYTES = 5_900_000;

/** The standard request of an API Gateway REST (proxy, payload 1.0) event. Its path is the one without the stage. */
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
    // A header is bytes: what is no Latin-1 text goes in as its UTF-8.
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

/** The gateway's form of a whole response; binary bodies go in base64. */
export const resultOf = async (response: Response): Promise<APIGatewayProxyResult> => {
  const bytes = Buffer.from(await response.arrayBuffer());
  const isBase64Encoded = bytes.length > 0 && !isText(response.headers.get('content-type') ?? '');
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
  const result: Record<string, string[]> = {};
  for (const [name, value] of headers) result[name] = [...(result[name] ?? []), value];
  return result;
};

const isTooLarge = ({ body }: APIGatewayProxyResult): boolean =>
  body.length > MAX_RESULT_BYTES / 6 && Buffer.byteLength(JSON.stringify(body)) > MAX_RESULT_BYTES;

/**
 * A Lambda handler that answers whole, and only when all that was given to `waitUntil` has settled. A response that
 * the gateway could not carry becomes a problem that says so. An event that is no HTTP request at all is a 400.
 */
export const makeHttpHandler =
  (app: WebApp) =>
  async (event: APIGatewayProxyEvent, lambdaContext: Context): Promise<APIGatewayProxyResult> => {
    const background = makeBackground();
    const response = await respond(app, event, { event, lambdaContext, waitUntil: background.add });
    const result = await resultOf(response);
    await background.settled();
    if (!isTooLarge(result)) return result;
    const detail = 'the answer is larger than the gateway carries; read the parts one by one';
    return await resultOf(
      problemResponse({ problem: makeProblem('response_too_large', detail), headers: {} }),
    );
  };

/** An app's answer to an event; what the gateway let through though no `Request` can hold it is refused. */
export const respond = async (
  app: WebApp,
  event: APIGatewayProxyEvent,
  bindings: HttpBindings,
): Promise<Response> => {
  let request: Request;
  try {
    request = requestOf(event);
  } catch {
    const problem = makeProblem('invalid_input', 'this is not a request that can be read', { errors: [] });
    return problemResponse({ problem, headers: {} });
  }
  return await app.fetch(request, bindings);
};

/** Promises that must settle before an invocation may end, those added meanwhile included. */
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
