import type { IncomingMessage } from 'node:http';

/**
 * A request's body; `undefined` when it is longer than `limit` bytes (the rest is read and thrown away,
 * so that the client sees the answer).
 */
export const readBody = async (request: IncomingMessage, limit: number): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
    else chunks.length = 0;
  }
  return length <= limit ? Buffer.concat(chunks) : undefined;
};
