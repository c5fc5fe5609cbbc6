import { describe, expect, test } from 'vitest';
import { at, ofType, type Properties } from '../template.ts';
import { byId, type Stage } from './stage.ts';

/** Tests of the table and the buckets. */
export const describeData = (stage: () => Stage): void => {
  describe('storage', () => {
    test('keeps the table and the content bucket of prod when the stack is removed, and always when replaced', () => {
      for (const id of ['Table', 'ContentBucket']) {
        const { DeletionPolicy, UpdateReplacePolicy } = stage().made.Resources[id] ?? {};
        const whenRemoved = stage().name === 'prod' ? 'RetainExceptOnCreate' : 'Delete';
        expect([id, DeletionPolicy, UpdateReplacePolicy]).toEqual([id, whenRemoved, 'Retain']);
      }
    });

    test('bills the table by request, and can restore it to any second of the last weeks', () => {
      const table = byId(stage().made, 'Table');
      expect(table).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
      expect(String(table.DeletionProtectionEnabled)).toBe(String(stage().name === 'prod'));
    });

    test('has private, encrypted buckets that accept TLS alone', () => {
      const { made } = stage();
      const policies = new Map(
        ofType(made, 'AWS::S3::BucketPolicy').map(([, { Bucket, PolicyDocument }]) => [
          Bucket,
          PolicyDocument,
        ]),
      );
      for (const [id, bucket] of ofType(made, 'AWS::S3::Bucket')) {
        expect([id, bucket.PublicAccessBlockConfiguration]).toEqual([
          id,
          {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
        ]);
        expect([id, at(bucket, 'BucketEncryption', 'ServerSideEncryptionConfiguration')]).toEqual([
          id,
          [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        ]);
        const [statement] = at(policies.get(id), 'Statement') as unknown[];
        expect([id, statement]).toMatchObject([id, { Effect: 'Deny', Principal: '*', Action: 's3:*' }]);
        expect(String(at(statement, 'Condition', 'Bool', 'aws:SecureTransport'))).toBe('false');
      }
    });

    test('deletes incomplete uploads and exports after a week, and contents only after a configured lifetime', () => {
      const rules = at(
        byId(stage().made, 'ContentBucket'),
        'LifecycleConfiguration',
        'Rules',
      ) as Properties[];
      const uploads = rules.flatMap(
        ({ AbortIncompleteMultipartUpload }) => AbortIncompleteMultipartUpload ?? [],
      );
      const ofExports = rules.filter(({ Prefix }) => Prefix === 'exports/');
      const others = rules.filter((rule) => !ofExports.includes(rule));
      const days = others.flatMap(({ ExpirationInDays }) => ExpirationInDays ?? []).map(Number);
      expect(uploads).toEqual([{ DaysAfterInitiation: 7 }]);
      expect(days.filter((count) => count < 36_500)).toEqual([]);
      expect(ofExports.map(({ ExpirationInDays }) => Number(ExpirationInDays))).toEqual([7]);
      expect(new Set(rules.map(({ Status }) => Status))).toEqual(new Set(['Enabled']));
    });

    test('accepts uploads from any page by a presigned URL, and exposes the ETag', () => {
      const cors = at(byId(stage().made, 'ContentBucket'), 'CorsConfiguration', 'CorsRules', 0);
      expect(cors).toMatchObject({ AllowedOrigins: ['*'], ExposedHeaders: ['ETag'] });
      expect(at(cors, 'AllowedMethods')).toEqual(expect.arrayContaining(['PUT']));
    });
  });
};
