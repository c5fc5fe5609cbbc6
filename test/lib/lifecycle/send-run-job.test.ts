import { expect, test } from 'vitest';
import { sendRunJob } from '../../../lib/lifecycle/send-run-job.ts';
import { makeRun } from '../../factories/run.ts';

const sent = async (...[run, delayMs]: [ReturnType<typeof makeRun>, number?]) => {
  const messages: unknown[] = [];
  await sendRunJob(run, { send: async (...message) => void messages.push(message) }, delayMs);
  return messages;
};
const run = makeRun({ trace: null });

test('a job names its run, and is sent at once unless told otherwise', async () => {
  expect(await sent(run)).toEqual([[{ type: 'run', run_id: run.id }, {}]]);
});

test.each([
  [1, 1],
  [1_001, 2],
  [900_000, 900],
  [3_600_000, 900],
])(
  'a delay of %i ms is one of %i s: whole seconds, a quarter of an hour at most',
  async (ms, delaySeconds) => {
    expect(await sent(run, ms)).toEqual([[{ type: 'run', run_id: run.id }, { delaySeconds }]]);
  },
);

test('it is sent in the trace of the run', async () => {
  const trace = { traceId: '6b035ad5b358075ff52825a52b01b694', parentId: '00f067aa0ba902b7', sampled: true };
  expect(await sent(makeRun({ trace }))).toMatchObject([
    [{}, { traceHeader: 'Root=1-6b035ad5-b358075ff52825a52b01b694;Parent=00f067aa0ba902b7;Sampled=1' }],
  ]);
});
