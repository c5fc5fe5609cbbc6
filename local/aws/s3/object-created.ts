import { randomUUID } from 'node:crypto';
import type { BucketNotification } from '../template/stack-model.ts';

export type CreatedObject = {
  bucket: string;
  key: string;
  size: number;
  /** Without quotes. */
  eTag: string;
  /** The kind of write, as the event names it: `Put`, `Copy` or `CompleteMultipartUpload`. */
  by: string;
};

/** A key as S3 writes it in events: form-encoded, except for slashes. */
export const formEncodedKey = (key: string): string =>
  new URLSearchParams([['', key]]).toString().slice(1).replaceAll('%2F', '/');

/** Makes hexadecimal numbers that grow with each call and, since they follow the clock, across restarts. */
export const makeSequencer = (now: () => number = Date.now): (() => string) => {
  let latest = 0n;
  return () => {
    const floor = BigInt(now()) << 16n;
    latest = floor > latest ? floor : latest + 1n;
    return latest.toString(16).toUpperCase().padStart(18, '0');
  };
};

/** Whether a bucket's notification covers this object. */
export const covers = ({ event, prefix, suffix }: BucketNotification, { key, by }: CreatedObject): boolean =>
  (event === 's3:ObjectCreated:*' || event === `s3:ObjectCreated:${by}`) &&
  key.startsWith(prefix) &&
  key.endsWith(suffix);

/**
 * The S3 event for one object: the body of an SQS message.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export const objectCreated = (object: CreatedObject, region: string, sequencer: string, at: Date): string =>
  JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: region,
        eventTime: at.toISOString(),
        eventName: `ObjectCreated:${object.by}`,
        userIdentity: { principalId: 'local' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': randomUUID(), 'x-amz-id-2': 'local' },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'local',
          bucket: {
            name: object.bucket,
            ownerIdentity: { principalId: 'local' },
            arn: `arn:aws:s3:::${object.bucket}`,
          },
          object: { key: formEncodedKey(object.key), size: object.size, eTag: object.eTag, sequencer },
        },
      },
    ],
  });
