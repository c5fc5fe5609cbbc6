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
