import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Presign } from '../../files/upload.ts';

/** Presigned S3 URLs of a bucket: signed here, without a request. */
export const makeS3Presign = (bucket: string): Presign => {
  // A checksum of the client's own would be that of an empty body.
  const client = new S3Client({ forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' });
  return {
    put: (key, { contentType, bytes, seconds }) =>
      getSignedUrl(
        client,
        new PutObjectCommand({ Bucket: bucket, Key: key, ContentType: contentType, ContentLength: bytes }),
        // Signed, these must be as they were announced.
        { expiresIn: seconds, signableHeaders: new Set(['content-type', 'content-length']) },
      ),
    get: (key, seconds) =>
      getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: seconds }),
  };
};
