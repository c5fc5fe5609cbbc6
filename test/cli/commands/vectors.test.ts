import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDynamoRunStore } from '../../../lib/adapters/dynamodb/run-store.ts';
import { makePineconeIndex } from '../../../lib/adapters/pinecone/vector-index.ts';
import { startPinecone } from '../../../local/pinecone/server.ts';
import { openTable } from '../../factories/dynamodb-table.ts';
import { makeFigures, makeRun } from '../../factories/run.ts';
import { awsVariables } from '../../fixtures/aws-key.ts';
import { expectMisuses, expectRefusals, runEverytoken } from '../run-everytoken.ts';

const EARLIER = 'text-embedding-3-small:docs';
const MOVED = 'dev:text-embedding-3-small:docs';
const STRANGE = 'run_00000000000000000000000009#0#0';

const run = makeRun({ status: 'completed', generations: [makeFigures({ chunks: 2 })] });
const own = [`${run.id}#0#0`, `${run.id}#0#1`];

const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-vectors-'));
let table: Awaited<ReturnType<typeof openTable>>;
let pinecone: Awaited<ReturnType<typeof startPinecone>>;
let address: string;
let index: ReturnType<typeof makePineconeIndex>;

beforeAll(async () => {
  [table, pinecone] = await Promise.all([openTable(), startPinecone({ file: ':memory:' })]);
  const endpoint = await table.client.config.endpoint?.();
  address = `http://${endpoint?.hostname}:${endpoint?.port}`;
  const connection = { apiKey: pinecone.apiKey, controllerHost: pinecone.url, indexName: 'autogen-text' };
  index = makePineconeIndex({ ...connection, dimension: 1536 });
  await makeDynamoRunStore({ client: table.client, table: table.table }).create(run);
  const records = [...own, STRANGE].map((id) => ({
    id,
    values: new Float32Array(1536).fill(1),
    metadata: { text: id, created_at: Date.parse(run.createdAt) },
  }));
  await index.upsert(EARLIER, records);
});
afterAll(async () => {
  await Promise.all([table?.close(), pinecone?.close()]);
  rmSync(dataDir, { recursive: true, force: true });
});

const deployed = () => ({
  TABLE_NAME: table.table,
  AWS_ENDPOINT_URL_DYNAMODB: address,
  AWS_REGION: 'us-east-1',
  ...awsVariables,
  PINECONE_API_KEY: pinecone.apiKey,
  PINECONE_NAMESPACE: 'dev:',
  PINECONE_CONTROLLER_HOST: pinecone.url,
});
const vectors = (args: string[], variables: Record<string, string> = deployed()) =>
  runEverytoken(['vectors', ...args], dataDir, variables);
const idsIn = async (namespace: string) =>
  (await index.fetch(namespace, [...own, STRANGE])).map(({ id }) => id).sort();

describe('everytoken vectors move', () => {
  test('moves the vectors of the runs in the table from the earlier default, and the rest stays', async () => {
    const line = (moved: number) =>
      `${EARLIER}: ${moved} moved, 0 deleted, 1 left that are not of runs here\n`;
    expect(await vectors(['move'])).toEqual({ status: 0, out: line(2), err: `· table ${table.table}\n` });
    expect([await idsIn(EARLIER), await idsIn(MOVED)]).toEqual([[STRANGE], own]);
    expect((await vectors(['move'])).out).toBe(line(0));
  });

  test('moves from any earlier prefix', async () => {
    const variables = { ...deployed(), PINECONE_NAMESPACE: 'prod:' };
    expect((await vectors(['move', '--from', 'dev:'], variables)).out).toContain(`${MOVED}: 2 moved`);
    expect([await idsIn(MOVED), await idsIn('prod:text-embedding-3-small:docs')]).toEqual([[], own]);
    const never = await vectors(['move', '--from', 'never:'], variables);
    expect([never.out, never.err]).toEqual([
      '',
      expect.stringContaining('there are no namespaces never:text-embedding-3-small:…\n'),
    ]);
  });

  test('adds words to vectors stored without, and says to how many', async () => {
    const namespace = 'words:text-embedding-3-small:docs';
    const [first = ''] = own;
    const metadata = { text: 'It was ERR_4411.', created_at: Date.parse(run.createdAt) };
    await index.upsert(namespace, [{ id: first, values: new Float32Array(1536).fill(1), metadata }]);
    const variables = { ...deployed(), PINECONE_NAMESPACE: 'words:' };
    const line = (added: number) => `${namespace}: ${added} of 1 vectors got their words\n`;
    expect(await vectors(['words'], variables)).toMatchObject({ status: 0, out: line(1) });
    expect((await index.fetch(namespace, [first]))[0]?.metadata.words).toEqual(['err_4411', 'err', '4411']);
    expect((await vectors(['words'], variables)).out).toBe(line(0));
  });

  test('reports an error in one line with the remedy', async () => {
    await expectRefusals([
      [
        vectors(['move'], {}),
        /no local stack runs in .*: start one \(npm start\), or name a deployment with --stage/,
      ],
      [vectors(['move'], { TABLE_NAME: 'table' }), /PINECONE_NAMESPACE is not set/],
      [vectors(['move'], { ...deployed(), PINECONE_NAMESPACE: '' }), /PINECONE_NAMESPACE is empty/],
      [vectors(['move', '--from', 'dev:']), /--from is the PINECONE_NAMESPACE itself/],
    ]);
    await expectMisuses([
      [vectors(['move', 'all']), /too many arguments/],
      [vectors(['copy']), /unknown command 'copy'/],
    ]);
  });

  test('prints its help without a stack', async () => {
    const { status, out } = await vectors(['move', '--help'], {});
    expect([status, out.split('\n')[0]]).toEqual([0, 'Usage: everytoken vectors move [options]']);
    expect((await vectors(['--help'], {})).out).toMatch(/^ {2}move +moves/m);
  });
}, 300_000);
