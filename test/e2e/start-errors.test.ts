import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pinecone } from '@pinecone-database/pinecone';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDynamoDb } from '../../local/aws/start-dynamodb.ts';
import { type PineconeServer, startPinecone } from '../../local/pinecone/server.ts';
import { awsKey, keys } from '../fixtures/aws-key.ts';
import { type ModelServer, startModelServer } from './model-server.ts';
import { membersOf } from './process-table.ts';
import { endAll, freePort, spawnStack, temporaryFolder } from './stack-process.ts';

let models: ModelServer;
let locked: ModelServer;
let small: ModelServer;
let pinecone: PineconeServer;
let dynamodb: Awaited<ReturnType<typeof startDynamoDb>>;
let closedPort: number;

beforeAll(async () => {
  models = await startModelServer({ models: ['chat-a', 'chat-b'], dimensions: 1536 });
  locked = await startModelServer({ key: 'the right one' });
  small = await startModelServer({ models: ['gpt-6-luna'], dimensions: 384 });
  pinecone = await startPinecone({ file: ':memory:' });
  await new Pinecone({ apiKey: pinecone.apiKey, controllerHostUrl: pinecone.url }).indexes.create({
    name: 'autogen-text',
    dimension: 768,
    metric: 'cosine',
    spec: { serverless: { cloud: 'aws', region: 'us-east-1' } },
  });
  dynamodb = await startDynamoDb({
    folder: temporaryFolder(),
    tables: [],
    region: 'us-east-1',
    key: awsKey,
    keys,
  });
  closedPort = await freePort();
});
afterAll(async () => {
  await Promise.all([models, locked, small, pinecone, dynamodb].map((server) => server?.close()));
  endAll();
});

/** Starts a stack that must fail, and resolves to the one line with its reason. */
const failure = async (variables: Record<string, string>, dataDir = temporaryFolder()): Promise<string> => {
  const stack = spawnStack(dataDir, variables);
  expect(await stack.closed).toBe(1);
  const errors = stack
    .output()
    .split('\n')
    .filter((line) => /^error: |^\s+at |Error: /.test(line));
  expect(errors, stack.output()).toHaveLength(1);
  expect(stack.output().trim().split('\n').at(-1)).toBe(errors[0]);
  expect(membersOf(stack.pid)).toEqual([]);
  return errors[0] ?? '';
};

// No local model starts with a model server of the user's own, so that these fail quickly.
const ownModels = () => ({ OPENAI_BASE_URL: models.url, DEFAULT_MODEL: 'chat-a' });

describe('npm start reports in one line the fault and its remedy, and leaves nothing running, for', () => {
  test('a `PORT` that is not a port', async () => {
    expect(await failure({ PORT: '70000' })).toBe(
      "error: PORT is '70000': set it to a number from 0 to 65535, or leave it out (3000)",
    );
  });

  test('keys that are not caller:secret, without printing them', async () => {
    const line = await failure({ EVERYTOKEN_API_KEYS: 'a:long-enough-to-be-fine,hunter2' });
    expect(line).toMatch(/EVERYTOKEN_API_KEYS: entry 2 is not caller:secret/);
    expect(line).not.toContain('hunter2');
  });

  test('a data folder that cannot be written', async () => {
    const file = join(temporaryFolder(), 'a-file');
    writeFileSync(file, '');
    expect(await failure({}, join(file, 'data'))).toMatch(
      /the data folder .*a-file\/data cannot be written \(ENOTDIR\): set EVERYTOKEN_DATA_DIR/,
    );
  });

  test('a data folder of a newer version, which is left unchanged', async () => {
    const folder = temporaryFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'version.json'), '{"version": 99}');
    expect(await failure({}, folder)).toMatch(
      /was written by a newer version of everytoken: update, or set EVERYTOKEN_DATA_DIR to another folder/,
    );
    expect(readdirSync(folder)).toEqual(['version.json']);
  });

  test('a model server that cannot be reached', async () => {
    const url = `http://127.0.0.1:${closedPort}/v1`;
    expect(await failure({ OPENAI_BASE_URL: url })).toBe(
      `error: ${url} cannot be reached (ECONNREFUSED): check OPENAI_BASE_URL, or leave it out for the local model`,
    );
  });

  test('a key that the model server refuses, without printing it', async () => {
    const line = await failure({ OPENAI_BASE_URL: locked.url, OPENAI_API_KEY: 'hunter2' });
    expect(line).toBe(`error: ${locked.url} refuses the key (401): put a valid OPENAI_API_KEY into .env`);
  });

  test('a model that the server does not have, naming the available ones', async () => {
    expect(await failure({ ...ownModels(), DEFAULT_MODEL: 'chat-z' })).toBe(
      `error: the model 'chat-z' is not on ${models.url}: set DEFAULT_MODEL to one that is, such as chat-a, chat-b`,
    );
  });

  test('embeddings that cannot be reached, or are of another size', async () => {
    const url = `http://127.0.0.1:${closedPort}/v1`;
    expect(await failure({ ...ownModels(), EMBEDDING_BASE_URL: url })).toContain('check EMBEDDING_BASE_URL');
    const variables = { OPENAI_BASE_URL: small.url, EMBEDDING_MODEL: 'small-embedder' };
    expect(await failure(variables)).toMatch(
      /'small-embedder' have 384 dimensions, EMBEDDING_DIMENSIONS is 1536: set EMBEDDING_DIMENSIONS to 384/,
    );
  });

  test('an index of another dimension, naming both numbers', async () => {
    const ownPinecone = { PINECONE_CONTROLLER_HOST: pinecone.url, PINECONE_API_KEY: pinecone.apiKey };
    expect(await failure({ ...ownModels(), ...ownPinecone })).toMatch(
      /the index 'autogen-text' has 768 dimensions, embeddings have 1536: set PINECONE_INDEX .* EMBEDDING_DIMENSIONS/,
    );
  });

  test('a Pinecone that cannot be reached', async () => {
    const url = `http://127.0.0.1:${closedPort}`;
    expect(await failure({ ...ownModels(), PINECONE_CONTROLLER_HOST: url })).toBe(
      `error: ${url} cannot be reached (ECONNREFUSED): check PINECONE_CONTROLLER_HOST`,
    );
  });

  test('a DynamoDB of the user’s own without the table, naming it', async () => {
    const credentials = {
      AWS_ACCESS_KEY_ID: awsKey.accessKeyId,
      AWS_SECRET_ACCESS_KEY: awsKey.secretAccessKey,
    };
    const line = await failure({ ...ownModels(), ...credentials, AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url });
    expect(line).toContain(`DynamoDB table everytoken-local-Table at ${dynamodb.url}`);
  });

  test('an S3 of the user’s own without its queues and events', async () => {
    expect(await failure({ ...ownModels(), AWS_ENDPOINT_URL_S3: dynamodb.url })).toContain(
      'set AWS_ENDPOINT_URL_SQS and AWS_ENDPOINT_URL_EVENTBRIDGE too',
    );
  });
});
