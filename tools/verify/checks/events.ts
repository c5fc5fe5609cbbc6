import type { Deployment } from '../deployment.ts';
import type { Gateway } from '../gateway.ts';
import type { Queues } from '../queues.ts';
import { type Report, same } from '../report.ts';
import { textOf } from '../runtime/outcome.ts';

/** Requests a background run and returns its id, once the function that accepted it is free again. */
const backgroundRun = async (gateway: Gateway, own: object = {}): Promise<string> => {
  const response = await fetch(`${gateway.url}/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ prompt: 'Explain recall.', max_tokens: 12, extra_body: { pace: 0 }, background: true },
      ...own,
    }),
  });
  await gateway.latest();
  same('the status', response.status, 202);
  return ((await response.json()) as { id: string }).id;
};

const TEST_EVENT = {
  Service: 'Amazon S3',
  Event: 's3:TestEvent',
  Time: '2026-11-22T13:00:00.000Z',
  Bucket: 'everytoken-verify',
  RequestId: '5582815E1AEA5ADF',
  HostId: '8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE',
};

/** The position of a message in a hand-made batch. */
const lastDigit = (id: string): string => id.slice(-1);

/** Checks SQS batches, and the events of EventBridge and S3 that arrive through SQS. */
export const checkQueueEvents = async (
  { functionOf, runs }: Deployment,
  queues: Queues,
  gateway: Gateway,
  { part, check }: Report,
): Promise<void> => {
  part('Queues and bus');
  const [jobs, intake, embed] = [functionOf('queue'), functionOf('intake'), functionOf('embed')];
  for (const fn of [jobs, intake, embed]) await queues.purge(fn);
  let runId = '';

  const background = (own: object = {}) => backgroundRun(gateway, own);

  await check('SQS: a background run is generated from its job', async () => {
    runId = await background();
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

  await check('embed: only the malformed messages of a batch are reported', async () => {
    const id = await background();
    await queues.deliver(jobs);
    const good = await queues.take(embed, id);
    const { failedIds } = await queues.invokeWith(embed, [good, '{"source":"elsewhere"}', 'no JSON']);
    same('the failed messages', failedIds.map(lastDigit), ['1', '2']);
    same('the status of the run', (await runs.get(id))?.status, 'completed');
    return '2 of 3';
  });

  await check('jobs: only the malformed message of a batch is reported', async () => {
    const done = JSON.stringify({ type: 'run', run_id: runId });
    const { failedIds } = await queues.invokeWith(jobs, ['no JSON', done]);
    same('the failed messages', failedIds.map(lastDigit), ['0']);
    return '1 of 2';
  });

  await check(
    'jobs: a run whose function runs out of time is put back, and no failure is reported',
    async () => {
      const id = await background({ max_tokens: 400, extra_body: { pace: 5 } });
      const { failedIds } = await queues.invokeWith(jobs, [await queues.take(jobs, id)], 12_000);
      same('the failed messages', failedIds, []);
      same('the status of the run', (await runs.get(id))?.status, 'queued');
      await queues.purge(jobs);
      return undefined;
    },
  );

  await check('intake: s3:TestEvent is accepted, and a malformed message is reported', async () => {
    const { failedIds } = await queues.invokeWith(intake, [JSON.stringify(TEST_EVENT), '{"Records":[{}]}']);
    same('the failed messages', failedIds.map(lastDigit), ['1']);
    return '1 of 2';
  });
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

/** Checks the scheduled event of each minute, and the event that treats all runs as due. */
export const checkSchedule = async (
  { functionOf, sandbox }: Deployment,
  queues: Queues,
  gateway: Gateway,
  { part, check }: Report,
): Promise<void> => {
  part('Schedule');
  const [sweep, jobs] = [functionOf('sweep'), functionOf('queue')];

  await check('schedule: the sweep answers with its counts', async () => {
    const environment = await sandbox(sweep);
    const outcome = await environment.invoke(SCHEDULED);
    same('the error', outcome.error, undefined);
    same('the names in its answer', Object.keys(JSON.parse(textOf(outcome))), [
      'moved',
      'failed',
      'complete',
    ]);
    return textOf(outcome);
  });

  await check('schedule: {"reconcile": "all"} sends a lost job again', async () => {
    const id = await backgroundRun(gateway);
    await queues.purge(jobs);
    const environment = await sandbox(sweep);
    const outcome = await environment.invoke({ reconcile: 'all' });
    const job = JSON.parse(await queues.take(jobs, id));
    same('the run of the job', job.run_id, id);
    return textOf(outcome);
  });
};
