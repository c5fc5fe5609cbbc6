/**
 * How long a server asks to wait, in ms: `retry-after-ms`, else `Retry-After` in seconds or as an HTTP date
 * (seen from `now`, epoch ms). Undefined when it does not say, or nothing that can be read.
 */
export const retryAfterMs = (headers: Headers | undefined, now: number): number | undefined => {
  const exact = headers?.get('retry-after-ms')?.trim();
  if (exact && Number.isFinite(Number(exact))) return Math.max(0, Number(exact));
  const asked = headers?.get('retry-after')?.trim();
  if (!asked) return undefined;
  if (Number.isFinite(Number(asked))) return Math.max(0, Number(asked) * 1000);
  const date = Date.parse(asked);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
};
