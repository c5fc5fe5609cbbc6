import { expect, test } from 'vitest';
import { environmentOf } from '../../cli/running-stack.ts';
import { configurationOf } from '../../lib/adapters/settings/configuration.ts';
import type { StackFile } from '../../local/stack-file.ts';

const stack: StackFile = {
  api: 'http://127.0.0.1:1',
  dashboard: 'http://127.0.0.1:1',
  openai: 'http://127.0.0.1:2',
  pinecone: 'http://127.0.0.1:3',
  dynamodb: 'http://127.0.0.1:4',
  s3: 'http://127.0.0.1:5',
  sqs: 'http://127.0.0.1:6',
  events: 'http://127.0.0.1:7',
  table: 'runs',
  bus: 'everytoken',
  index: 'autogen-text',
  deployment: 'local-1',
  namespace: 'local-1:',
  buckets: { ContentBucket: 'content' },
  queues: {},
  credentials: {
    api: null,
    aws: { access_key_id: 'LOCALKEY', secret_access_key: 'a-secret' },
    openai: 'sk-local',
    pinecone: 'pclocal',
  },
};
const others = { BUS_NAME: 'bus', JOBS_QUEUE_URL: 'jobs', INTAKE_QUEUE_URL: 'intake' };
const configured = (variables: Record<string, string>) =>
  configurationOf({ ...others, ...environmentOf(stack, variables) });

test('the configuration for a local stack has its table, bucket, index and embedding model', () => {
  expect(configured({ PINECONE_NAMESPACE: 'mine:' })).toMatchObject({
    tableName: 'runs',
    contentBucket: 'content',
    embedding: { model: 'everytoken-use' },
    pinecone: {
      controllerHost: stack.pinecone,
      apiKey: { value: 'pclocal' },
      index: 'autogen-text',
      namespacePrefix: 'mine:',
    },
  });
});

test('the configuration for a local stack keeps the vectors of its data folder apart', () => {
  expect(configured({})).toMatchObject({ deployment: 'local-1', pinecone: { namespacePrefix: 'local-1:' } });
});

test('with the embeddings of the user, the model is the default one of the stack or the one that is set', () => {
  const OPENAI_API_KEY = 'key';
  expect(configured({ OPENAI_API_KEY }).embedding.model).toBe('text-embedding-3-small');
  expect(configured({ OPENAI_API_KEY, EMBEDDING_MODEL: 'other' }).embedding.model).toBe('other');
});

test("local services get local credentials, a user's own services the user's", () => {
  const own = { AWS_ACCESS_KEY_ID: 'mine', AWS_PROFILE: 'work' };
  expect(environmentOf(stack, own)).toMatchObject({ AWS_ACCESS_KEY_ID: 'LOCALKEY', AWS_PROFILE: '' });
  const foreign = { ...own, AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9' };
  expect(environmentOf(stack, foreign)).toMatchObject(own);
});
