import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Presign } from '../../files/upload.ts';
import type { BucketClient } from './s3-content.ts';

/**
 * Presigned S3 URLs: signed here, without a request. `client` must add no checksum of its own
 * (`requestChecksumCalculation: 'WHEN_REQUIRED'`): it would sign that of an empty body.
 */
export const makeS3Presign = ({ client, bucket }: BucketClient & { client: S3Client }): Presign => ({
  put: (key, { contentType, bytes, seconds }) =>
    getSignedUrl(
      client,
      new PutObjectCommand({ Bucket: bucket, Key: key, ContentType: contentType, ContentLength: bytes }),
      // Signed, these must be as they were announced.
      { expiresIn: seconds, signableHeaders: new Set(['content-type', 'content-length']) },
    ),
  get: (key, seconds) =>
    getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: seconds }),
});
