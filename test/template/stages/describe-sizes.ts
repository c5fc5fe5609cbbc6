import { describe, expect, test } from 'vitest';
import { at, ofType, type Properties, type Template } from '../template.ts';
import { namesIn, type Stage } from './stage.ts';

/** The bytes of a value as JSON without white space, the way services count policies. */
const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

const AN_ARN = 'x'.repeat(100); // longer than any name, address or ARN that a reference here can become

/** The upper bound of a value's bytes once its references are resolved. */
const deployedSizeOf = ({ Resources }: Template, value: unknown): number => {
  const references = /\b([A-Za-z0-9]+)(\.[A-Za-z]+)?\b/g;
  const text = (JSON.stringify(value) ?? '').replace(references, (whole, id: string) =>
    Object.hasOwn(Resources, id) ? AN_ARN : whole,
  );
  return Buffer.byteLength(text);
};
const total = (sizes: number[]): number => sizes.reduce((sum, size) => sum + size, 0);

const keysOf = (schema: unknown): unknown[] =>
  Array.isArray(schema) ? schema.map((key) => at(key, 'AttributeName')) : [];

/** Tests of limits that concern more than one value. */
export const describeSizes = (stage: () => Stage): void => {
  describe('the stack', () => {
    test('has at most 500 resources, 200 outputs and 1 MB, with ids of letters and digits', () => {
      const { template } = stage();
      const ids = Object.keys(template.Resources);
      expect(ids.length).toBeLessThanOrEqual(500);
      expect(Object.keys(template.Outputs ?? {}).length).toBeLessThanOrEqual(200);
      expect(sizeOf(template)).toBeLessThanOrEqual(1_000_000);
      expect(ids.filter((id) => !/^[A-Za-z0-9]{1,255}$/.test(id))).toEqual([]);
    });

    test('leaves room in names for a stage of sixteen letters', () => {
      const { name, made } = stage();
      const limits = { 'AWS::Lambda::Function': 64, 'AWS::S3::Bucket': 63, 'AWS::SQS::Queue': 80 } as const;
      for (const [type, limit] of Object.entries(limits)) {
        for (const [id, properties] of ofType(made, type)) {
          const given = properties.FunctionName ?? properties.BucketName ?? properties.QueueName ?? '';
          expect([id, String(given).length - name.length + 16 <= limit]).toEqual([id, true]);
        }
      }
    });

    test('has unique names within each type', () => {
      const names = namesIn(stage().made);
      expect(names.length).toBeGreaterThan(5);
      expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
    });

    test('has at most 4 KB of variables for each function', () => {
      const { made } = stage();
      for (const [id, properties] of ofType(made, 'AWS::Lambda::Function')) {
        const size = deployedSizeOf(made, at(properties, 'Environment', 'Variables'));
        expect([id, size > 500 && size <= 4_096]).toEqual([id, true]);
      }
    });

    test('has policies of at most 10,240 bytes a role, 2,048 of them for trust, and 20 KB a bucket', () => {
      const { made } = stage();
      for (const [id, { Policies = [], AssumeRolePolicyDocument }] of ofType(made, 'AWS::IAM::Role')) {
        const inline = (Policies as Properties[]).map((policy) =>
          deployedSizeOf(made, policy.PolicyDocument),
        );
        expect([id, total(inline) <= 10_240]).toEqual([id, true]);
        expect([id, sizeOf(AssumeRolePolicyDocument) <= 2_048]).toEqual([id, true]);
      }
      for (const [id, { PolicyDocument }] of ofType(made, 'AWS::S3::BucketPolicy')) {
        expect([id, deployedSizeOf(made, PolicyDocument) <= 20_480]).toEqual([id, true]);
      }
    });

    test('defines exactly those attributes of the table that its keys name', () => {
      for (const [, table] of ofType(stage().made, 'AWS::DynamoDB::Table')) {
        const indexes = (table.GlobalSecondaryIndexes ?? []) as Properties[];
        const keys = [table, ...indexes].flatMap(({ KeySchema }) => keysOf(KeySchema));
        const projected = indexes.map((index) => at(index, 'Projection', 'NonKeyAttributes') ?? []);
        expect(keysOf(table.AttributeDefinitions).toSorted()).toEqual([...new Set(keys)].toSorted());
        expect(projected.flat().length).toBeLessThanOrEqual(100);
      }
    });
  });
};
