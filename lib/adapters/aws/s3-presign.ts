import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Presign } from '../../files/upload.ts';

/** Presigns S3 URLs of a bucket, locally and without a request. */
export const makeS3Presign = (bucket: string): Presign => {
  // By default the SDK would sign a checksum of the empty body that it has here.
  const client = new S3Client({ forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' });
  return {
    put: (key, { contentType, bytes, seconds }) =>
      getSignedUrl(
        client,
        new PutObjectCommand({
          ...{ Bucket: bucket, Key: key, ContentType: contentType, ContentLength: bytes },
          IfNoneMatch: '*', // the URL creates an object and never replaces one
        }),
        // S3 refuses an upload whose signed headers differ, so all three must be as announced.
        { expiresIn: seconds, signableHeaders: new Set(['content-type', 'content-length', 'if-none-match']) },
      ),
    get: (key, seconds) =>
      getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: seconds }),
  };
};
