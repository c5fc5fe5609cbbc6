import { invalid, PineconeError } from './pinecone-error.ts';

/** Pinecone's limit of a request: 2 MB, as JSON on the wire. */
export const MAX_REQUEST_BYTES = 2_097_152;

/** The refusal of a body that is too long. */
export const tooLong = (bytes: number | string): PineconeError =>
  new PineconeError(
    'OUT_OF_RANGE',
    `Error, message length too large: found ${bytes} bytes, the limit is: ${MAX_REQUEST_BYTES} bytes`,
  );

/** Reads a JSON body; an empty one is `{}`. Throws OUT_OF_RANGE above 2 MB, INVALID_ARGUMENT when it is not JSON. */
export const readJson = async (request: { arrayBuffer(): Promise<ArrayBuffer> }): Promise<unknown> => {
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > MAX_REQUEST_BYTES) throw tooLong(bytes.byteLength);
  if (bytes.byteLength === 0) return {};
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    // Without the parser's error: it quotes the body, which may hold a caller's text.
    throw invalid('the body is not valid JSON');
  }
};
