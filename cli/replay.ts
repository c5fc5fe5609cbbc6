import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeSqs } from '../lib/adapters/aws-clients.ts';
import { makeSqsDeadLetters } from '../lib/adapters/sqs-dead-letters.ts';
import { replayDeadLetters } from '../lib/replay/replay-dead-letters.ts';
import { findReplays, type Replay, replayOfUrls } from './replay/find-replays.ts';
import { parseReplayOptions, type ReplayOptions } from './replay/replay-options.ts';
import { environmentOf, readStackFile } from './stack-addresses.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const open = async (options: ReplayOptions) => {
  if (options.queueUrl !== undefined) {
    const client = makeSqs();
    return { client, replays: [await replayOfUrls(client, options)] };
  }
  const { stack, variables } = readStackFile(root);
  Object.assign(process.env, environmentOf(stack, variables)); // where AWS's clients look
  const client = makeSqs();
  return { client, replays: await findReplays(client, stack.queues, options.queue) };
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

try {
  const options = parseReplayOptions(process.argv.slice(2));
  const { client, replays } = await open(options);
  for (const each of replays) if (!(await replay(each, client, options))) process.exitCode = 1;
} catch (error) {
  console.error(`error: ${(error as Error).message.split('\n')[0]}`);
  process.exitCode = 1;
}
