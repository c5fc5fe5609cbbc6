/**
 * Timeouts for a client of the AWS SDK: 3 s to connect, then `silenceMs` for the response to begin and for any silence
 * within it. By default the SDK waits for ever. Without `throwOnRequestTimeout` it only warns on the console at
 * `requestTimeout` and keeps waiting.
 */
export const requestLimits = (silenceMs: number) => ({
  connectionTimeout: 3_000,
  requestTimeout: silenceMs,
  socketTimeout: silenceMs,
  throwOnRequestTimeout: true,
});

/** Options of every client. The SDK reads region, credentials and AWS_ENDPOINT_URL_* from the environment itself. */
export const clientOptions = ({ silenceMs = 10_000 } = {}) => ({
  maxAttempts: 4,
  requestHandler: requestLimits(silenceMs),
});

type Step = (args: never) => Promise<unknown>;
/** The part of a client's middleware stack that is used here, whatever the client. */
type Stack = {
  add(middleware: unknown, options: { step: 'deserialize'; priority: 'high'; name: string }): void;
};

/**
 * Makes the SDK retry a response that was cut off in the middle: it throws the JSON parser's `SyntaxError`, which the
 * SDK does not count as retryable. The retry is the SDK's own, so a client with one attempt still makes one.
 */
const retryUnreadable = {
  applyToStack: (stack: Stack): void => {
    stack.add(
      (next: Step) => async (args: never) => {
        try {
          return await next(args);
        } catch (error) {
          if (error instanceof SyntaxError) Object.assign(error, { $retryable: {} });
          throw error;
        }
      },
      { step: 'deserialize', priority: 'high', name: 'retryUnreadable' },
    );
  },
};

export const withUnreadableRetry = <C extends { middlewareStack: { use(plugin: never): unknown } }>(
  client: C,
): C => {
  client.middlewareStack.use(retryUnreadable as never);
  return client;
};
