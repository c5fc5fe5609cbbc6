import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DynamoDBClient, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { marshall, unmarshall } from '../../lib/adapters/dynamodb/attribute-value.ts';
import { makeDynamoRunList } from '../../lib/adapters/dynamodb/run-list.ts';
import { makeDynamoUsageStore } from '../../lib/adapters/dynamodb/usage-store.ts';
import { makePineconeIndex } from '../../lib/adapters/pinecone/vector-index.ts';
import { makePineconeVectorList } from '../../lib/adapters/pinecone/vector-list.ts';
import type { Upload } from '../../lib/files/upload.ts';
import { dueShardOf } from '../../lib/runs/due.ts';
import type { RunView } from '../../lib/runs/view.ts';
import { eraseNames } from '../../lib/usage/erase-names.ts';
import { type LocalAws, startAws } from '../../local/aws/start-aws.ts';
import type { Template } from '../../local/aws/template/intrinsics.ts';
import { listen } from '../../local/http.ts';
import { startOpenaiProcess } from '../../local/openai/start-process.ts';
import { checkIndex } from '../../local/outside-services.ts';
import { packageFunctions } from '../../local/package-functions.ts';
import { startPinecone } from '../../local/pinecone/server.ts';
import { pollUntil } from '../../tools/poll-until.ts';
import { startFaultProxy } from '../../tools/soak/fault-proxy.ts';
import { canariesIn, canary, type Field } from './canary.ts';
import { type Client, clientOf } from './everytoken-client.ts';

const root = resolve(import.meta.dirname, '../..');
const cache = join(root, 'node_modules', '.cache', 'everytoken');
const INDEX = 'autogen-text';
/** The key of the local model server and of the local Pinecone. */
const KEY = 'a-key-of-this-test';
const LIMIT_MS = 120_000;

/**
 * A model server that answers with the prompt; where that has an `az` canary, with a 400 that repeats it in another case
 * and in base64, and its own code with it.
 */
const startEcho = async () => {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const sent = Buffer.concat(parts).toString();
    const said = sent === '' ? '' : (JSON.parse(sent).messages.at(-1)?.content ?? '');
    if (said.includes(canary('az'))) {
      const message = `${said.toUpperCase()} / ${Buffer.from(said).toString('base64')}`;
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message, code: canary('az'), type: canary('az') } }));
      return;
    }
    const chunk = (choices: unknown[], usage: unknown = null) =>
      response.write(
        `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices, usage })}\n\n`,
      );
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    chunk([{ index: 0, delta: { content: `You said: ${said}` }, finish_reason: null }]);
    chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]);
    chunk([], { prompt_tokens: 1, completion_tokens: 4, total_tokens: 5 });
    response.end('data: [DONE]\n\n');
  });
  const { url, close } = await listen(server);
  return { url: `${url}/v1`, close };
};

const closers: (() => unknown)[] = [];
const lines: string[] = [];
const events: { type: string; detail: unknown }[] = [];
let aws: LocalAws;
let api: Client;
let openaiUrl: string;
let pineconeUrl: string;
let dynamodb: DynamoDBClient;
let s3: S3Client;
let sqs: SQSClient;

