import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { NotFoundError } from '../../errors.ts';
import type { PartedUploads } from '../../runs/ports.ts';

/** S3 multipart uploads. The bucket's lifecycle rule removes uploads that are never completed. */
export const makeS3Uploads = ({ client, bucket }: { client: S3Client; bucket: string }): PartedUploads => ({
  createUpload: async (key, contentType) => {
    const { UploadId } = await client.send(
      new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ContentType: contentType }),
    );
    return UploadId ?? '';
  },

  putPart: async (key, uploadId, number, body) => {
    try {
      const { ETag } = await client.send(
        new UploadPartCommand({
          Bucket: bucket,
          Key: key,
          UploadId: uploadId,
          PartNumber: number,
          Body: body,
        }),
      );
      return ETag ?? '';
    } catch (error) {
      throw isMissingUpload(error) ? missingUpload(key, error) : error;
    }
  },

  completeUpload: async (key, uploadId, etags) => {
    const Parts = etags.map((ETag, at) => ({ ETag, PartNumber: at + 1 }));
    try {
      await client.send(
        new CompleteMultipartUploadCommand({
          Bucket: bucket,
          Key: key,
          UploadId: uploadId,
          MultipartUpload: { Parts },
        }),
      );
    } catch (error) {
      if (!isMissingUpload(error)) throw error;
      // An earlier attempt may have completed the upload without its response arriving.
      if (!(await objectExists(client, bucket, key))) throw missingUpload(key, error);
    }
  },
});

const isMissingUpload = (error: unknown): boolean =>
  error instanceof S3ServiceException && error.name === 'NoSuchUpload';

const missingUpload = (key: string, cause: unknown): NotFoundError =>
  new NotFoundError(`there is no open upload for ${key}`, { code: 'missing_upload', retryable: true, cause });

const objectExists = async (client: S3Client, bucket: string, key: string): Promise<boolean> => {
  try {
    await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return true;
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return false;
    throw error;
  }
};
