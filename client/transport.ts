import { ApiError, ConnectionError, errorOf, StorageError, TimeoutError } from './errors.ts';

export type CallOptions = {
  signal?: AbortSignal | undefined;
  /** Time for the whole call in ms, with all its retries. */
  timeoutMs?: number | undefined;
  /** Retries after the first attempt; 0 for none. */
  maxRetries?: number | undefined;
};

/** Options of a call that creates something. */
export type CreateOptions = CallOptions & {
  /** By default a random one for each call; the same one gives the same run or comparison, also in another process. */
  idempotencyKey?: string | undefined;
};

export type ClientOptions = {
  /** The API's address with its stage: `https://abc.execute-api.us-east-1.amazonaws.com/prod`. */
  baseUrl: string;
  /** Not needed where the API asks for none, as the local stack does not. */
  apiKey?: string | undefined;
  /** Instead of the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Default of each call's `timeoutMs`: 300,000. */
  timeoutMs?: number | undefined;
  /** Default of each call's `maxRetries`: 3. */
  maxRetries?: number | undefined;
};

type Call = {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  /** Texts and numbers by name; those without a value are left out. */
  query?: object | undefined;
  body?: unknown;
  headers?: Record<string, string>;
  /**
   * Whether the request may be sent again after the API may have received it, because twice is the same as once. If
   * not, it is sent again only after a refusal (429).
   */
  isRepeatable: boolean;
};

/** A point in time at which a call ends, and the caller's signal to end it earlier. */
export type Limit = { endsAt: number; signal: AbortSignal | undefined };

export type Transport = {
  /** Starts the time of a call. */
  limit(options?: CallOptions, defaultMs?: number): Limit;
  /**
   * Sends a request until it is answered, and reads the answer by `read`; a failure while reading counts as one of the
   * connection.
   *
   * @throws {ApiError} refused, after the retries that make sense.
   * @throws {ConnectionError} no answer after all retries.
   * @throws {TimeoutError} no answer in time.
   */
  send<T>(
    call: Call,
    read: (response: Response) => Promise<T>,
    limit: Limit,
    options?: CallOptions,
  ): Promise<T>;
  /** `send`, for an answer in JSON. */
  json<T>(call: Call, options?: CallOptions, limit?: Limit): Promise<T>;
  /** A request to an address that was given out, without the key. */
  fetchUrl(url: string, init: RequestInit, limit: Limit): Promise<Response>;
  /** The object at an address that was given out. @throws {StorageError} the object store refuses it. */
  download(url: string, limit: Limit): Promise<Response>;
};

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 8_000;
/** 24 days. A timer of more ends at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const now = (): number => performance.now();

export const makeTransport = (client: ClientOptions): Transport => {
  const { apiKey, timeoutMs: clientTimeoutMs = 300_000, maxRetries: clientRetries = 3 } = client;
  const base = client.baseUrl.replace(/\/+$/, '');
  // Called as a plain function: a browser's fetch refuses another `this`.
  const fetchBy: typeof globalThis.fetch = client.fetch ?? ((...request) => globalThis.fetch(...request));

  const transport: Transport = {
    limit: ({ signal, timeoutMs } = {}, defaultMs = clientTimeoutMs) => ({
      endsAt: now() + (timeoutMs ?? defaultMs),
      signal,
    }),

    send: async (call, read, limit, { maxRetries = clientRetries } = {}) => {
      const init = initOf(call, apiKey);
      const url = `${base}${call.path}${queryOf(call.query)}`;
      let retries = 0;
      for (;;) {
        const outcome = await within(limit, async (signal) => {
          const response = await fetchBy(url, { ...init, signal });
          return response.ok ? { value: await read(response) } : { error: await errorOf(response) };
        });
        if ('value' in outcome) return outcome.value;
        const { error } = outcome;
        const isWaiting = error instanceof ApiError && error.code === 'run_in_progress' && call.isRepeatable;
        if (!isWaiting && (!isWorthAnother(error, call) || retries >= maxRetries)) throw error;
        const delayMs = delayOf(error, retries);
        if (now() + delayMs >= limit.endsAt) throw error;
        if (!isWaiting) retries++;
        await sleep(delayMs, limit.signal);
      }
    },

    json: (call, options, limit = transport.limit(options)) =>
      transport.send(call, async (response) => (await jsonOf(response)) as never, limit, options),

    fetchUrl: async (url, init, limit) => {
      const outcome = await within(limit, async (signal) => ({
        value: await fetchBy(url, { ...init, signal }),
      }));
      if ('error' in outcome) throw outcome.error;
      return outcome.value;
    },

    download: async (url, limit) => {
      const response = await transport.fetchUrl(url, {}, limit);
      if (response.ok) return response;
      throw new StorageError(`the object store refused the download: ${response.status}`, response);
    },
  };
  return transport;
};

/** The address of another service, or one without its stage, may answer with a page; half an answer is JSON by its type. */
const jsonOf = async (response: Response): Promise<unknown> => {
  const type = response.headers.get('content-type') ?? 'no type';
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (type.includes('json')) throw cause;
    throw new ApiError({
      status: response.status,
      code: 'not_json',
      title: 'The answer is not JSON',
      detail: `the answer is ${type}, not JSON; check the address, which ends in the stage of the API`,
    });
  }
};

const initOf = ({ method, body, headers }: Call, apiKey: string | undefined): RequestInit => ({
  method,
  headers: {
    ...(apiKey && { authorization: `Bearer ${apiKey}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...headers,
  },
  ...(body !== undefined && { body: JSON.stringify(body) }),
});

const queryOf = (query: object = {}): string => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
};

type Outcome<T> = { value: T } | { error: ApiError | ConnectionError };

/** One attempt. Throws at an abort and when the time is over; a failure of the connection is an outcome. */
const within = async <T>(
  { endsAt, signal }: Limit,
  attempt: (signal: AbortSignal) => Promise<Outcome<T>>,
): Promise<Outcome<T>> => {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, Math.min(LONGEST_TIMER_MS, Math.max(0, endsAt - now())));
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await attempt(controller.signal);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof ApiError) return { error: cause };
    if (controller.signal.aborted) throw new TimeoutError('the API did not answer in time', { cause });
    return { error: new ConnectionError(`the connection to the API failed: ${messageOf(cause)}`, { cause }) };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
};

/** `fetch` hides the reason in the cause of its TypeError. */
const messageOf = (error: unknown): string => {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inner instanceof Error ? inner.message || inner.name : String(inner);
};

/** A failed run stays failed, so its problem is final: the same Idempotency-Key gives the same answer. */
const isWorthAnother = (error: ApiError | ConnectionError, { isRepeatable }: Call): boolean => {
  if (error instanceof ConnectionError) return isRepeatable;
  if (error.run !== undefined) return false;
  return error.status === 429 || (isRepeatable && [502, 503, 504].includes(error.status));
};

/** The delay that the API asks for, else one that doubles, of which a random half is left out. */
const delayOf = (error: ApiError | ConnectionError, retries: number): number => {
  if (error instanceof ApiError && error.retryAfterMs !== undefined) return error.retryAfterMs;
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** retries) * (0.5 + Math.random() / 2);
};

/** Resolves after `ms`; throws the signal's reason when it is aborted before. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      },
      Math.min(LONGEST_TIMER_MS, ms),
    );
    signal?.addEventListener('abort', abort, { once: true });
  });

/** `crypto.randomUUID` exists only in pages from https and localhost, so the key is made of random bytes. */
export const newIdempotencyKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );

/** One segment of a path. */
export const segment = (id: string): string => encodeURIComponent(id);
