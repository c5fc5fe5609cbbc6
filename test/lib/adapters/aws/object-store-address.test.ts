import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { objectStoreAddress } from '../../../../lib/adapters/aws/object-store-address.ts';
import { makeS3Presign } from '../../../../lib/adapters/aws/s3-presign.ts';

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('CONTENT_BUCKET', 'everytoken-texts');
});
afterEach(() => vi.unstubAllEnvs());

const presigned = async (): Promise<string[]> => {
  const presign = makeS3Presign('everytoken-texts');
  return Promise.all([
    presign.put('prompts/a b.txt', { contentType: 'text/plain', bytes: 3, seconds: 60 }),
    presign.get('results/file_1/results.csv', 60),
  ]);
};

describe('presigned URLs are below the address of the object store', () => {
  test.each(['us-east-1', 'eu-central-1', 'ap-southeast-7', 'us-gov-west-1', 'cn-north-1', 'eusc-de-east-1'])(
    'of AWS in %s',
    async (region) => {
      vi.stubEnv('AWS_REGION', region);
      const address = objectStoreAddress(process.env);
      expect(address).toMatch(/^https:\/\/s3\.[^/]+\/everytoken-texts\/$/);
      for (const url of await presigned()) expect(url.slice(0, address.length)).toBe(address);
    },
  );

  test.each([
    ['AWS_ENDPOINT_URL_S3', 'http://127.0.0.1:4567'],
    ['AWS_ENDPOINT_URL_S3', 'http://127.0.0.1:4567/'],
    ['AWS_ENDPOINT_URL', 'https://objects.example/store'],
  ])('of %s=%s', async (name, value) => {
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv(name, value);
    const address = objectStoreAddress(process.env);
    for (const url of await presigned()) expect(url.slice(0, address.length)).toBe(address);
  });
});

test('missing variables are named, all at once', () => {
  expect(() => objectStoreAddress({ CONTENT_BUCKET: '' })).toThrow(
    'CONTENT_BUCKET is required; AWS_REGION is required',
  );
});
