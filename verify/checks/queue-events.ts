import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Deployment } from '../deployment.ts';
import type { Gateway } from '../gateway.ts';
import { openQueues } from '../queues.ts';
import type { Report } from '../report.ts';
import { textOf } from '../runtime/runtime-api.ts';
import { must, same } from './expect.ts';

const RESULTS = 'two prompts, a+b ü.jsonl';
const KEY = `prompts/${RESULTS}`;
const TEST_EVENT = {
  Service: 'Amazon S3',
  Event: 's3:TestEvent',
  Time: '2026-11-22T13:00:00.000Z',
  Bucket: 'everytoken-verify',
  RequestId: '5582815E1AEA5ADF',
  HostId: '8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE',
};
const SCHEDULED = {
  version: '0',
  id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '000000000000',
  time: '2026-11-22T13:00:00Z',
  region: 'us-east-1',
  resources: ['arn:aws:events:us-east-1:000000000000:rule/everytoken-sweep'],
  detail: {},
};

/** A message's place in a batch that was made by hand. */
const lastDigit = (id: string): string => id.slice(-1);

/** SQS, S3 through SQS, EventBridge through SQS, and the schedule. */
export const checkQueueEvents = async (
  deployment: Deployment,
  gateway: Gateway,
  { part, check }: Report,
): Promise<void> => {
  part('Queues, bus and schedule');
  const { functionOf, runs, s3, bucket } = deployment;
  const queues = openQueues(deployment);
  const [jobs, intake, embed, sweep] = ['queue', 'intake', 'embed', 'sweep'].map(functionOf);
  must(jobs && intake && embed && sweep, 'a function is missing');
  for (const fn of [jobs, intake, embed]) await queues.purge(fn);
  let runId = '';

  const background = async (own: object = {}): Promise<string> => {
    const response = await fetch(`${gateway.url}/runs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'Explain recall.', max_tokens: 12, extra_body: { pace: 0 }, ...own }),
    });
    await gateway.latest();
    same('the status', response.status, 202);
    return ((await response.json()) as { id: string }).id;
  };

  await check('SQS: a background run is generated from its job', async () => {
    runId = await background({ background: true });
    const delivery = await queues.deliver(jobs);
    same('the failed messages', delivery?.failedIds, []);
    same('the status of the run', (await runs.get(runId))?.status, 'generated');
    return undefined;
  });

  await check('EventBridge through SQS: RunGenerated is embedded, and the run completed', async () => {
    const delivery = await queues.deliver(embed);
    same('the failed messages', delivery?.failedIds, []);
    const found = delivery?.messages.map(({ Body = '' }) => JSON.parse(Body)).at(0);
    same('the detail type', found?.['detail-type'], 'RunGenerated');
    same('the status of the run', (await runs.get(runId))?.status, 'completed');
    return undefined;
  });

  await check('embed: of a batch only the malformed message is reported', async () => {
    const id = await background({ background: true });
    await queues.deliver(jobs);
    const good = await queues.take(embed, id);
    const { failedIds } = await queues.hand(embed, [good, '{"source":"elsewhere"}', 'no JSON']);
    same('the failed messages', failedIds.map(lastDigit), ['1', '2']);
    same('the status of the run', (await runs.get(id))?.status, 'completed');
    return '2 of 3';
  });

  await check('jobs: of a batch only the malformed message is reported', async () => {
    const done = JSON.stringify({ type: 'run', run_id: runId });
    const { failedIds } = await queues.hand(jobs, ['no JSON', done]);
    same('the failed messages', failedIds.map(lastDigit), ['0']);
    return '1 of 2';
  });

  await check('jobs: a run whose function runs out of time is put back, and nothing reported', async () => {
    const id = await background({ background: true, max_tokens: 400, extra_body: { pace: 5 } });
    const { failedIds } = await queues.hand(jobs, [await queues.take(jobs, id)], 12_000);
    same('the failed messages', failedIds, []);
    same('the status of the run', (await runs.get(id))?.status, 'queued');
    await queues.purge(jobs);
    return undefined;
  });

  await check('intake: s3:TestEvent is accepted, a malformed message reported', async () => {
    const { failedIds } = await queues.hand(intake, [JSON.stringify(TEST_EVENT), '{"Records":[{}]}']);
    same('the failed messages', failedIds.map(lastDigit), ['1']);
    return '1 of 2';
  });

  await check('S3 through SQS: a prompt file under a form-encoded key becomes results', async () => {
    const lines = ['Explain recall.', 'Explain precision.'].map((prompt) =>
      JSON.stringify({ prompt, max_tokens: 8, extra_body: { pace: 0 } }),
    );
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: KEY, Body: lines.join('\n') }));
    const steps = await work([
      ['intake', intake],
      ['generate', jobs],
      ['embed', embed],
      ['intake', intake],
    ]);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'results/' }));
    const written = Contents.map(({ Key = '' }) => Key);
    const found = written.find((key) => key.endsWith(`${RESULTS}.jsonl`));
    must(found, `there are ${written.join(', ') || 'no results'}`);
    const results = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: found }));
    const text = (await results.Body?.transformToString()) ?? '';
    same('the lines of the results', text.trim().split('\n').length, lines.length);
    return steps;
  });

  /** Delivers until all queues are empty, in the order of the file's way. */
  async function work(order: [string, typeof jobs][]): Promise<string> {
    const counts: string[] = [];
    for (const [name, fn] of order) {
      let count = 0;
      for (let wait = 5; ; wait = 0) {
        const delivery = fn && (await queues.deliver(fn, wait));
        if (!delivery) break;
        same(`what ${name} reported as failed`, delivery.failedIds, []);
        count += delivery.messages.length;
      }
      counts.push(`${name} ${count}`);
    }
    return `messages: ${counts.join(', ')}`;
  }

  await check('schedule: the sweep answers what it did', async () => {
    const environment = await deployment.sandbox(sweep);
    const outcome = await environment.invoke(SCHEDULED);
    same('the error', outcome.error, undefined);
    same('what it answered', Object.keys(JSON.parse(textOf(outcome))), ['moved', 'failed', 'complete']);
    return textOf(outcome);
  });

  await check('schedule: {"reconcile": "all"} sends a lost job again', async () => {
    const id = await background({ background: true });
    await queues.purge(jobs);
    const environment = await deployment.sandbox(sweep);
    const outcome = await environment.invoke({ reconcile: 'all' });
    const job = JSON.parse(await queues.take(jobs, id));
    same('the run of the job', job.run_id, id);
    return textOf(outcome);
  });

  await check('every line that a function logged is JSON by itself', async () => {
    const lines: string[] = [];
    for (const fn of deployment.model.functions.values()) lines.push(...(await deployment.sandbox(fn)).lines);
    const bare = lines.filter((line) => line.startsWith('{'));
    const prefixed = lines.filter((line) => !line.startsWith('{'));
    must(
      prefixed.length === 0,
      `${prefixed.length} of ${lines.length} are not: ${prefixed[0]?.slice(0, 160)}`,
    );
    return `${bare.length} lines`;
  });
};
