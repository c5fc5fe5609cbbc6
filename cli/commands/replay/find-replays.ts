import type { SQSClient } from '@aws-sdk/client-sqs';
import { deadLettersOf, makeSqsSend } from '../../../lib/adapters/aws/sqs-dead-letters.ts';
import { type DeadLetter, type Send, targetOfLetter } from '../../../lib/operate/replay-dead-letters.ts';
import { CommandError } from '../../command.ts';

/** A dead-letter queue. `routeOf` gives the function that sends a letter back; undefined: no known target. */
export type Replay = { name: string; url: string; routeOf: (letter: DeadLetter) => Send | undefined };

/** The URLs of a stack's queues, by logical id. */
type QueueUrls = Record<string, string>;

/**
 * Finds the dead-letter queues of a stack. Dead letters of a queue, found by its redrive policy, go back to that queue;
 * those of an event rule go to the queue that EventBridge failed to deliver to. `wanted` names a queue or its
 * dead-letter queue; undefined: all of them.
 *
 * @throws {CommandError} when no queue has the wanted name; it lists the names
 */
export const findReplays = async (
  client: SQSClient,
  queues: QueueUrls,
  wanted: string | undefined,
): Promise<Replay[]> => {
  const sources = new Map<string, { source: string; sourceUrl: string }>();
  const namedBy = new Map(Object.entries(queues).map(([id, url]) => [nameOf(url), id]));
  for (const [source, sourceUrl] of Object.entries(queues)) {
    const url = await deadLettersOf(client, sourceUrl);
    const id = url === undefined ? undefined : namedBy.get(nameOf(url));
    if (id !== undefined) sources.set(id, { source, sourceUrl });
  }
  const isSource = (id: string) => [...sources.values()].some(({ source }) => source === id);
  const replays = Object.entries(queues).flatMap(([id, url]) => {
    const own = sources.get(id);
    if (own) {
      const send = makeSqsSend(client, own.sourceUrl);
      return [{ name: id, aliases: [id, own.source], url, routeOf: () => send }];
    }
    return isSource(id)
      ? []
      : [{ name: id, aliases: [id], url, routeOf: routeByTarget(client, Object.values(queues)) }];
  });
  const chosen = replays.filter(({ aliases }) => wanted === undefined || aliases.includes(wanted));
  if (chosen.length > 0) return chosen.map(({ name, url, routeOf }) => ({ name, url, routeOf }));
  throw new CommandError(
    `no dead-letter queue '${wanted}'; choose one of ${replays.map(({ name }) => name).join(', ')}`,
  );
};

/** The dead letters of a deployed queue: its own, or with `deadLettersUrl` those of a rule that targets it. */
export const replayOfUrls = async (
  client: SQSClient,
  { queueUrl, deadLettersUrl }: { queueUrl: string; deadLettersUrl: string | undefined },
): Promise<Replay> => {
  const url = deadLettersUrl ?? (await deadLettersOf(client, queueUrl));
  if (url === undefined) throw new CommandError(`${queueUrl} has no dead-letter queue`);
  const send = makeSqsSend(client, queueUrl);
  const isForQueue = (target: string | undefined) =>
    target === undefined || target.endsWith(`:${nameOf(queueUrl)}`);
  return {
    name: nameOf(url),
    url,
    routeOf: (letter) => (isForQueue(targetOfLetter(letter)) ? send : undefined),
  };
};

/** Sends a letter to its target, only if that is a queue of the stack. */
const routeByTarget =
  (client: SQSClient, urls: string[]): Replay['routeOf'] =>
  (letter) => {
    const target = targetOfLetter(letter)?.split(':').at(-1);
    const url = urls.find((each) => nameOf(each) === target);
    return url === undefined ? undefined : makeSqsSend(client, url);
  };

const nameOf = (queueUrl: string): string => queueUrl.split('/').at(-1) ?? queueUrl;
