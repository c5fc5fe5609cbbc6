import type { Arrival, Outcome } from './outcome.ts';

/** A streamed answer as API Gateway reads it: status and headers from the metadata, and the body. */
export type IntegrationResponse = {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /** Bytes before the body: the JSON metadata and the separator. */
  preludeBytes: number;
};

const MEDIA_TYPE = 'application/vnd.awslambda.http-integration-response';
const SEPARATOR = Buffer.alloc(8);

/**
 * Reads the format of Lambda's streamed answers: JSON metadata, eight NUL bytes, then the body.
 * @throws {Error} that says what is wrong, when the answer has another format
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

/** The pieces of an answer without its first `bytes` bytes. */
export const bodyOf = (arrivals: readonly Arrival[], bytes: number): Arrival[] => {
  let left = bytes;
  return arrivals.flatMap((arrival) => {
    const cut = Math.min(left, arrival.bytes.length);
    left -= cut;
    return cut === arrival.bytes.length ? [] : [{ ...arrival, bytes: arrival.bytes.subarray(cut) }];
  });
};
