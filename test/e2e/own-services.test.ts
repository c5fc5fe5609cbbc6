import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pinecone } from '@pinecone-database/pinecone';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDynamoDb } from '../../local/aws/start-dynamodb.ts';
import type { Template } from '../../local/aws/template/intrinsics.ts';
import { readTemplate } from '../../local/aws/template/read-template.ts';
import { packageFunctions } from '../../local/package-functions.ts';
import { type PineconeServer, startPinecone } from '../../local/pinecone/server.ts';
import { awsKey, keys } from '../fixtures/aws-key.ts';
import { type Client, clientOf } from './everytoken-client.ts';
import { type ModelServer, startModelServer } from './model-server.ts';
import { awsClients } from './stack-clients.ts';
import { endAll, type RunningStack, root, runStack, temporaryFolder } from './stack-process.ts';

const own = { access_key_id: awsKey.accessKeyId, secret_access_key: awsKey.secretAccessKey };
let models: ModelServer;
let pinecone: PineconeServer;
let dynamodb: Awaited<ReturnType<typeof startDynamoDb>>;
let stack: RunningStack;
let api: Client;

beforeAll(async () => {
  models = await startModelServer(); // without embeddings
  pinecone = await startPinecone({ file: ':memory:' });
  const { template } = await packageFunctions(root, join(root, 'node_modules/.cache/everytoken/packages'));
  const names = { stackName: 'everytoken-local', region: 'us-east-1', account: '000000000000' };
  const { tables } = readTemplate(template as Template, names);
  dynamodb = await startDynamoDb({
    folder: temporaryFolder(),
    tables,
    region: 'us-east-1',
    key: awsKey,
    keys,
  });
  stack = await runStack(temporaryFolder(), {
    OPENAI_BASE_URL: models.url,
    DEFAULT_MODEL: 'other-chat',
    PINECONE_CONTROLLER_HOST: pinecone.url,
    PINECONE_API_KEY: pinecone.apiKey,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
    AWS_ACCESS_KEY_ID: awsKey.accessKeyId,
    AWS_SECRET_ACCESS_KEY: awsKey.secretAccessKey,
  });
  api = clientOf(stack.file.api);
}, 300_000);
afterAll(async () => {
  await stack?.interrupt(); // the stack still uses their database, which is closed only afterwards
  endAll();
  await Promise.all([models, pinecone, dynamodb].map((server) => server?.close()));
});

describe('npm start with services of the user’s own', () => {
  test('prints first which services are the user’s, with their addresses', () => {
    const [said = ''] = stack.output().split('✓');
    for (const address of [models.url, pinecone.url, 'AWS_ENDPOINT_URL_DYNAMODB'])
      expect(said).toContain(address);
    expect(stack.file).toMatchObject({ openai: models.url, pinecone: pinecone.url, dynamodb: dynamodb.url });
  });

  test('uses them: the text of the model, the item in the table, the vector in the index', async () => {
    const { body: run } = await api.run({ prompt: 'Explain weights.' });
    expect(run).toMatchObject({ status: 'generated', model: 'other-chat' });
    expect(run.generations[0]?.text).toBe('Another server says that weights are numbers.');
    await api.completed(run.id);
    const aws = awsClients({ ...stack.file, credentials: { ...stack.file.credentials, aws: own } });
    expect(await aws.runItem(run.id)).toMatchObject({ id: run.id, status: 'completed' });
    aws.destroy();
    const client = new Pinecone({ apiKey: pinecone.apiKey, controllerHostUrl: pinecone.url });
    // Their server has no embeddings, so the local encoder makes them.
    const namespace = `${stack.file.namespace}everytoken-use:local`;
    const index = client.index({ name: 'autogen-text', namespace });
    expect((await index.listPaginated()).vectors?.map(({ id }) => id)).toEqual([`${run.id}#0#0`]);
    expect((await api.search('numbers and weights')).map(({ run_id }) => run_id)).toEqual([run.id]);
  });

  test('starts no local service in their place', async () => {
    expect(existsSync(join(stack.dataDir, 'pinecone'))).toBe(false);
    expect(existsSync(join(stack.dataDir, 'aws', 'dynamodb'))).toBe(false);
  });

  test.runIf(existsSync('/proc/self/environ'))(
    'starts an encoder, and no language model beside it',
    async () => {
      const environments = stack
        .children()
        .map((pid) => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0'));
      const variable = (name: string) =>
        environments
          .flat()
          .find((each) => each.startsWith(`${name}=`) && each.length > name.length + 1)
          ?.slice(name.length + 1);
      const answer = await fetch(`${variable('EMBEDDING_BASE_URL')}/models`, {
        headers: { authorization: `Bearer ${variable('EMBEDDING_API_KEY')}` },
      });
      const { data } = (await answer.json()) as { data: { id: string }[] };
      expect(data.map(({ id }) => id)).toEqual(['everytoken-use']);
    },
  );
});
