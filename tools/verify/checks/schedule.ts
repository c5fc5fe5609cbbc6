import { backgroundRun } from '../background-run.ts';
import type { Deployment } from '../deployment.ts';
import type { Gateway } from '../gateway.ts';
import type { Queues } from '../queues.ts';
import type { Report } from '../report.ts';
import { textOf } from '../runtime/outcome.ts';
import { same } from './expect.ts';

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

/** The event of each minute, and the one that treats all runs as due. */
export const checkSchedule = async (
  { functionOf, sandbox }: Deployment,
  queues: Queues,
  gateway: Gateway,
  { part, check }: Report,
): Promise<void> => {
  part('Schedule');
  const [sweep, jobs] = [functionOf('sweep'), functionOf('queue')];

  await check('schedule: the sweep answers what it did', async () => {
    const environment = await sandbox(sweep);
    const outcome = await environment.invoke(SCHEDULED);
    same('the error', outcome.error, undefined);
    same('what it answered', Object.keys(JSON.parse(textOf(outcome))), ['moved', 'failed', 'complete']);
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
