import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { problemOf, problemResponse } from '../../http/problem.ts';
import { errorFields, type Log } from '../../observe/log.ts';
import { makeBackground, respond, type WebApp } from './http.ts';

type StreamingFunction = (event: APIGatewayProxyEvent, stream: Writable, context: Context) => Promise<void>;

/** The global `awslambda` of Lambda's Node runtime. */
export type AwsLambda = {
  streamifyResponse(handler: StreamingFunction): unknown;
  HttpResponseStream: {
    from(stream: Writable, prelude: { statusCode: number; headers: Record<string, string> }): Writable;
  };
};

declare const awslambda: AwsLambda;

/**
 * A Lambda handler that streams an app's responses through API Gateway. Its promise resolves once the body is written
 * or the client has disconnected, and every promise given to `waitUntil` has settled; Lambda freezes the process after
 * that. A slow client slows the reading of the body, never the run behind it. `begin` runs first in each invocation.
 */
export const makeStreamingHandler = (
  app: WebApp,
  { log, begin = () => {} }: { log: Log; begin?: (context: Context) => void },
  runtime: AwsLambda = awslambda,
): unknown =>
  runtime.streamifyResponse(async (event, stream, lambdaContext) => {
    begin(lambdaContext);
    const background = makeBackground();
    try {
      const response = await answer(app, event, lambdaContext, background.add, log);
      const headers = Object.fromEntries(response.headers);
      await write(
        response,
        runtime.HttpResponseStream.from(stream, { statusCode: response.status, headers }),
        log,
      );
    } finally {
      await background.settled();
    }
  });

const answer = async (
  app: WebApp,
  event: APIGatewayProxyEvent,
  lambdaContext: Context,
  waitUntil: (promise: Promise<unknown>) => void,
  log: Log,
): Promise<Response> => {
  try {
    return await respond(app, event, { event, lambdaContext, waitUntil });
  } catch (error) {
    log.error('http.failed', errorFields(error));
    return problemResponse(problemOf(error));
  }
};

/** Writes a body as fast as the client reads it, and cancels the rest once the client has disconnected. */
const write = async (response: Response, to: Writable, log: Log): Promise<void> => {
  const gone = new AbortController();
  const leave = () => gone.abort();
  to.on('error', leave);
  to.on('close', leave);
  // The runtime sends status and headers with the first write, so an empty body needs an empty write.
  to.write(Buffer.alloc(0));
  const reader = response.body?.getReader();
  gone.signal.addEventListener('abort', () => void reader?.cancel().catch(() => {}), { once: true });
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done || gone.signal.aborted) break;
      if (!to.write(Buffer.from(value))) await drained(to, gone.signal);
    }
  } catch (error) {
    // The headers are sent already. Throwing makes the runtime end the response as incomplete.
    log.error('http.stream_failed', {
      run_id: response.headers.get('x-everytoken-run-id') ?? undefined,
      ...errorFields(error),
    });
    throw error;
  }
  if (!gone.signal.aborted) await ended(to, gone.signal);
};

const drained = (to: Writable, signal: AbortSignal) => once(to, 'drain', { signal }).catch(() => {});

const ended = async (to: Writable, signal: AbortSignal): Promise<void> => {
  const finished = once(to, 'finish', { signal }).catch(() => {});
  to.end();
  await finished;
};
