import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';

type Monotonic = { monotonic(): number };

/**
 * One request on its way: `connectMs` is filled in when its headers are sent, null where it cannot be known;
 * `apiKey` is the key it was sent with, where that was read for it.
 */
export type Dispatch = {
  readonly clock: Monotonic;
  t0: number;
  connectMs: number | null;
  connectFrom?: number;
  apiKey?: string;
};

const current = new AsyncLocalStorage<Dispatch>();
const dispatchOf = new WeakMap<object, Dispatch>();
const openedAt = new WeakMap<object, { from: number; to: number }>();
const used = new WeakSet<object>();
let observing = false;

/**
 * Runs `send` (which calls `fetch`) as one dispatch. How long its connection took is read from the events of Node's
 * own undici: DNS, TCP and TLS of a new connection, of which only what falls after t0 counts; 0 on a reused one.
 */
export const dispatch = <T>(dispatched: Dispatch, send: () => T): T => {
  observe();
  return current.run(dispatched, send);
};

/** The request that the running code belongs to. */
export const currentDispatch = (): Dispatch | undefined => current.getStore();

const observe = (): void => {
  if (observing) return;
  observing = true;
  subscribe('undici:request:create', (message) => {
    const { request } = message as { request: object };
    const dispatched = current.getStore();
    if (dispatched) dispatchOf.set(request, dispatched);
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
