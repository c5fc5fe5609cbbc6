import { isObject } from '../../../lib/json/value.ts';
import { type Draw, drawBytes, drawOddText, drawWords } from './draw.ts';
import { drawValue, type Json } from './draw-value.ts';
import { BODY_FAULTS, spoilText, spoilValue, TEXT_FAULTS } from './spoil-body.ts';

export type FuzzRequest = {
  method: string;
  /** As sent over the wire, with the query. */
  path: string;
  headers: Record<string, string>;
  body: string | Buffer | undefined;
  /** The fault that was put in; `valid`: none. */
  fault: string;
};

/** Ids that earlier answers named. */
export type KnownIds = { runs: string[]; comparisons: string[]; files: string[] };

type Parameter = { name: string; in: string; schema: Json };
export type Operation = { method: string; path: string; parameters: Parameter[]; body: Json | undefined };

export const operationsOf = (document: Json): Operation[] =>
  Object.entries(document.paths as Record<string, Record<string, Json>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters, requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      parameters: (parameters ?? []) as Parameter[],
      body: bodySchemaOf(requestBody),
    })),
  );

const bodySchemaOf = (requestBody: unknown): Json | undefined => {
  const content = isObject(requestBody) && isObject(requestBody.content) ? requestBody.content : {};
  const json = content['application/json'];
  return isObject(json) && isObject(json.schema) ? json.schema : undefined;
};

/** Draws a request that the operation's schemas allow. */
export const drawValid = (operation: Operation, document: Json, draw: Draw, known: KnownIds): FuzzRequest => {
  const headers: Record<string, string> = {};
  const query = new URLSearchParams();
  let { path } = operation;
  for (const { name, in: place, schema } of operation.parameters) {
    if (place === 'path')
      path = path.replace(`{${name}}`, encodeURIComponent(pathValue(name, path, draw, known)));
    else if (place === 'query' && draw.chance(0.2)) {
      query.append(name.replace('KEY', 'team'), queryValue(name, schema, document, draw));
    }
  }
  if (operation.parameters.some(({ name }) => name === 'Idempotency-Key') && draw.chance(0.4))
    headers['idempotency-key'] = `fuzz-${draw.below(500)}`;
  if (draw.chance(0.1)) headers.prefer = draw.pick(['wait=5', 'wait=1, respond-async', 'return=minimal']);
  if (operation.body) headers['content-type'] = draw.pick(JSON_TYPES);
  return {
    method: operation.method,
    path: query.size > 0 ? `${path}?${query}` : path,
    headers,
    body: operation.body && JSON.stringify(drawValue(operation.body, document, draw)),
    fault: 'valid',
  };
};

const JSON_TYPES = ['application/json', 'application/json; charset=utf-8', 'Application/JSON'];

const pathValue = (name: string, path: string, draw: Draw, known: KnownIds): string => {
  if (name === 'index') return String(draw.below(3));
  if (name === 'model') return draw.pick(['everytoken-ngram', 'somebody/else']);
  if (path.startsWith('/v1/responses')) return `resp_${pathValue(name, '/runs', draw, known)}`;
  const kind = Object.keys(known).find((each) => path.startsWith(`/${each}`));
  const ids = known[(kind ?? 'runs') as keyof KnownIds];
  return ids.length > 0 && draw.chance(0.8) ? draw.pick(ids) : 'run_00000000000000000000000000';
};

const queryValue = (name: string, schema: Json, document: Json, draw: Draw): string =>
  name === 'group_by'
    ? draw.pick(['model', 'label', 'day', 'metadata.team'])
    : String(drawValue(schema, document, draw, name));

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];
const OTHER_TYPES = [
  'text/plain',
  'application/jsonp',
  'application/json; charset=latin1',
  'multipart/form-data',
  ';',
  '*/*',
];
const ODD_HEADERS: Record<string, string[]> = {
  'idempotency-key': ['', ' ', 'a b', 'x'.repeat(256), '\u00e9', '\t', 'a,b'],
  prefer: ['wait', 'wait=', 'wait=-1', 'wait=1e3', 'wait=99999999999', 'wait="2"', 'wait=5; x, wait=abc'],
  authorization: ['Bearer', 'Bearer x', 'Basic eDp5', 'bearer \u00ff', `Bearer ${'k'.repeat(4_000)}`],
  'x-api-key': ['', 'x', 'local', '\u00fc'],
  accept: ['', 'text/event-stream', 'image/*;q=0', 'nonsense'],
  'content-encoding': ['gzip', 'identity', 'br'],
  'x-forwarded-host': ['other.example'],
  range: ['bytes=0-1'],
  'if-match': ['*'],
  cookie: ['a=b'],
};
const ODD_QUERIES = [
  '%',
  '%zz',
  '%00',
  '%ff=1',
  '=',
  '&&',
  'limit=',
  'limit=0',
  'limit=1e2',
  'limit=1&limit=2',
  'cursor=%F0%9F',
  'cursor=x',
  'since=never',
  'status=done',
  'metadata.=x',
  '__proto__=1',
  'metadata.__proto__=x',
  'wait=x',
  'wait=-1',
  'unknown=1',
  'since=2026-02-30',
];
const ODD_IDS = [
  '%',
  '%2e%2e',
  '%00',
  '..',
  '.',
  '%2F',
  'run_',
  '__proto__',
  'x'.repeat(2_000),
  '%F0%9F%92%A9',
  ' ',
  'RUN%23x',
  '*',
  '-1',
];

