import { createHash } from 'node:crypto';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { paginateScan } from '@aws-sdk/client-dynamodb';
import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { Pinecone } from '@pinecone-database/pinecone';
import { pollUntil } from '../../poll-until.ts';
import { emptyLedger } from '../ledger.ts';
import { openWork } from '../read-state.ts';
import type { StackClients } from '../stack.ts';
import type { PineconeAccess } from '../start-services.ts';
import type { FuzzAnswer } from './check-answer.ts';
import type { FuzzRequest } from './draw-request.ts';
import type { RequestTarget } from './fuzz-requests.ts';

const ANSWER_LIMIT_MS = 120_000;
// Odd answers take their time: five attempts to embed a refused text, and a throttled run waits in the queue.
const SETTLE_LIMIT_MS = 300_000;
const LOOK_EVERY_MS = 250;
/** Attributes that the sweep changes by itself, so they are left out of the snapshot. */
const MOVED_BY_SWEEP = ['due_at', 'due_shard', 'due_tries', 'expires_at'];

/** A running local stack: requests go over HTTP, and snapshots are read directly with the vendors' clients. */
export const makeStackTarget = (
  clients: StackClients,
  { url, apiKey }: PineconeAccess,
): RequestTarget & { close(): void } => {
  // Without keep-alive: a reused connection may be closed by the server at the same moment, which is not a fault.
  const agent = new Agent();
  const index = new Pinecone({ apiKey, controllerHostUrl: url }).index({ name: clients.index });
  return {
    send: (request) => sendRaw(clients.api, agent, request),
    settle: () => untilNothingIsOpen(clients),
    snapshot: async () => {
      const places = new Map<string, string>();
      await readTable(clients, places);
      await readBucket(clients, places);
      const { namespaces = {} } = await index.describeIndexStats();
      for (const [name, { recordCount }] of Object.entries(namespaces))
        places.set(`namespace ${name}`, `${recordCount} vectors`);
      return places;
    },
    close: () => agent.destroy(),
  };
};

export const untilNothingIsOpen = async (clients: StackClients): Promise<void> => {
  let open = 'all';
  const isAtRest = async () => {
    open = await openWork(clients, emptyLedger());
    return open === '';
  };
  await pollUntil(
    () => `the stack to come to rest (left: ${open})`,
    isAtRest,
    SETTLE_LIMIT_MS,
    LOOK_EVERY_MS,
  );
};

/** Sends paths and headers unchanged; `fetch` would normalise them. */
const sendRaw = async (
  api: string,
  agent: Agent,
  { method, path, headers, body }: FuzzRequest,
): Promise<FuzzAnswer> => {
  const { hostname: host, port } = new URL(api);
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const length: Record<string, string> = bytes ? { 'content-length': String(bytes.length) } : {};
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { host, port, method, path, agent, headers: { ...headers, ...length } };
    const outgoing = httpRequest(options, resolve);
    outgoing.setTimeout(ANSWER_LIMIT_MS, () => outgoing.destroy(new Error('no answer in two minutes')));
    outgoing.on('error', reject);
    outgoing.end(bytes);
  });
  const pieces: Buffer[] = [];
  for await (const piece of answer) pieces.push(piece);
  const pairs = Object.entries(answer.headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return {
    status: answer.statusCode ?? 0,
    headers: new Headers(pairs),
    body: Buffer.concat(pieces).toString(),
  };
};

const readTable = async ({ dynamodb, table }: StackClients, places: Map<string, string>): Promise<void> => {
  const pages = paginateScan({ client: dynamodb }, { TableName: table, ConsistentRead: true });
  for await (const { Items = [] } of pages) {
    for (const item of Items) {
      const kept = Object.entries(item).filter(([name]) => !MOVED_BY_SWEEP.includes(name));
      const text = JSON.stringify(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
      places.set(`item ${item.pk?.S} ${item.sk?.S}`, createHash('sha256').update(text).digest('base64'));
    }
  }
};

const readBucket = async ({ s3, bucket }: StackClients, places: Map<string, string>): Promise<void> => {
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket }))
    for (const { Key, ETag = '', Size } of Contents) places.set(`object ${Key}`, `${ETag} ${Size}`);
};
