import { ConfigurationError } from '../../errors.ts';

/** The partitions with a domain of their own, by the beginnings of their regions. */
const DOMAINS = new Map([
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
]);

/**
 * The address below which `makeS3Presign` has all presigned URLs of the content bucket, from the variables that the SDK
 * reads, for functions that have no client of S3.
 *
 * @throws {ConfigurationError} when a variable is missing.
 *
 * @example
 * objectStoreAddress({ CONTENT_BUCKET: 'texts', AWS_REGION: 'eu-west-1' }) // 'https://s3.eu-west-1.amazonaws.com/texts/'
 */
export const objectStoreAddress = (env: Record<string, string | undefined>): string => {
  const { CONTENT_BUCKET: bucket, AWS_REGION: region } = env;
  const missing = Object.entries({ CONTENT_BUCKET: bucket, AWS_REGION: region }).filter(
    ([, value]) => !value,
  );
  if (missing.length > 0)
    throw new ConfigurationError(
      `the environment variables are not valid: ${missing.map(([name]) => `${name} is required`).join('; ')}`,
    );
  const endpoint =
    env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || `https://s3.${region}.${domainOf(region)}`;
  return `${endpoint.replace(/\/+$/, '')}/${bucket}/`;
};

const domainOf = (region = ''): string =>
  [...DOMAINS].find(([start]) => region.startsWith(start))?.[1] ?? 'amazonaws.com';