beforeAll(async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-gone-'));
  closers.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const { template, bundles, compileCache } = await packageFunctions(root, join(cache, 'packages'));
  const openai = await startOpenaiProcess({ pace: 0, apiKey: KEY, cacheDir: join(cache, 'model') });
  const pinecone = await startPinecone({ file: join(dataDir, 'vectors.sqlite'), apiKey: KEY });
  const echo = await startEcho();
  [openaiUrl, pineconeUrl] = [openai.url, pinecone.url];
  await checkIndex({ apiKey: KEY, controllerHost: pineconeUrl }, INDEX, 1536);
  const noteEvents = (body: Buffer) => {
    for (const { DetailType, Detail } of JSON.parse(body.toString()).Entries ?? [])
      events.push({ type: DetailType, detail: JSON.parse(Detail) });
  };
  aws = await startAws({
    template: template as Template,
    ...{
      bundles,
      compileCache,
      dataDir: join(dataDir, 'aws'),
      port: 0,
      maxEnvironments: 8,
      maxQueueConcurrency: 8,
    },
    environment: {
      ANONYMOUS_CALLER: 'local',
      OPENAI_API_KEY: KEY,
      OPENAI_BASE_URL: openai.url,
      DEFAULT_MODEL: 'everytoken-ngram',
      EMBEDDING_BASE_URL: openai.url,
      EMBEDDING_API_KEY: KEY,
      EMBEDDING_MODEL: 'everytoken-use',
      PINECONE_API_KEY: KEY,
      PINECONE_CONTROLLER_HOST: pinecone.url,
      USAGE_KEYS: 'a',
      PROVIDERS: JSON.stringify({ echo: { base_url: echo.url, api_key: 'any' } }),
    },
    functionEndpoints: async (endpoints) => {
      const proxy = await startFaultProxy({
        ...{ upstream: endpoints.events, rate: 0, random: () => 1, speaks: 'json' as const },
        onAnswered: ({ body, headers }) => {
          if (String(headers['x-amz-target']).endsWith('PutEvents')) noteEvents(body);
        },
      });
      closers.push(() => proxy.close());
      return { ...endpoints, events: proxy.url };
    },
    log: (line) => lines.push(line),
  });
  closers.push(() => aws.close(), openai.close, pinecone.close, echo.close);
  api = clientOf(aws.api);
  const common = { region: 'us-east-1', credentials: aws.credentials };
  dynamodb = new DynamoDBClient({ ...common, endpoint: aws.dynamodb });
  s3 = new S3Client({ ...common, endpoint: aws.s3, forcePathStyle: true });
  sqs = new SQSClient({ ...common, endpoint: aws.sqs });
}, LIMIT_MS);
afterAll(async () => {
  for (const client of [dynamodb, s3, sqs]) client?.destroy();
  for (const close of closers.toReversed()) await close();
});

const until = <T>(what: string, ask: () => Promise<T | false | undefined>) =>
  pollUntil(() => `${what}; the functions say: ${lines.slice(-8).join('\n')}`, ask, LIMIT_MS, 200);

/** Every item of the table. */
const items = async (): Promise<Record<string, unknown>[]> => {
  const { Items = [], LastEvaluatedKey } = await dynamodb.send(new ScanCommand({ TableName: aws.table }));
  expect(LastEvaluatedKey).toBeUndefined();
  return Items.map((item) => unmarshall(item));
};

type Object_ = { key: string; text: string };
const objects = async (): Promise<Object_[]> => {
  const found: Object_[] = [];
  for (const Bucket of new Set(Object.values(aws.buckets))) {
    const { Contents = [], IsTruncated } = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(IsTruncated).toBeFalsy();
    for (const { Key = '' } of Contents) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const { Metadata, ...headers } = await s3.send(new HeadObjectCommand({ Bucket, Key }));
      const { $metadata: _, ...described } = headers;
      const text = `${await Body?.transformToString()} ${JSON.stringify({ Metadata, ...described })}`;
      found.push({ key: Key, text });
    }
  }
  return found;
};

/** Every vector of every namespace. */
const vectors = async (): Promise<unknown[]> => {
  const options = {
    ...{ apiKey: KEY, controllerHost: pineconeUrl, indexName: INDEX, dimension: 1536 },
  };
  const [index, list] = [makePineconeIndex(options), makePineconeVectorList(options)];
  const found: unknown[] = [];
  for (const { name } of await list.namespaces())
    for await (const ids of list.ids(name))
      for (const { id, metadata } of await index.fetch(name, ids)) found.push({ name, id, metadata });
  return found;
};

/** The bodies of all messages that can be received, and the number of all others. */
const messages = async (): Promise<string[]> => {
  const found: string[] = [];
  for (const [id, QueueUrl] of Object.entries(aws.queues)) {
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 60 }),
      );
      if (Messages.length === 0) break;
      found.push(...Messages.map(({ Body }) => `${id}: ${Body}`));
    }
    const counts = ['ApproximateNumberOfMessagesNotVisible', 'ApproximateNumberOfMessagesDelayed'] as const;
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    for (const count of counts)
      if (Attributes[count] !== '0') found.push(`${id}: ${count} ${Attributes[count]}`);
  }
  return found;
};

const askModelServer = (path: string) =>
  fetch(openaiUrl + path, { headers: { authorization: `Bearer ${KEY}` } });

/** The files and batches at the local model server. */
const atModelServer = async (): Promise<string[]> => {
  const found: string[] = [];
  const { data } = (await (await askModelServer('/files')).json()) as { data: { id: string }[] };
  for (const { id } of data)
    found.push(`${id} ${await (await askModelServer(`/files/${id}/content`)).text()}`);
  const batches = (await (await askModelServer('/batches')).json()) as { data: unknown[] };
  return [...found, ...batches.data.map((batch: unknown) => JSON.stringify(batch))];
};

