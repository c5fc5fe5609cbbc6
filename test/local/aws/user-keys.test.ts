import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newAwsKey } from '../../../local/aws/credentials.ts';
import { type LocalAws, startAws } from '../../../local/aws/start-aws.ts';
import { startUserKeys } from '../../../local/aws/user-keys.ts';
import { rawRequest } from '../../fixtures/raw-request.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { fn, writeBundles } from './small-stack.ts';

const table = {
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  },
};
const Resources = {
  Lister: fn('lister'),
  Table: table,
  Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'objects' } },
};
const sdk = (name: string) => import.meta.resolve(`@aws-sdk/client-${name}`);
const lister = `
import { DynamoDBClient, ListTablesCommand } from '${sdk('dynamodb')}';
import { ListObjectsV2Command, S3Client } from '${sdk('s3')}';
const s3 = new S3Client({ forcePathStyle: true, maxAttempts: 1 });
export const handler = async () => [
  (await new DynamoDBClient({ maxAttempts: 1 }).send(new ListTablesCommand({}))).TableNames.length,
  (await s3.send(new ListObjectsV2Command({ Bucket: 'objects' }))).KeyCount,
];`;

const environment = { ...process.env };
let theirs: LocalAws;
let mixed: LocalAws | undefined;
const start = (options: Partial<Parameters<typeof startAws>[0]>) =>
  startAws({
    ...{ template: { Resources }, bundles: writeBundles({ Lister: lister }), dataDir: temporaryFolder() },
    ...{ port: 0, environment: {}, log: () => {}, ...options },
  });
beforeEach(async () => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  theirs = await start({ template: { Resources: { Table: table } } });
});
afterEach(async () => {
  Object.assign(process.env, environment);
  for (const name of ['AWS_CONFIG_FILE', 'AWS_EC2_METADATA_DISABLED']) delete process.env[name];
  await mixed?.close();
  await theirs.close();
});

/** Credentials that expire, as a company's login hands them out. */
const useExpiring = ({ accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string }) => {
  const file = join(temporaryFolder(), 'config');
  const given = { Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey };
  const Expiration = new Date(Date.now() + 3_600_000).toISOString();
  const json = JSON.stringify({ ...given, SessionToken: 'a-token', Expiration });
  writeFileSync(file, `[default]\ncredential_process = echo '${json}'\n`);
  Object.assign(process.env, { AWS_CONFIG_FILE: file, AWS_EC2_METADATA_DISABLED: 'true' });
};

test('with a table of the user’s own, functions sign for it and for the local parts with the user’s key', async () => {
  const { accessKeyId, secretAccessKey } = theirs.credentials;
  mixed = await start({
    endpoints: { dynamodb: theirs.dynamodb },
    userEnvironment: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
  });
  expect(await mixed.invoke('Lister', {})).toEqual([1, 0]);
});

test('with credentials that expire, functions and local parts have the same ones', async () => {
  useExpiring(theirs.credentials);
  mixed = await start({ endpoints: { dynamodb: theirs.dynamodb }, userEnvironment: {} });
  expect(await mixed.invoke('Lister', {})).toEqual([1, 0]);
});

test('the endpoint of such credentials answers nobody without its token, and no page', async () => {
  const key = newAwsKey();
  useExpiring(key);
  const { keys, variables, close } = await startUserKeys('us-east-1', {});
  const url = variables.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '';
  const authorization = variables.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? '';
  expect(keys.get(key.accessKeyId)).toBe(key.secretAccessKey);
  const answer = await rawRequest(url, { headers: { authorization } });
  expect(JSON.parse(answer.text)).toMatchObject({ AccessKeyId: key.accessKeyId, Token: 'a-token' });
  for (const headers of [
    {},
    { authorization: randomBytes(24).toString('base64url') },
    { authorization, origin: 'https://evil.example' },
    { authorization, host: 'evil.example' },
  ] as Record<string, string>[]) {
    expect(await rawRequest(url, { headers })).toMatchObject({ status: 403, text: '' });
  }
  await close();
});
