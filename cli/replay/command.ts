import { makeSqs } from '../../lib/adapters/aws/clients.ts';
import { makeSqsDeadLetters } from '../../lib/adapters/aws/sqs-dead-letters.ts';
import { replayDeadLetters } from '../../lib/operate/replay-dead-letters.ts';
import { CommandError, makeCommand, withRemedies } from '../command.ts';
import { environmentOf, readStackFile } from '../running-stack.ts';
import { findReplays, type Replay, replayOfUrls } from './find-replays.ts';
import { parseReplayOptions, REPLAY_USAGE, type ReplayOptions } from './options.ts';

const HELP = `Moves dead letters back: those of a queue to that queue, those of an event rule to the rule's target queue. A letter is
deleted only after its copy is accepted. Exits with status 1 if a letter was not moved.

  --queue NAME               one queue of the local stack, by its logical id or that of its dead-letter queue
  --queue-url URL            a queue of a deployment; its redrive policy names its dead-letter queue
  --dead-letters-url URL     with --queue-url: the dead-letter queue of an event rule that targets the queue
  --limit N                  at most N letters of each queue (default: 1000)
  --dry-run                  prints the number of waiting letters and moves none

Without --queue-url it uses the running local stack. For a deployment it uses the AWS SDK's own variables (AWS_REGION,
AWS_PROFILE, AWS_ENDPOINT_URL_SQS).`;

/** `everytoken replay`. It prints one line per queue to stdout. */
export const replayCommand = makeCommand({
  summary: 'moves dead letters back into their queues',
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

/** The queues of the running local stack by logical id. It also sets the environment so that AWS clients find them. */
const localQueues = (): Record<string, string> => {
  const instead = "name a deployment's queue with --queue-url";
  // TABLE_NAME selects a deployment in the other commands, so the local stack is probably not meant here.
  if (process.env.TABLE_NAME) throw new CommandError(`TABLE_NAME is set: unset it, or ${instead}`);
  const { stack, variables } = readStackFile(process.env, instead);
  Object.assign(process.env, environmentOf(stack, variables));
  return stack.queues;
};

/** Replays one queue and prints the result; resolves to whether all letters were moved. */
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
  const stayed = `${foreign ? `, ${foreign} skipped without a known target` : ''}${failed ? `, ${failed} not moved` : ''}`;
  console.log(`${name}: ${moved} moved${stayed}`);
  return foreign + failed === 0;
};