/** Items that hold usage: of runs in their callers' lists, and sums. */
const isUsage = ({ pk }: Record<string, unknown>): boolean => /^(LIST|USAGE)#/.test(String(pk));

/** How many entries of each store have a canary, and of which fields. */
const look = async () => {
  const [table, bucket] = [await items(), await objects()];
  const textOf = (item: Record<string, unknown>) =>
    JSON.stringify(item, (_, value) => (value instanceof Set ? [...value] : value));
  const stores: Record<string, string[]> = {
    'DynamoDB: items': table.filter((item) => !isUsage(item)).map(textOf),
    'DynamoDB: usage': table.filter(isUsage).map(textOf),
    'S3: keys': bucket.map(({ key }) => decodeURIComponent(encodeURI(key))),
    'S3: objects': bucket.map(({ text }) => text),
    'Pinecone: vectors': (await vectors()).map((vector) => JSON.stringify(vector)),
    'SQS: messages, dead letters too': await messages(),
    'the model server: files and batches': await atModelServer(),
    'EventBridge: events': events.map((event) => JSON.stringify(event)),
    'log lines of the functions': lines,
  };
  return Object.fromEntries(
    Object.entries(stores).map(([store, entries]) => {
      const found = entries.map(canariesIn).filter((fields) => fields.length > 0);
      return [
        store,
        { entries: entries.length, with: found.length, fields: [...new Set(found.flat())].sort() },
      ];
    }),
  );
};

const runs: string[] = [];
const files: string[] = [];

/** Asks for a run; whatever becomes of it, its id is noted. */
const ask = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<void> => {
  const response = await api.send(path, body, headers);
  await response.text();
  const id = response.headers.get('x-everytoken-run-id');
  if (id) runs.push(id);
};

const fast = { max_tokens: 8 };
const long = (field: Field) => `${canary(field)} ${'and so on '.repeat(150)}`;

const sendRuns = async (): Promise<void> => {
  const full = {
    model: 'echo/m',
    ...fast,
    messages: [
      { role: 'system', content: canary('ac') },
      { role: 'user', content: canary('ab'), name: canary('ad') },
    ],
    metadata: { [canary('ae')]: canary('af') },
    settings: [{ label: canary('ag') }, { label: 'b', stop: [canary('ah')] }],
    checks: [
      { type: 'contains', value: canary('ai') },
      { type: 'json_schema', schema: { type: 'object', properties: { [canary('aj')]: {} } } },
    ],
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { title: canary('aj') } } },
  };
  await ask('/runs', full, { 'idempotency-key': canary('am') });
  await ask('/runs', { prompt: long('aa'), model: 'echo/m', ...fast });
  await ask('/runs', { prompt: canary('aa'), model: 'echo/m', ...fast, stream: true });
  await ask('/runs', { prompt: canary('aa'), model: 'echo/m', ...fast, background: true });
  await ask('/runs', { prompt: canary('az'), model: 'echo/m', ...fast });
  await ask('/runs', { prompt: long('az'), model: 'echo/m', ...fast, background: true });
  await ask('/runs', { prompt: canary('aa'), model: canary('au'), ...fast });
  await ask('/runs', { prompt: canary('aa'), model: 'echo/m', ...fast, extra_body: { x: canary('ak') } });
  await ask('/runs', { prompt: canary('aa'), [canary('al')]: 1 });
  const chat = { model: 'echo/m', messages: [{ role: 'user', content: canary('ab') }], ...fast };
  await ask('/v1/chat/completions', { ...chat, user: canary('aw'), metadata: { a: canary('af') } });
  await ask('/v1/chat/completions', { ...chat, stream: true });
  await ask('/v1/chat/completions', { ...chat, messages: [{ role: 'user', content: canary('az') }] });
};

const jsonl = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const echo = { model: 'echo/m', ...fast };

const upload = async (filename: string, content: string, defaults?: object): Promise<void> => {
  const asked = { filename, size_bytes: Buffer.byteLength(content), ...(defaults && { defaults }) };
  const answer = (await (await api.send('/files', asked)).json()) as Upload;
  const { url, method, headers } = answer.upload;
  expect((await fetch(url, { method, headers, body: content })).status).toBe(200);
  files.push(answer.id);
};

