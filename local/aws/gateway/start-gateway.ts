import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type HttpListener, listen, readBody } from '../../http.ts';
import { strangerToPages } from '../../strangers.ts';
import type { FunctionPool } from '../lambda/function-pool.ts';
import type { Api, ApiMethod } from '../template/stack-model.ts';
import { readAnswer } from './buffered-answer.ts';
import { findResource } from './find-resource.ts';
import {
  INTEGRATION_TIMEOUT,
  MALFORMED_ANSWER,
  MISSING_TOKEN,
  type Refusal,
  refuse,
  refuseStranger,
  TOO_LARGE,
} from './gateway-response.ts';
import { isBinary, proxyEvent } from './proxy-event.ts';
import { streamAnswer } from './streamed-answer.ts';

export type GatewayOptions = {
  api: Api;
  account: string;
  port: number;
  invoke: FunctionPool['invoke'];
};

/** API Gateway's limit for a request body, and Lambda's for the event of a synchronous invocation. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_EVENT_BYTES = 6 * 1024 * 1024;

type Exchange = { request: IncomingMessage; response: ServerResponse; requestId: string };
type Call = Exchange & { method: ApiMethod; event: unknown };

/**
 * Serves a REST API on 127.0.0.1 as API Gateway does: it finds the resource, then the method, then calls the function.
 *
 * @throws {Error} the listener's error, with `code` `EADDRINUSE` when the port is taken.
 */
export const startGateway = async ({ api, account, port, invoke }: GatewayOptions): Promise<HttpListener> => {
  const sendRefusal = ({ response, requestId }: Exchange, refusal: Refusal): void => {
    if (response.headersSent) response.destroy();
    else refuse(response, api, refusal, requestId);
  };

  /** Answers with a timeout at the method's deadline. The function keeps running, as on AWS. */
  const withDeadline = (exchange: Exchange, method: ApiMethod): NodeJS.Timeout =>
    setTimeout(() => sendRefusal(exchange, INTEGRATION_TIMEOUT), method.timeoutMs);

  const answerBuffered = async (call: Call): Promise<void> => {
    const { request, response, requestId, method, event } = call;
    const payload = await invoke(method.functionId, event, { requestId });
    if (response.headersSent || response.destroyed) return;
    const answer = readAnswer(payload, isBinary(api.binaryMediaTypes, request.headers.accept));
    if (!answer) return sendRefusal(call, MALFORMED_ANSWER);
    const length: [string, string] = ['content-length', String(answer.body.length)];
    const own = answer.headers.filter(([name]) => name.toLowerCase() !== 'content-length');
    const type: [string, string][] = own.some(([name]) => name.toLowerCase() === 'content-type')
      ? []
      : [['content-type', 'application/json']];
    const bodiless = answer.status === 204 || answer.status === 304;
    response.writeHead(
      answer.status,
      [...own, ...(bodiless ? [] : [...type, length]), ['x-amzn-requestid', requestId]].flat(),
    );
    response.end(bodiless ? undefined : answer.body);
  };

  const answerStreamed = async (call: Call): Promise<void> => {
    const { response, requestId, method, event } = call;
    const sink = streamAnswer(response, requestId);
    const payload = await invoke(method.functionId, event, { requestId, sink });
    if (payload !== undefined || (sink.malformed() && !sink.begun())) sendRefusal(call, MALFORMED_ANSWER);
  };

  const serve = async (exchange: Exchange): Promise<void> => {
    const { request, requestId } = exchange;
    const url = new URL(`http://${request.headers.host}${request.url}`);
    const found = findResource(api.resourcePaths, url.pathname);
    const methods = api.methods.filter(({ resourcePath }) => resourcePath === found?.path);
    const method =
      methods.find(({ httpMethod }) => httpMethod === request.method) ??
      methods.find(({ httpMethod }) => httpMethod === 'ANY');
    if (!found || !method) return sendRefusal(exchange, MISSING_TOKEN);
    const body = await readBody(request, MAX_BODY_BYTES);
    if (!body) return sendRefusal(exchange, TOO_LARGE);
    const event = proxyEvent({
      ...{ request, url, body, method, requestId, api, account },
      pathParameters: found.parameters,
      now: new Date(),
    });
    if (Buffer.byteLength(JSON.stringify(event)) > MAX_EVENT_BYTES) return sendRefusal(exchange, TOO_LARGE);
    const timer = withDeadline(exchange, method);
    try {
      await (method.streaming ? answerStreamed : answerBuffered)({ ...exchange, method, event });
    } finally {
      clearTimeout(timer);
    }
  };

  const server = createServer((request, response) => {
    const exchange = { request, response, requestId: randomUUID() };
    response.on('error', () => response.destroy());
    const stranger = strangerToPages(request);
    if (stranger !== undefined) {
      request.resume();
      return refuseStranger(response, stranger, exchange.requestId);
    }
    serve(exchange).catch(() => sendRefusal(exchange, MALFORMED_ANSWER));
  });
  server.requestTimeout = 0; // the integration's timeout is the only limit
  return listen(server, port);
};
