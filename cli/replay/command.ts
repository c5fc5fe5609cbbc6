import { makeSqs } from '../../lib/adapters/aws/clients.ts';
import { makeSqsDeadLetters } from '../../lib/adapters/aws/sqs-dead-letters.ts';
import { replayDeadLetters } from '../../lib/operate/replay-dead-letters.ts';
import { CommandError, makeCommand, withRemedies } from '../command.ts';
import { environmentOf, readStackFile } from '../running-stack.ts';
import { findReplays, type Replay, replayOfUrls } from './find-replays.ts';
import { parseReplayOptions, REPLAY_USAGE, type ReplayOptions } from './options.ts';

const HELP = `Puts dead letters back: a queue's to that queue, those of an event rule to the queue they were meant for. Each letter
is deleted only once its copy is accepted. Ends with status 1 when one was not moved.

  --queue NAME               one queue of the local stack, by its logical id or that of its dead-letter queue
  --queue-url URL            a deployment's queue; its dead letters are found by its redrive policy
  --dead-letters-url URL     with --queue-url: other dead letters that are meant for that queue (a rule's)
  --limit N                  at most N letters of each queue (1000)
  --dry-run                  says how many wait, and touches nothing

Without --queue-url the queues are those of the local stack that runs. A deployment is reached as the AWS SDK's own
variables say (AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL_SQS).`;

/** `everytoken replay`. A line a queue goes to stdout. */
export const replayCommand = makeCommand({
  summary: 'puts dead letters back into their queues',
  usage: REPLAY_USAGE,
  help: HELP,
  run: async (words) => {
    const options = parseReplayOptions(words);
    const queues = options.queueUrl === undefined ? localQueues() : undefined;
    const client = makeSqs();
    const replayAll = async () => {
      const replays = queues
        ? await findReplays(client, queues, options.queue)
        : [await replayOfUrls(client, options)];
      let status = 0;
      for (const each of replays) if (!(await replay(each, client, options))) status = 1;
      return status;
    };
    try {
      return await withRemedies(options.queueUrl ?? 'the queues of the local stack', replayAll);
    } finally {
      client.destroy();
    }
  },
});

/** The running local stack's queues by logical id; the environment says from then on where they are. */
const localQueues = (): Record<string, string> => {
  const instead = "name a deployment's queue with --queue-url";
  // Who has set TABLE_NAME means a deployment: the other commands would take that one.
  if (process.env.TABLE_NAME) throw new CommandError(`TABLE_NAME is set: unset it, or ${instead}`);
  const { stack, variables } = readStackFile(process.env, instead);
  Object.assign(process.env, environmentOf(stack, variables));
  return stack.queues;
};

/** Whether nothing went wrong. */
const replay = async (
  { name, url, routeOf }: Replay,
  client: ReturnType<typeof makeSqs>,
  { limit, dryRun }: ReplayOptions,
): Promise<boolean> => {
  const letters = makeSqsDeadLetters(client, url);
  const waiting = await letters.depth();
  if (dryRun) {
    console.log(`${name}: ${waiting} waiting`);
    return true;
  }
  const { moved, foreign, failed } = await replayDeadLetters(letters, routeOf, { limit });
  const stayed = `${foreign ? `, ${foreign} without a known target` : ''}${failed ? `, ${failed} not moved` : ''}`;
  console.log(`${name}: ${moved} moved${stayed}`);
  return foreign + failed === 0;
};