const sendFiles = async (): Promise<void> => {
  const name = canary('an');
  const openai = (custom_id: string, content: string) => ({
    ...{ custom_id, method: 'POST', url: '/v1/chat/completions' },
    body: { model: 'echo/m', ...fast, messages: [{ role: 'user', content }] },
  });
  await upload(`${name}.txt`, canary('aa'), echo);
  await upload(
    `${name}.md`,
    `---\nmodel: echo/m\nmax_tokens: 8\nnote: ${canary('as')}\n---\n${canary('aa')}`,
  );
  await upload(
    `${name}.json`,
    JSON.stringify([
      { prompt: long('aa'), ...echo },
      { prompt: canary('az'), ...echo },
    ]),
  );
  await upload(
    `${name}.jsonl`,
    jsonl(
      { defaults: { ...echo, prompt: `${long('ar')} {{x}}`, max_cost_usd: 1 } },
      { x: canary('aq') },
      { x: 'y', [canary('at')]: 1 },
    ),
  );
  await upload(`${name}-batch.jsonl`, jsonl(openai(canary('ao'), canary('ab')), openai('b', canary('az'))));
  await upload(`${name}.csv`, `topic,${canary('ap')}\n${canary('aq')},${canary('aq')}\n`, {
    ...echo,
    prompt: `${canary('ar')} {{topic}}`,
  });
  await upload(`${name}-later.jsonl`, jsonl({ prompt: long('ax'), ...fast }), { mode: 'batch' });
  await upload(`${name}-bad.json`, `{"${canary('at')}`);
  // Dropped into the bucket, in two versions, with defaults beside them.
  const [Bucket] = Object.values(aws.buckets);
  const Key = `prompts/@local/${canary('ay')} 1/${name} ü.jsonl`;
  const put = (key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket, Key: key, Body }));
  await put(`${Key}.defaults.json`, JSON.stringify({ ...echo, metadata: { a: canary('af') } }));
  await put(Key, jsonl({ prompt: canary('aa') }, { prompt: canary('ab') }));
  await fileAt(Key, 1);
  await put(Key, jsonl({ prompt: canary('aa') }, { prompt: long('ac') }));
  await fileAt(Key, 2);
};

/** Waits until so many files of a key have ended. */
const fileAt = (key: string, count: number) =>
  until(`file ${count} of its key`, async () => {
    const { data } = (
      await api.get<{ data: { id: string; key: string; ended_at: string | null }[] }>('/files?limit=100')
    ).body;
    const own = data.filter((file) => file.key === key && file.ended_at !== null);
    for (const { id } of own) if (!files.includes(id)) files.push(id);
    return own.length === count;
  });

const sendComparison = async (): Promise<string> => {
  const body = {
    prompts: [canary('av'), long('av')],
    settings: [{ label: canary('ag') }, { label: 'b' }],
    ...{ model: 'echo/m', ...fast, metadata: { a: canary('af') } },
  };
  const answer = await api.send('/comparisons', body, { 'idempotency-key': `c${canary('am')}` });
  const { id } = (await answer.json()) as { id: string };
  return id;
};

const isOpen = ({ pk, status, pending, due_at }: Record<string, unknown>): boolean =>
  /^(RUN|FILE)#/.test(String(pk)) &&
  (['queued', 'generating', 'generated', 'reading', 'deleting'].includes(String(status)) ||
    pending !== undefined ||
    (status === 'deleted' && due_at !== undefined));

/** Lets the time pass that purges and sums wait for, and sweeps, until nothing is due any more. */
const passTime = () =>
  until('all is purged and summed', async () => {
    const open = (await items()).filter(
      (item) => isOpen(item) || (isUsage(item) && item.due_at !== undefined),
    );
    for (const { pk, sk, purge } of open) {
      const set = ['due_at = :past', 'due_shard = :shard', ...(purge ? ['purge.since = :past'] : [])];
      await dynamodb
        .send(
          new UpdateItemCommand({
            TableName: aws.table,
            Key: marshall({ pk, sk }),
            UpdateExpression: `SET ${set.join(', ')}`,
            // Not one that a worker has just finished.
            ConditionExpression: 'attribute_exists(due_at) AND attribute_not_exists(lease_token)',
            ExpressionAttributeValues: marshall({ ':past': 1, ':shard': dueShardOf(String(pk)) }),
          }),
        )
        .catch((error: Error) => {
          if (error.name !== 'ConditionalCheckFailedException') throw error;
        });
    }
    await aws.invoke('SweepLambdaFunction', {});
    return open.length === 0;
  });

