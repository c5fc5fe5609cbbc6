import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../../../local/http.ts';
import { InitError, type Invocation, type Outcome, type ReportedError } from './outcome.ts';

export type RuntimeApi = {
  /** `host:port`, the value for AWS_LAMBDA_RUNTIME_API. */
  address: string;
  /** Resolves when the runtime first polls for an event; rejects with the `InitError` it reports. */
  initialised: Promise<void>;
  /** Resolves once the function has answered and its runtime polls for the next event: only then is it free. */
  invoke: (invocation: Invocation) => Promise<Outcome>;
  /** Tells this API that the process has ended: rejects all waiting and later calls with `reason`. */
  ended: (reason: Error) => void;
  close: () => Promise<void>;
};

export type RuntimeApiOptions = {
  /** Called when the runtime polls and there is no event: Lambda freezes the process then. */
  onIdle?: () => void;
  /** Called before an event is sent to the runtime: Lambda thaws the process then. */
  onWake?: () => void;
};

type Current = {
  onArrival: Invocation['onArrival'];
  onAnswered: Invocation['onAnswered'];
  requestId: string;
  outcome: Outcome;
  answered: boolean;
};
type Settle = { resolve: (outcome: Outcome) => void; reject: (error: Error) => void };

/**
 * Lambda's limit for an answer that is not streamed: 6 MB and 100 bytes.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_ANSWER_BYTES = 6_291_556;
const TOO_LARGE = 'Function.ResponseSizeTooLarge';
const PREFIX = '/2018-06-01/runtime';

const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * Serves the Runtime API of one execution environment on 127.0.0.1: next, response (whole or streamed), error and
 * init/error. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export const startRuntimeApi = async ({ onIdle, onWake }: RuntimeApiOptions = {}): Promise<RuntimeApi> => {
  const initialised = Promise.withResolvers<void>();
  initialised.promise.catch(() => {}); // `initialised` and `invoke` report it to their callers
  let polling: ServerResponse | undefined;
  let current: Current | undefined;
  let settle: Settle | undefined;
  let lost: Error | undefined;

  const next = (response: ServerResponse): void => {
    initialised.resolve();
    polling = response;
    onIdle?.();
    const done = settle;
    const outcome = current?.outcome;
    const answered = current?.answered;
    [settle, current] = [undefined, undefined];
    if (!done || !outcome) return;
    if (answered) done.resolve(outcome);
    else done.reject(new Error('the runtime polled for the next event without an answer to the last one'));
  };

  const streamedAnswer = async (request: IncomingMessage, { outcome, onArrival }: Current): Promise<void> => {
    outcome.streamed = true;
    for await (const bytes of request) {
      const arrival = { atMs: monotonicMs(), bytes };
      outcome.arrivals.push(arrival);
      await onArrival?.(arrival);
    }
    outcome.error = errorInTrailers(request);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse, into: Current): Promise<void> => {
    into.outcome.contentType = request.headers['content-type'];
    if (request.headers['lambda-runtime-function-response-mode'] === 'streaming') {
      await streamedAnswer(request, into);
    } else {
      const bytes = await bodyOf(request);
      into.outcome.arrivals.push({ atMs: monotonicMs(), bytes });
      if (bytes.byteLength > MAX_ANSWER_BYTES) {
        const errorMessage = `an answer of ${bytes.byteLength} bytes is larger than ${MAX_ANSWER_BYTES}`;
        into.outcome.error = { errorType: TOO_LARGE, errorMessage };
      }
    }
    reply(response, into.outcome.error?.errorType === TOO_LARGE ? 413 : 202, { status: 'OK' });
    conclude(into);
  };

  const conclude = (answering: Current): void => {
    answering.answered = true;
    answering.onAnswered?.(answering.outcome);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '';
    if (request.method === 'GET' && path === `${PREFIX}/invocation/next`) return next(response);
    if (request.method === 'POST' && path === `${PREFIX}/init/error`) {
      initialised.reject(new InitError(reportedIn((await bodyOf(request)).toString())));
      return reply(response, 202, { status: 'OK' });
    }
    const [, requestId, kind] =
      /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    if (request.method !== 'POST' || kind === undefined)
      return reply(response, 404, { errorType: 'NotFound' });
    if (!current || current.requestId !== decodeURIComponent(requestId ?? '')) {
      request.resume();
      return reply(response, 400, {
        errorType: 'InvalidRequestID',
        errorMessage: 'this request id is not the one of the current event',
      });
    }
    if (kind === 'response') return answer(request, response, current);
    const answering = current;
    answering.outcome.error = reportedIn((await bodyOf(request)).toString());
    reply(response, 202, { status: 'OK' });
    conclude(answering);
  };

  const server = createServer((request, response) => {
    // A killed runtime breaks its connection off. The sandbox reports that through `ended`.
    serve(request, response).catch(() => response.destroy());
  });
  server.requestTimeout = 0;
  const { url, close } = await listen(server, 0);

  const invoke = async (invocation: Invocation): Promise<Outcome> => {
    await initialised.promise;
    if (lost) throw lost;
    const response = polling;
    if (!response) throw new Error('the function is still working on an event');
    const requestId = invocation.requestId ?? randomUUID();
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const outcome: Outcome = { streamed: false, contentType: undefined, arrivals: [], error: undefined };
    [polling, settle] = [undefined, { resolve, reject }];
    const { onArrival, onAnswered } = invocation;
    current = { requestId, outcome, onArrival, onAnswered, answered: false };
    onWake?.();
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': requestId,
      'lambda-runtime-deadline-ms': String(Date.now() + invocation.timeoutMs),
      'lambda-runtime-invoked-function-arn': invocation.arn,
      ...(invocation.traceId !== undefined && { 'lambda-runtime-trace-id': invocation.traceId }),
    });
    response.end(invocation.event);
    return promise;
  };

  return {
    address: url.slice('http://'.length),
    initialised: initialised.promise,
    invoke,
    ended: (reason) => {
      lost = reason;
      initialised.reject(reason);
      settle?.reject(reason);
      settle = undefined;
    },
    close,
  };
};

/** Reads the whole body of a request. */
const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** Parses an error as the runtime writes it; keeps the type and the message only. */
const reportedIn = (json: string): ReportedError => {
  const { errorType = '', errorMessage = '' } = JSON.parse(json) as Partial<ReportedError>;
  return { errorType, errorMessage };
};

/** Reads the error of a broken stream, which ends as a complete request with two trailers; undefined: none. */
const errorInTrailers = ({ trailers }: IncomingMessage): ReportedError | undefined => {
  const type = trailers['lambda-runtime-function-error-type'];
  const body = trailers['lambda-runtime-function-error-body'];
  if (type === undefined && body === undefined) return undefined;
  return reportedIn(Buffer.from(body ?? '', 'base64').toString() || JSON.stringify({ errorType: type }));
};

const reply = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