/** Draws a valid request and puts one fault into its body, headers, method, path or query. */
export const drawSpoiled = (
  operation: Operation,
  document: Json,
  draw: Draw,
  known: KnownIds,
): FuzzRequest => {
  const request = drawValid(operation, document, draw, known);
  const place = draw.below(operation.body ? 20 : 8);
  if (place >= 11) return spoiledValue(request, draw);
  if (place >= 8) return spoiledText(request, draw);
  if (place < 1) return withMethod(request, draw);
  if (place < 2 && operation.body) return withType(request, draw);
  if (place < 4) return withHeader(request, draw);
  if (place < 6) return withQuery(request, draw);
  return withPath(request, operation, draw);
};

/** Faults that are always refused. Requests with other faults may still be accepted. */
const SURELY_REFUSED = [
  'unknown name',
  'raw number',
  'too deep',
  'bytes',
  'other root',
  'cut',
  'content type',
  'path',
];
const READS = ['GET', 'HEAD'];

/** Draws a spoiled request that only reads, or that is sure to be refused. */
export const drawRefused = (
  operation: Operation,
  document: Json,
  draw: Draw,
  known: KnownIds,
): FuzzRequest => {
  for (;;) {
    const request = drawSpoiled(operation, document, draw, known);
    const isReading = READS.includes(request.method) && !request.path.startsWith('/comparisons');
    if (isReading || (SURELY_REFUSED.includes(request.fault) && request.method !== 'PUT')) return request;
  }
};

const spoiledValue = (request: FuzzRequest, draw: Draw): FuzzRequest => {
  const fault = draw.pick(BODY_FAULTS);
  return { ...request, body: spoilValue(JSON.parse(String(request.body)), fault, draw), fault };
};

const spoiledText = (request: FuzzRequest, draw: Draw): FuzzRequest => {
  const fault = draw.pick(TEXT_FAULTS);
  return { ...request, body: spoilText(String(request.body), fault, draw), fault };
};

const withMethod = (request: FuzzRequest, draw: Draw): FuzzRequest => {
  const others = METHODS.filter((method) => method !== request.method);
  const method = draw.pick(others);
  const body = ['GET', 'HEAD'].includes(method) ? undefined : (request.body ?? drawWords(draw));
  return { ...request, method, body, fault: 'method' };
};

const withType = (request: FuzzRequest, draw: Draw): FuzzRequest => ({
  ...request,
  headers: { ...request.headers, 'content-type': draw.pick(OTHER_TYPES) },
  fault: 'content type',
});

const withHeader = (request: FuzzRequest, draw: Draw): FuzzRequest => {
  const name = draw.pick(Object.keys(ODD_HEADERS));
  const value = draw.pick(ODD_HEADERS[name] ?? ['']);
  return { ...request, headers: { ...request.headers, [name]: value }, fault: `header ${name}` };
};

const withQuery = (request: FuzzRequest, draw: Draw): FuzzRequest => {
  const odd = draw.chance(0.7)
    ? draw.pick(ODD_QUERIES)
    : `${encodeURIComponent(wellFormed(drawOddText(draw)))}=${encodeURIComponent(wellFormed(drawOddText(draw)))}`;
  return {
    ...request,
    path: `${request.path}${request.path.includes('?') ? '&' : '?'}${odd}`,
    fault: 'query',
  };
};

const withPath = (request: FuzzRequest, operation: Operation, draw: Draw): FuzzRequest => {
  const odd = draw.chance(0.7) ? draw.pick(ODD_IDS) : drawBytes(draw, 6).toString('base64url');
  const path = operation.path.includes('{')
    ? operation.path.replace(/\{\w+\}/g, () => odd)
    : `${operation.path.replace(/\/$/, '')}/${odd}`;
  return { ...request, path: path.replaceAll(' ', '%20'), fault: 'path' };
};

const wellFormed = (text: string): string => text.toWellFormed();
