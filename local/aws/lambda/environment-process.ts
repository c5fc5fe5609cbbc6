/**
 * The process of one Lambda environment. It loads the bundle, then serves one event at a time over the IPC channel to
 * the stack that started it. It exits when that channel closes.
 * Arguments: bundle folder, handler. `NODE_COMPILE_CACHE` names the folder of compiled code.
 */

import { existsSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { own } from '../../json.ts';
import { awslambda, ResponseStream, STREAMING_HANDLER } from './response-stream.ts';
import type { FromEnvironment, ReportedError, ToEnvironment } from './start-environment.ts';

/** Lambda's limit for a buffered response. */
const MAX_PAYLOAD_BYTES = 6_291_556;

const [folder = '', handlerName = ''] = process.argv.slice(2);
let current: ResponseStream | undefined;

type Handler = (event: unknown, second: unknown, third?: unknown) => unknown;

/** An error with the name that Lambda reports. */
const runtimeError = (name: string, message: string): Error => Object.assign(new Error(message), { name });

/**
 * Loads a handler such as `functions/api.handler` from a bundle's folder: the file without its extension, then the
 * name of the export.
 *
 * @throws {Error} named as on Lambda: `Runtime.ImportModuleError` when there is no such file,
 * `Runtime.HandlerNotFound` when it has no such export. Errors of the bundle's own code pass through.
 */
const loadHandler = async (folder: string, handler: string): Promise<Handler> => {
  const cut = handler.lastIndexOf('.');
  const [base, name] = [handler.slice(0, cut), handler.slice(cut + 1)];
  const file = ['.mjs', '.js', '.cjs'].map((extension) => join(folder, base + extension)).find(existsSync);
  if (!file) throw runtimeError('Runtime.ImportModuleError', `Cannot find module '${base}'`);
  const loaded: Record<string, unknown> = await import(pathToFileURL(file).href);
  const inDefault = (loaded.default ?? {}) as Record<string, unknown>;
  const found = Reflect.get(loaded, name) ?? own(inDefault, name);
  if (typeof found !== 'function') {
    throw runtimeError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  }
  return found as Handler;
};

const send = (message: FromEnvironment): void => {
  process.send?.(message);
};

const reported = (thrown: unknown): ReportedError =>
  thrown instanceof Error
    ? { errorType: thrown.name, errorMessage: thrown.message }
    : { errorType: typeof thrown, errorMessage: String(thrown) };

type Invoke = Extract<ToEnvironment, { type: 'invoke' }>;

const contextOf = ({ requestId, arn, deadline }: Invoke) => ({
  awsRequestId: requestId,
  invokedFunctionArn: arn,
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: '$LATEST',
  memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
  callbackWaitsForEmptyEventLoop: false,
  getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
});

const payloadOf = (result: unknown): string => {
  const payload = JSON.stringify(result) ?? 'null';
  const bytes = Buffer.byteLength(payload);
  if (bytes > MAX_PAYLOAD_BYTES) {
    const message = `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`;
    throw Object.assign(new Error(message), { name: 'Function.ResponseSizeTooLarge' });
  }
  return payload;
};

/** Runs a streaming handler; resolves once its promise is resolved and its stream has ended. */
const runStreaming = async (handler: Handler, invocation: Invoke): Promise<void> => {
  const stream = new ResponseStream(send);
  current = stream;
  const ended = finished(stream);
  ended.catch(() => {}); // a destroyed stream is reported below, after the handler's own error
  await handler(JSON.parse(invocation.event), stream, contextOf(invocation));
  await ended;
};

const serve = async (handler: Handler, invocation: Invoke): Promise<void> => {
  try {
    if (STREAMING_HANDLER in handler) {
      await runStreaming(handler, invocation);
      send({ type: 'done', payload: undefined });
    } else {
      const result = await handler(JSON.parse(invocation.event), contextOf(invocation));
      send({ type: 'done', payload: payloadOf(result) });
    }
  } catch (error) {
    send({ type: 'failed', error: reported(error) });
  } finally {
    current = undefined;
  }
};

// Ctrl-C reaches the whole process group, but the stack decides when its environments end.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
Object.assign(globalThis, { awslambda });
// Node has read it by now; a function has only the variables of its own.
delete process.env.NODE_COMPILE_CACHE;

try {
  const handler = await loadHandler(folder, handlerName);
  process.on('message', (message: ToEnvironment) => {
    if (message.type === 'taken') current?.taken(message.bytes);
    else void serve(handler, message);
  });
  send({ type: 'ready' });
  // Flushed now, so that the next environment has the cache even if this one is killed.
  setImmediate(flushCompileCache);
} catch (error) {
  console.error(error);
  const message: FromEnvironment = { type: 'init-failed', error: reported(error) };
  process.send?.(message, () => process.exit(1));
}
