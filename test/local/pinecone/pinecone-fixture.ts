import { Pinecone } from '@pinecone-database/pinecone';
import { afterAll, beforeAll } from 'vitest';
import * as local from '../../../local/pinecone/server.ts';

type PineconeServer = local.PineconeServer;

/** The keys of the servers that this file started, by their hosts. */
const keys = new Map<string, string>();

export const startPinecone: typeof local.startPinecone = async (options) => {
  const server = await local.startPinecone(options);
  keys.set(new URL(server.url).host, server.apiKey);
  return server;
};

/** The official client on a server. The SDK caches addresses by key and index name; each server has its own key. */
export const clientOf = (server: PineconeServer): Pinecone =>
  new Pinecone({ apiKey: server.apiKey, controllerHostUrl: server.url });

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
    headers: { 'Api-Key': keys.get(new URL(url).host) ?? '', 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
};
