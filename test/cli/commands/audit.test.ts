import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makePineconeIndex } from '../../../lib/adapters/pinecone/vector-index.ts';
import { ownVectors } from '../../../lib/vectors/own-vectors.ts';
import { startS3 } from '../../../local/aws/s3/start-s3.ts';
import type { HttpListener } from '../../../local/http.ts';
import { startPinecone } from '../../../local/pinecone/server.ts';
import type { StackFile } from '../../../local/stack-file.ts';
import { openTable } from '../../factories/dynamodb-table.ts';
import { awsVariables, keys, stackCredentials } from '../../fixtures/aws-key.ts';
import { expectMisuses, expectRefusals, runEverytoken } from '../run-everytoken.ts';

const STRAY = 'run_00000000000000000000000009#0#0';
const NAMESPACE = 'dev:text-embedding-3-small:docs';

const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-audit-'));
let table: Awaited<ReturnType<typeof openTable>>;
let objects: HttpListener;
let pinecone: Awaited<ReturnType<typeof startPinecone>>;
let address: string;
let index: ReturnType<typeof makePineconeIndex>;

beforeAll(async () => {
  [table, objects, pinecone] = await Promise.all([
    openTable(),
    startS3({
      keys,
      folder: dataDir,
      buckets: [{ id: 'ContentBucket', name: 'content', notifications: [], cors: [] }],
      region: 'us-east-1',
      sendToQueue: async () => {},
      log: () => {},
    }),
    startPinecone({ file: ':memory:' }),
  ]);
  const endpoint = await table.client.config.endpoint?.();
  address = `http://${endpoint?.hostname}:${endpoint?.port}`;
  const connection = { apiKey: pinecone.apiKey, controllerHost: pinecone.url, indexName: 'autogen-text' };
  index = makePineconeIndex({ ...connection, dimension: 1536 });
  await index.ensure();
});
afterAll(async () => {
  await Promise.all([table?.close(), objects?.close(), pinecone?.close()]);
  rmSync(dataDir, { recursive: true, force: true });
});

const deployed = () => ({
  TABLE_NAME: table.table,
  CONTENT_BUCKET: 'content',
  AWS_ENDPOINT_URL_DYNAMODB: address,
  AWS_ENDPOINT_URL_S3: objects.url,
  AWS_REGION: 'us-east-1',
  ...awsVariables,
  PINECONE_API_KEY: pinecone.apiKey,
  PINECONE_NAMESPACE: 'dev:',
  PINECONE_CONTROLLER_HOST: pinecone.url,
});
const audit = (args: string[] = [], variables: Record<string, string> = deployed()) =>
  runEverytoken(['audit', ...args], dataDir, variables);
const putStray = (deployment = table.table) =>
  ownVectors(index, deployment).upsert(NAMESPACE, [
    { id: STRAY, values: new Float32Array(1536).fill(1), metadata: {} },
  ]);

describe('everytoken audit', () => {
  test('finds nothing wrong in a deployment without runs', async () => {
    const { status, out, err } = await audit();
    expect([status, err]).toEqual([0, `· table ${table.table}\n`]);
    expect(out).toMatch(/^accepted +0$/m);
    expect(out).toMatch(/^orphaned vectors +0$/m);
  });

  test('reports findings, exits with 1, and repairs them with --repair', async () => {
    await putStray();
    const { status, out } = await audit();
    expect(status).toBe(1);
    expect(out).toMatch(/^orphaned vectors +1$/m);
    expect(out).toMatch(/^orphaned_vectors run_00000000000000000000000009: /m);
    expect(await index.fetch(NAMESPACE, [STRAY])).toHaveLength(1);

    const { counts, findings } = JSON.parse((await audit(['--json'])).out);
    expect([counts.orphaned_vectors, findings]).toEqual([
      1,
      [
        {
          kind: 'orphaned_vectors',
          id: 'run_00000000000000000000000009',
          count: 1,
          detail: expect.any(String),
        },
      ],
    ]);

    const repaired = await audit(['--repair']);
    expect([repaired.status, repaired.out.trim().split('\n').at(-1)]).toEqual([
      0,
      'repaired 1 of 1 findings, 0 left',
    ]);
    expect(await index.fetch(NAMESPACE, [STRAY])).toEqual([]);
  });

  test("repairs only vectors of the deployment's table, or of its DEPLOYMENT_ID", async () => {
    await putStray('everytoken-prod-Table-2');
    expect(await audit(['--repair'])).toMatchObject({ status: 0 });
    expect(await index.fetch(NAMESPACE, [STRAY])).toHaveLength(1);
    const prod = { ...deployed(), DEPLOYMENT_ID: 'everytoken-prod-Table-2' };
    expect((await audit(['--repair'], prod)).out).toMatch(/^repaired 1 of 1/m);
    expect(await index.fetch(NAMESPACE, [STRAY])).toEqual([]);
  });

  test('audits the running local stack without TABLE_NAME', async () => {
    const stack: StackFile = {
      ...{ api: '', dashboard: '', openai: '', sqs: objects.url, events: objects.url, queues: {} },
      ...{ dynamodb: address, s3: objects.url, pinecone: pinecone.url },
      ...{ table: table.table, bus: 'everytoken', index: 'autogen-text' },
      ...{ deployment: 'local-1', namespace: 'local-1:' },
      buckets: { ContentBucket: 'content' },
      credentials: stackCredentials(pinecone.apiKey),
    };
    writeFileSync(join(dataDir, 'stack.json'), JSON.stringify(stack));
    const { status, out } = await audit([], {
      OPENAI_API_KEY: '',
      OPENAI_BASE_URL: '',
      PINECONE_API_KEY: '',
    });
    rmSync(join(dataDir, 'stack.json'));
    expect([status, out]).toEqual([0, expect.stringMatching(/^accepted +0$/m)]);
  });

  test('reports an error in one line with the remedy', async () => {
    const cases: [Promise<{ status: number; out: string; err: string }>, RegExp][] = [
      [
        audit([], {}),
        /no local stack runs in .*: start one \(npm start\), or name a deployment with --stage/,
      ],
      [audit([], { ...deployed(), TABLE_NAME: 'another' }), /table another: .*check TABLE_NAME/],
      [audit([], { ...deployed(), CONTENT_BUCKET: '' }), /CONTENT_BUCKET/],
      [audit([], { ...deployed(), PINECONE_API_KEY: '' }), /PINECONE_API_KEY/],
      [audit([], { ...deployed(), DEPLOYMENT_ID: 'a b' }), /DEPLOYMENT_ID must be 1 to 128 letters/],
      [
        audit([], { TABLE_NAME: table.table, CONTENT_BUCKET: 'content', PINECONE_API_KEY: 'local' }),
        /PINECONE_NAMESPACE is not set: set it to the deployment's, .*prod:/,
      ],
    ];
    await expectRefusals(cases);
    await expectMisuses([[audit(['--repiar']), /unknown option '--repiar'\n\(Did you mean --repair\?\)/]]);
  });

  test('prints its help without a stack', async () => {
    const { status, out } = await audit(['--help'], {});
    expect([status, out.split('\n')[0]]).toEqual([0, 'Usage: everytoken audit [options]']);
    expect((await runEverytoken(['--help'], dataDir)).out).toMatch(/^ {2}audit +compares/m);
  });
}, 300_000);
