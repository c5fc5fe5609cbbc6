/**
 * What a client of AWS's SDK waits for at most: a connection, then an answer's beginning or silence within it, each for
 * `silenceMs`. The SDK's default is to wait for ever (and, unless told to throw, to warn of a limit on the console and
 * wait on).
 */
export const requestLimits = (silenceMs: number) => ({
  connectionTimeout: 3_000,
  requestTimeout: silenceMs,
  socketTimeout: silenceMs,
  throwOnRequestTimeout: true,
});
