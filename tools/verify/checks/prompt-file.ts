import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import type { LambdaFunction } from '../../../local/aws/template/stack-model.ts';
import type { Deployment } from '../deployment.ts';
import type { Queues } from '../queues.ts';
import { must, type Report, same } from '../report.ts';

const RESULTS = 'two prompts, a+b ü.jsonl';
const KEY = `prompts/${RESULTS}`;
/** The functions that a prompt file passes through, in order, by the files of their handlers. */
const STEPS = ['intake', 'queue', 'embed', 'intake'];

/** Checks a prompt file from its upload to its results. */
export const checkPromptFile = async (
  { functionOf, s3, bucket }: Deployment,
  queues: Queues,
  { check }: Report,
): Promise<void> => {
  await check('S3 through SQS: a prompt file under a form-encoded key gets its results', async () => {
    const lines = ['Explain recall.', 'Explain precision.'].map((prompt) =>
      JSON.stringify({ prompt, max_tokens: 8, extra_body: { pace: 0 } }),
    );
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: KEY, Body: lines.join('\n') }));
    const steps: string[] = [];
    for (const file of STEPS) steps.push(`${file} ${await deliverAll(functionOf(file), queues)}`);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'results/' }));
    const written = Contents.map(({ Key = '' }) => Key);
    const found = written.find((key) => key.endsWith(`${RESULTS}.jsonl`));
    must(found, `the results are missing; there are ${written.join(', ') || 'no objects'} under results/`);
    const results = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: found }));
    const text = (await results.Body?.transformToString()) ?? '';
    same('the lines of the results', text.trim().split('\n').length, lines.length);
    return `messages: ${steps.join(', ')}`;
  });
};

/** Delivers messages until a function's queue is empty. Returns the number of messages. */
const deliverAll = async (fn: LambdaFunction, queues: Queues): Promise<number> => {
  let count = 0;
  for (let waitSeconds = 5; ; waitSeconds = 0) {
    const delivery = await queues.deliver(fn, waitSeconds);
    if (!delivery) return count;
    same(`the messages that ${fn.id} reported as failed`, delivery.failedIds, []);
    count += delivery.messages.length;
  }
};
