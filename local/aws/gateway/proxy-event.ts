import type { IncomingMessage } from 'node:http';
import type { Api, ApiMethod } from '../template/stack-model.ts';

export type ProxyRequest = {
  request: IncomingMessage;
  url: URL;
  body: Buffer;
  method: ApiMethod;
  pathParameters: Record<string, string>;
  requestId: string;
  api: Api;
  account: string;
  now: Date;
};

type Multi = Record<string, string[]>;

const collect = (pairs: Iterable<readonly [string, string]>): Multi => {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values); // assignment would treat the name __proto__ specially
};

const last = (multi: Multi): Record<string, string> =>
  Object.fromEntries(Object.entries(multi).map(([name, values]) => [name, values.at(-1) ?? '']));

const orNull = <T extends object>(value: T): T | null => (Object.keys(value).length > 0 ? value : null);

/** Whether a media type is in the API's list; `*` matches any type or subtype. */
export const isBinary = (binaryMediaTypes: readonly string[], mediaType: string | undefined): boolean => {
  const [type = '', subtype = ''] = (mediaType?.split(/[;,]/)[0] ?? '').trim().toLowerCase().split('/');
  return binaryMediaTypes.some((listed) => {
    const [listedType, listedSubtype] = listed.toLowerCase().split('/');
    return (
      (listedType === '*' || listedType === type) && (listedSubtype === '*' || listedSubtype === subtype)
    );
  });
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The time in the format of access logs: `22/Nov/2026:13:45:57 +0000`. */
const requestTime = (now: Date): string => {
  const iso = now.toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[now.getUTCMonth()]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
};

/** The headers as the client wrote them, plus those that API Gateway adds. */
const headersOf = ({ request, url, requestId }: ProxyRequest): Multi => {
  const raw = request.rawHeaders;
  const pairs = Array.from(
    { length: raw.length / 2 },
    (_, i) => [raw[2 * i] ?? '', raw[2 * i + 1] ?? ''] as const,
  );
  return {
    ...collect(pairs),
    'X-Amzn-Trace-Id': [`Root=${requestId}`],
    'X-Forwarded-For': [request.socket.remoteAddress ?? '127.0.0.1'],
    'X-Forwarded-Port': [url.port],
    'X-Forwarded-Proto': ['http'],
  };
};

/**
 * The event of a REST API's Lambda proxy integration (payload version 1.0). Unlike on AWS, `requestContext.path` does
 * not begin with the stage.
 */
export const proxyEvent = (proxyRequest: ProxyRequest): Record<string, unknown> => {
  const { request, url, body, method, pathParameters, requestId, api, account, now } = proxyRequest;
  const headers = headersOf(proxyRequest);
  const query = collect(url.searchParams);
  const base64 = isBinary(api.binaryMediaTypes, request.headers['content-type']);
  return {
    resource: method.resourcePath,
    path: url.pathname,
    httpMethod: request.method,
    headers: last(headers),
    multiValueHeaders: headers,
    queryStringParameters: orNull(last(query)),
    multiValueQueryStringParameters: orNull(query),
    pathParameters: orNull(pathParameters),
    stageVariables: null,
    requestContext: {
      resourceId: method.resourceId,
      resourcePath: method.resourcePath,
      httpMethod: request.method,
      path: url.pathname,
      protocol: `HTTP/${request.httpVersion}`,
      stage: api.stage,
      accountId: account,
      apiId: api.id,
      requestId,
      extendedRequestId: requestId,
      requestTime: requestTime(now),
      requestTimeEpoch: now.getTime(),
      domainName: url.hostname,
      domainPrefix: api.id,
      identity: {
        accessKey: null,
        accountId: null,
        caller: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        user: null,
        userAgent: request.headers['user-agent'] ?? null,
        userArn: null,
      },
    },
    body: body.length === 0 ? null : body.toString(base64 ? 'base64' : 'utf8'),
    isBase64Encoded: base64 && body.length > 0,
  };
};
