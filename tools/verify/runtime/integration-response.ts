import type { Arrival, Outcome } from './outcome.ts';

/** A streamed answer as API Gateway reads it: what stands before the body, and the body. */
export type IntegrationResponse = {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /** Bytes before the body: the JSON and what parts it from the body. */
  preludeBytes: number;
};

const MEDIA_TYPE = 'application/vnd.awslambda.http-integration-response';
const SEPARATOR = Buffer.alloc(8);

/**
 * Reads JSON metadata, eight NUL bytes, then the body. Throws Error that says which of them is not as it must be.
 */
export const integrationResponseOf = ({ contentType, arrivals, streamed }: Outcome): IntegrationResponse => {
  if (!streamed) throw new Error('the answer was not streamed');
  if (contentType !== MEDIA_TYPE) throw new Error(`the content type is ${contentType}, not ${MEDIA_TYPE}`);
  const bytes = Buffer.concat(arrivals.map((arrival) => arrival.bytes));
  const cut = bytes.indexOf(SEPARATOR);
  if (cut < 0) throw new Error('there are no eight NUL bytes after the metadata');
  const { statusCode, headers } = JSON.parse(bytes.subarray(0, cut).toString());
  const preludeBytes = cut + SEPARATOR.length;
  return { status: statusCode, headers, body: bytes.subarray(preludeBytes), preludeBytes };
};

/** What is left of the pieces of an answer without its first `bytes`. */
export const bodyOf = (arrivals: readonly Arrival[], bytes: number): Arrival[] => {
  let left = bytes;
  return arrivals.flatMap((arrival) => {
    const cut = Math.min(left, arrival.bytes.length);
    left -= cut;
    return cut === arrival.bytes.length ? [] : [{ ...arrival, bytes: arrival.bytes.subarray(cut) }];
  });
};