test('no text of a run with store: false is anywhere once it has ended', async () => {
  const unstored = { model: 'echo/m', ...fast, store: false };
  const full = {
    ...unstored,
    messages: [{ role: 'user', content: long('ab'), name: canary('ad') }],
    stop: [canary('ah')],
    checks: [{ type: 'contains', value: canary('ai') }],
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { title: canary('aj') } } },
  };
  const whole = await api.run(full, { 'idempotency-key': canary('am') });
  runs.push(whole.body.id);
  expect(canariesIn(JSON.stringify(whole.body.generations.map(({ text }) => text)))).toEqual(['message']);
  await ask('/runs', { ...unstored, prompt: canary('aa'), stream: true });
  await ask('/runs', { ...unstored, prompt: long('aa'), background: true });
  await ask('/runs', { ...unstored, prompt: canary('az') });
  await ask('/v1/chat/completions', { ...unstored, messages: [{ role: 'user', content: canary('ab') }] });
  await until('all have ended', async () => !(await items()).some(isOpen));
  for (const [store, { with: found, fields }] of Object.entries(await look()))
    expect([store, found, fields]).toEqual([store, 0, []]);
  const kept = await api.get<RunView>(`/runs/${whole.body.id}`);
  expect(kept.body).toMatchObject({ store: false, messages: null, generations: [{ text: null }] });
}, 300_000);

test('nothing that a caller or a model wrote is left anywhere once it is deleted', async () => {
  await sendRuns();
  await sendFiles();
  const comparison = await sendComparison();
  await until('all work is done', async () => {
    await aws.invoke('SweepLambdaFunction', { reconcile: 'all' }); // batches are polled
    return !(await items()).some(isOpen);
  });
  // All of today, which is read from its sums once it is summed.
  const today = new Date().toISOString().slice(0, 10);
  const usage = async () => (await api.get<{ total: object }>(`/usage?until=${today}`)).body.total;
  const spent = await usage();
  await passTime();
  expect(await usage()).toEqual(spent);
  const before = await look();

  for (const id of files) await (await api.call(`/files/${id}?purge=true`, { method: 'DELETE' })).text();
  await (await api.call(`/comparisons/${comparison}`, { method: 'DELETE' })).text();
  for (const id of runs) await api.remove(id);
  await passTime();
  // Runs are purged twice.
  await passTime();
  const after = await look();

  const rows = Object.keys(before).map((store) => {
    const show = (
      { entries, with: found, fields }: (typeof before)[string] = { entries: 0, with: 0, fields: [] },
    ) => `${found} of ${entries}${fields.length > 0 ? ` (${fields.join(', ')})` : ''}`;
    return `${store}\n    before the deletion: ${show(before[store])}\n    after it: ${show(after[store])}`;
  });
  console.log(`entries with a canary\n${rows.join('\n')}`);

  // The canaries were everywhere, or the test would show nothing.
  for (const store of ['DynamoDB: items', 'S3: keys', 'S3: objects', 'Pinecone: vectors'])
    expect(before[store]?.with, store).toBeGreaterThan(5);
  expect(before['the model server: files and batches']?.with).toBeGreaterThan(0);
  // Usage stays under its names, until its caller is erased.
  expect(await usage()).toEqual(spent);
  const { 'DynamoDB: usage': left, ...others } = after;
  expect(left?.fields).toEqual(['label', 'model', 'value of metadata']);
  const table = { client: dynamodb, table: aws.table ?? '' };
  await eraseNames('local', { list: makeDynamoRunList(table), totals: makeDynamoUsageStore(table) });
  expect((await look())['DynamoDB: usage']?.fields).toEqual(['model']);
  expect(await usage()).toEqual(spent);
  for (const store of Object.keys(others).slice(0, 6))
    expect(after[store], store).toMatchObject({ with: 0, fields: [] });
  expect(after['log lines of the functions']).toMatchObject({ with: 0, fields: [] });
  // By contract an event names model and label, and that of a file its key.
  const told = ['folder of a file', 'label', 'model', 'name of a file'];
  expect(after['EventBridge: events']?.fields.filter((field) => !told.includes(field))).toEqual([]);
  expect(runs.length).toBeGreaterThan(9);
  for (const item of await items())
    if (/^(RUN|FILE)#/.test(String(item.pk))) expect(item).toMatchObject({ status: 'deleted' });
}, 300_000);
