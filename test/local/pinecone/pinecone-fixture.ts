import { randomUUID } from 'node:crypto';
import { Pinecone } from '@pinecone-database/pinecone';
import { afterAll, beforeAll } from 'vitest';
import { type PineconeServer, startPinecone } from '../../../local/pinecone/server.ts';

/** The official client on a server; the SDK caches addresses by key and index name, so each server has its own key. */
export const clientOf = (server: PineconeServer): Pinecone =>
  new Pinecone({ apiKey: `key-${randomUUID()}`, controllerHostUrl: server.url });

export const SERVERLESS = { serverless: { cloud: 'aws', region: 'us-east-1' } } as const;

/** A server in memory for the tests of a file, with the official client on it. */
export const usePinecone = (): { server: PineconeServer; pc: Pinecone } => {
  const started = {} as { server: PineconeServer; pc: Pinecone };
  beforeAll(async () => {
    started.server = await startPinecone({ file: ':memory:' });
    started.pc = clientOf(started.server);
  });
  afterAll(() => started.server.close());
  return started;
};

/** A request that no client of Pinecone's would send, or whose raw answer matters. */
export const send = async (
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; body: unknown }> => {
  const response = await fetch(url, {
    method,
    headers: { 'Api-Key': 'any', 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
};
