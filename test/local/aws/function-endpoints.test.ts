import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalAws, startAws } from '../../../local/aws/start-aws.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { fn, queue, writeBundles } from './small-stack.ts';

const template = {
  Resources: { Teller: fn('teller', { variables: { WORK: { Ref: 'Work' } } }), Work: queue() },
};
const teller = 'export const handler = async () => process.env;';

let aws: LocalAws;
beforeAll(async () => {
  aws = await startAws({
    template,
    bundles: writeBundles({ Teller: teller }),
    ...{ dataDir: temporaryFolder(), port: 0, environment: {}, log: () => {} },
    functionEndpoints: async (endpoints) => ({
      ...endpoints,
      dynamodb: 'http://127.0.0.1:1',
      sqs: 'http://127.0.0.1:2',
    }),
  });
});
afterAll(() => aws.close());

test('functions alone are given other addresses than the services have, in queue URLs too', async () => {
  expect(await aws.invoke('Teller', {})).toMatchObject({
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
    AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:2',
    AWS_ENDPOINT_URL_S3: aws.s3,
    WORK: expect.stringMatching(/^http:\/\/127\.0\.0\.1:2\//),
  });
  expect(aws.queues.Work).toContain(aws.sqs);
});

test('each function signs with its own credentials, like with its role on AWS', async () => {
  expect(await aws.invoke('Teller', {})).toMatchObject({ AWS_ACCESS_KEY_ID: 'Teller' });
});
