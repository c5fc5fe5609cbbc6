import { paginateScan } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { Pinecone } from '@pinecone-database/pinecone';
import { unmarshall } from '../../lib/adapters/dynamodb/attribute-value.ts';
import { listedOfItem } from '../../lib/adapters/dynamodb/list-item.ts';
import { makeDynamoUsageStore } from '../../lib/adapters/dynamodb/usage-store.ts';
import { totalPart } from '../../lib/runs/list/parts.ts';
import { listPosition } from '../../lib/runs/list/read.ts';
import type { Ledger } from './ledger.ts';
import type { StackClients } from './stack.ts';
import type { PineconeAccess } from './start-services.ts';

/**
 * The stored figures of a generation: state (completed or failed), lease, SHA-256 of the text, number of vectors,
 * completion tokens.
 */
type Figures = { s: 'c' | 'f'; l: string; h?: string; k: number; c?: number };

/** The audited attributes of a run item in DynamoDB. */
export type RunItem = {
  id: string;
  caller: string;
  created_at: string;
  status: string;
  /** Set while the run has work left, such as the purge of a deleted run. */
  due_at?: number;
  index: boolean;
  attempts: number;
  generations?: Figures[];
  file?: { fileId: string; block: number; line: number };
  error?: { code: string };
  pending?: string;
};
type FileItem = { id: string; key: string; status: string; lines: number; due_at?: number };

/** Sums of runs: how many, and their completion tokens. */
type Usage = { runs: number; tokens: number };

/** The whole stored state, read directly with the vendors' clients. */
export type State = {
  runs: Map<string, RunItem>;
  files: FileItem[];
  /** Runs as callers' lists have them, by place: of two requests with one key, the one that lost leaves an entry, too. */
  listed: Map<string, { status: string; tokens: number }>;
  /** The sums of callers' hours, such as `local 2026-11-29T13`; null for one that is to be summed. */
  hours: Map<string, Usage | null>;
  keys: string[];
  vectors: string[];
  /** Reads an object as text. */
  text: (key: string) => Promise<string>;
};

export const ENDED = ['completed', 'failed', 'cancelled', 'deleted'];
export const FILE_ENDED = ['completed', 'completed_with_errors', 'failed', 'cancelled', 'deleted'];
/** A deleted file that is next due later than this has had its first purge, and waits for its last, 20 minutes later. */
const LAST_PURGE_MS = 5 * 60_000;

type Items = Pick<State, 'runs' | 'files' | 'listed' | 'hours'>;

const readItems = async ({ dynamodb, table }: StackClients): Promise<Items> => {
  const runs = new Map<string, RunItem>();
  const files: FileItem[] = [];
  const listed: Items['listed'] = new Map();
  const hours: Items['hours'] = new Map();
  for await (const { Items = [] } of paginateScan(
    { client: dynamodb },
    { TableName: table, ConsistentRead: true },
  )) {
    for (const item of Items.map((each) => unmarshall(each))) {
      if (item.sk === 'RUN') runs.set(item.id as string, item as RunItem);
      if (item.sk === 'FILE') files.push(item as FileItem);
      const [kind, caller = ''] = String(item.pk).split('#');
      if (kind === 'LIST') {
        const entry = listedOfItem(item);
        const tokens = totalPart(entry.parts).completionTokens;
        listed.set(listPosition(entry), { status: entry.status, tokens });
      }
      if (kind === 'USAGE' && String(item.sk).startsWith('HOUR#'))
        hours.set(
          `${caller} ${String(item.sk).slice('HOUR#'.length)}`,
          item.due_at ? null : { runs: 0, tokens: 0 },
        );
    }
  }
  const totals = makeDynamoUsageStore({ client: dynamodb, table });
  for (const [key, summed] of hours) {
    if (!summed) continue;
    const [caller = '', name = ''] = key.split(' ');
    const { shapes = [] } = (await totals.get({ caller, kind: 'HOUR', name })) ?? {};
    for (const { requests, parts } of shapes) {
      summed.runs += requests;
      summed.tokens += totalPart(parts).completionTokens;
    }
  }
  return { runs, files, listed, hours };
};

export const readState = async (stack: StackClients, pinecone: PineconeAccess): Promise<State> => ({
  ...(await readItems(stack)),
  keys: await listKeys(stack),
  vectors: await listVectors(stack.index, pinecone),
  text: async (Key) => {
    const { Body } = await stack.s3.send(new GetObjectCommand({ Bucket: stack.bucket, Key }));
    return (await Body?.transformToString()) ?? '';
  },
});

const listKeys = async ({ s3, bucket }: StackClients): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket })) {
    keys.push(...Contents.map(({ Key = '' }) => Key));
  }
  return keys;
};

/** Lists the vector ids of all namespaces. */
const listVectors = async (name: string, { url, apiKey }: PineconeAccess): Promise<string[]> => {
  const client = new Pinecone({ apiKey, controllerHostUrl: url });
  const { namespaces = {} } = await client.index({ name }).describeIndexStats();
  const ids: string[] = [];
  for (const namespace of Object.keys(namespaces)) {
    let token: string | undefined;
    do {
      const page = await client
        .index({ name, namespace })
        .listPaginated({ limit: 100, ...(token !== undefined && { paginationToken: token }) });
      ids.push(...(page.vectors ?? []).flatMap(({ id }) => id ?? []));
      token = page.pagination?.next;
    } while (token !== undefined);
  }
  return ids;
};

/** Describes the work that is left in words; empty when there is none. */
export const openWork = async (clients: StackClients, ledger: Ledger): Promise<string> => {
  const { runs, files } = await readItems(clients);
  const counts = new Map<string, number>();
  const add = (what: string, times = 1) => times > 0 && counts.set(what, (counts.get(what) ?? 0) + times);
  for (const run of runs.values()) {
    if (!ENDED.includes(run.status)) add(`${run.status} runs`);
    else if (run.pending) add('unsent events');
  }
  const now = Date.now();
  for (const { status, due_at: dueAt = 0 } of files) {
    const isPurged = status === 'deleting' && dueAt > now + LAST_PURGE_MS;
    if (!FILE_ENDED.includes(status) && !isPurged) add(`${status} files`);
  }
  const seen = new Set(files.map(({ key }) => key));
  add('files not yet seen', [...ledger.files.keys()].filter((key) => !seen.has(key)).length);
  add('answers', ledger.unanswered.size);
  return [...counts].map(([what, times]) => `${times} ${what}`).join(', ');
};
