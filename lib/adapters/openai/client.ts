import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import OpenAI from 'openai';
import type { Clock } from '../../async/clock.ts';

/** An API key, or a reader of it. After `forget` the next `read` bypasses any cache. */
export type ApiKey = string | { read(): Promise<string>; forget(): void };

type Access = { apiKey: ApiKey; baseURL: string; clock: Clock };

/**
 * A request in flight, filled in as it is sent. `t0` is the time at which undici takes it up, after `fetch` has made it
 * and before it looks for a connection; the time right before `fetch` until then. `connectMs` is set when the headers
 * are sent, and stays null when it cannot be measured. `apiKey` is the key sent, if it was read for this
 * request.
 */
export type Dispatch = {
  readonly clock: Pick<Clock, 'monotonic'>;
  t0: number;
  connectMs: number | null;
  connectFrom?: number;
  isTakenUp?: boolean;
  apiKey?: string;
  /** Called at t0. */
  onSend?: (t0: number) => void;
};

/** Longer than any prompt, which an error can repeat. The SDK reads an error whole, so the rest is cut off. */
const MAX_ERROR_BYTES = 8 * 1024 * 1024;

const current = new AsyncLocalStorage<Dispatch>();
const dispatchOf = new WeakMap<object, Dispatch>();
const openedAt = new WeakMap<object, { from: number; to: number }>();
const used = new WeakSet<object>();
let observing = false;

/**
 * Runs `send`, which calls `fetch`, and records the request in `dispatched`. Measures the connection time by the
 * diagnostics channels of Node's undici (https://undici.nodejs.org/#/docs/api/DiagnosticsChannel): DNS, TCP and TLS of
 * a new connection, counted from t0 at the earliest, and 0 for a reused one.
 */
export const dispatch = <T>(dispatched: Dispatch, send: () => T): T => {
  observe();
  return current.run(dispatched, send);
};

/** Keeps the whole body of an error in `error`; the SDK keeps only the body's field `error`, and no text at all. */
class Client extends OpenAI {
  protected override makeStatusError(
    status: number,
    body: object | undefined,
    text: string | undefined,
    headers: Headers,
  ) {
    return super.makeStatusError(status, { error: body ?? text }, text, headers);
  }
}

/** The SDK's client for a model server. It never retries, logs nothing, and sets t0. */
export const makeOpenAIClient = ({ apiKey, baseURL, clock }: Access): OpenAI =>
  new Client({
    apiKey: typeof apiKey === 'string' ? apiKey : () => readKey(apiKey),
    baseURL,
    maxRetries: 0,
    logLevel: 'off', // the SDK's debug log contains prompts, and OPENAI_LOG would turn it on
    fetch: async (url, init) => {
      const sent = current.getStore();
      if (sent) sent.t0 = clock.monotonic();
      const response = await fetch(url, init);
      return response.ok ? response : shortened(response);
    },
  });

const shortened = ({ body, status, statusText, headers }: Response): Response => {
  const reader = body?.getReader();
  if (reader === undefined) return new Response(null, { status, statusText, headers });
  let left = MAX_ERROR_BYTES;
  const cut = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (!done) controller.enqueue(value.subarray(0, left));
      left -= value?.length ?? 0;
      if (!done && left > 0) return;
      controller.close();
      await reader.cancel();
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(cut, { status, statusText, headers });
};

const readKey = async (apiKey: Exclude<ApiKey, string>): Promise<string> => {
  const key = await apiKey.read();
  const sent = current.getStore();
  if (sent) sent.apiKey = key;
  return key;
};

const observe = (): void => {
  if (observing) return;
  observing = true;
  subscribe('undici:request:create', (message) => {
    const { request } = message as { request: object };
    const dispatched = current.getStore();
    if (!dispatched) return;
    dispatchOf.set(request, dispatched);
    if (dispatched.isTakenUp) return; // a redirect is part of the answer's time
    dispatched.isTakenUp = true;
    dispatched.t0 = dispatched.clock.monotonic();
    dispatched.onSend?.(dispatched.t0);
  });
  subscribe('undici:client:beforeConnect', () => {
    const dispatched = current.getStore();
    if (dispatched) dispatched.connectFrom = dispatched.clock.monotonic();
  });
  subscribe('undici:client:connected', (message) => {
    const { socket } = message as { socket: object };
    const opener = current.getStore();
    if (opener?.connectFrom === undefined) return;
    openedAt.set(socket, { from: opener.connectFrom, to: opener.clock.monotonic() });
  });
  subscribe('undici:client:sendHeaders', (message) => {
    const { request, socket } = message as { request: object; socket: object };
    const dispatched = dispatchOf.get(request);
    if (dispatched) dispatched.connectMs = connectMsOf(socket, dispatched.t0);
    used.add(socket);
  });
};

const connectMsOf = (socket: object, t0: number): number | null => {
  if (used.has(socket)) return 0;
  const opened = openedAt.get(socket);
  return opened === undefined ? null : Math.max(0, opened.to - Math.max(opened.from, t0));
};
