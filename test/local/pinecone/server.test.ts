import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { Errors, Pinecone } from '@pinecone-database/pinecone';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clientOf, SERVERLESS, send, startPinecone } from './pinecone-fixture.ts';

describe('the local Pinecone server', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pinecone-'));
    file = join(folder, 'pinecone.sqlite');
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('restores everything after a restart, vectors to the bit', async () => {
    const first = await startPinecone({ file });
    const before = clientOf(first);
    await before.indexes.create({
      name: 'kept',
      dimension: 3,
      metric: 'dotproduct',
      spec: SERVERLESS,
      tags: { a: 'b' },
    });
    const index = before.index({ name: 'kept', namespace: 'n' });
    const values = [0.1, -1e-30, 0.33333334]; // the shortest decimals of their float32
    await index.upsert({ records: [{ id: 'a', values, metadata: { list: ['x'], on: true } }] });
    await index.upsert({ records: [{ id: 'gone', values: [1, 1, 1] }] });
    await index.deleteOne({ id: 'gone' });
    await first.close();

    const second = await startPinecone({ file });
    const after = clientOf(second);
    expect(await after.indexes.describe('kept')).toMatchObject({ tags: { a: 'b' }, status: { ready: true } });
    expect(
      (await after.index({ name: 'kept', namespace: 'n' }).fetch({ ids: ['a', 'gone'] })).records,
    ).toMatchObject({
      a: { id: 'a', values, metadata: { list: ['x'], on: true } },
    });
    expect((await after.index({ name: 'kept' }).describeIndexStats()).totalRecordCount).toBe(1);
    await second.close();
  });

  test('keeps every acknowledged upsert through kill -9', async () => {
    const module = new URL('../../../local/pinecone/server.ts', import.meta.url).href;
    const program = `const { startPinecone } = await import(${JSON.stringify(module)});
      console.log((await startPinecone({ file: ${JSON.stringify(file)}, apiKey: 'killed' })).url);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
    const pc = new Pinecone({ apiKey: 'killed', controllerHostUrl: url });
    await pc.indexes.create({ name: 'durable', dimension: 2, metric: 'cosine', spec: SERVERLESS });
    const index = pc.index({ name: 'durable' });
    const acknowledged: string[] = [];
    const writers = [0, 1, 2].map(async (writer) => {
      for (let i = 0; ; i++) {
        await index.upsert({ records: [{ id: `${writer}-${i}`, values: [1, i] }] });
        acknowledged.push(`${writer}-${i}`);
        if (acknowledged.length === 60) child.kill('SIGKILL');
      }
    });
    await Promise.allSettled(writers);
    await exited;

    const again = await startPinecone({ file });
    const { records } = await clientOf(again).index({ name: 'durable' }).fetch({ ids: acknowledged });
    expect(Object.keys(records).sort()).toEqual(acknowledged.sort());
    expect(acknowledged.length).toBeGreaterThanOrEqual(60);
    await again.close();
  });

  test('numbers writes upwards, also over restarts, and a read reflects every acknowledged one', async () => {
    const lsn = (answer: { headers: Headers }, header: string): number =>
      Number(answer.headers.get(`x-pinecone-${header}-lsn`) ?? Number.NaN);
    const upsert = { vectors: [{ id: 'a', values: [1, 2] }] };
    const first = await startPinecone({ file });
    await clientOf(first).indexes.create({ name: 'log', dimension: 2, metric: 'cosine', spec: SERVERLESS });
    const host = `${first.url}/data/log`;
    const written = [
      await send(`${host}/vectors/upsert`, 'POST', upsert),
      await send(`${host}/vectors/update`, 'POST', { id: 'a', setMetadata: { b: 1 } }),
      await send(`${host}/vectors/delete`, 'POST', { ids: ['a'] }),
    ].map((answer) => lsn(answer, 'request'));
    expect(written).toEqual([...new Set(written)].sort((a, b) => a - b));
    const last = Math.max(...written);
    for (const answer of [
      await send(`${host}/query`, 'POST', { vector: [1, 2], topK: 1 }),
      await send(`${host}/vectors/fetch?ids=a`, 'GET'),
      await send(`${host}/vectors/list`, 'GET'),
      await send(`${host}/describe_index_stats`, 'POST', {}),
    ]) {
      expect(lsn(answer, 'max-indexed')).toBeGreaterThanOrEqual(last);
    }
    await first.close();

    const second = await startPinecone({ file });
    const next = await send(`${second.url}/data/log/vectors/upsert`, 'POST', upsert);
    expect(lsn(next, 'request')).toBeGreaterThan(last);
    await second.close();
  });

  test('requires its own Api-Key', async () => {
    const server = await startPinecone({ file: ':memory:' });
    const keyless = await fetch(`${server.url}/indexes`);
    expect([keyless.status, await keyless.text()]).toEqual([
      401,
      'Unauthorized: the Api-Key header is missing',
    ]);
    const guessed = await fetch(`${server.url}/indexes`, { headers: { 'Api-Key': `${server.apiKey}x` } });
    expect([guessed.status, await guessed.text()]).toEqual([
      401,
      'Unauthorized: this is not the key in stack.json (credentials.pinecone)',
    ]);
    const other = new Pinecone({ apiKey: 'other', controllerHostUrl: server.url });
    await expect(other.indexes.list()).rejects.toBeInstanceOf(Errors.PineconeAuthorizationError);
    expect(await send(`${server.url}/indexes`, 'GET')).toMatchObject({ status: 200, body: { indexes: [] } });
    await server.close();
  });

  test('rejects when the port is in use, and frees its port on closing', async () => {
    const first = await startPinecone({ file: ':memory:' });
    const port = Number(new URL(first.url).port);
    await expect(startPinecone({ file: ':memory:', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await first.close();
    const second = await startPinecone({ file: ':memory:', port });
    expect(second.url).toBe(first.url);
    await second.close();
  });

  test('refuses a file that another server has open', async () => {
    const first = await startPinecone({ file });
    await expect(startPinecone({ file })).rejects.toThrow('is in use by another stack');
    await first.close();
    await (await startPinecone({ file })).close();
  });

  test('reads a file of version 1', async () => {
    const first = await startPinecone({ file });
    await clientOf(first).indexes.create({ name: 'old', dimension: 2, metric: 'cosine', spec: SERVERLESS });
    const index = clientOf(first).index({ name: 'old', namespace: 'n' });
    await index.upsert({ records: [{ id: 'a', values: [0.1, 0.2] }] });
    await first.close();
    const database = new DatabaseSync(file);
    database.exec('ALTER TABLE namespaces DROP COLUMN filterable; PRAGMA user_version = 1');
    database.close();
    const second = await startPinecone({ file });
    const { records } = await clientOf(second)
      .index({ name: 'old', namespace: 'n' })
      .fetch({ ids: ['a'] });
    expect(records.a?.values).toEqual([0.1, 0.2]);
    await second.close();
  });

  test('refuses a file of another version, and a path where no file can be', async () => {
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    await expect(startPinecone({ file })).rejects.toThrow('is a Pinecone store of version 99');
    await expect(startPinecone({ file: join(file, 'beneath') })).rejects.toThrow(
      'unable to open database file',
    );
  });
});
