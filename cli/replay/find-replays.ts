import type { SQSClient } from '@aws-sdk/client-sqs';
import { deadLettersOf, makeSqsSend } from '../../lib/adapters/aws/sqs-dead-letters.ts';
import { type DeadLetter, type Send, targetOfLetter } from '../../lib/operate/replay-dead-letters.ts';
import { CommandError } from '../command.ts';
import type { ReplayOptions } from './options.ts';

/** A dead-letter queue by its URL, the name it is shown by, and where each of its letters belongs. */
export type Replay = { name: string; url: string; routeOf: (letter: DeadLetter) => Send | undefined };

/** The queues of a stack, by logical id. */
type QueueUrls = Record<string, string>;

/**
 * What to replay in a stack. A queue's dead letters are found by its redrive policy and go back to it; those of an
 * event rule go to the queue of the stack that EventBridge could not deliver to. A queue may be called by its own
 * name or by that of its dead-letter queue. Throws `CommandError` naming what there is.
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
    `no dead letters of '${wanted}'; there are ${replays.map(({ name }) => name).join(', ')}`,
  );
};

/** A deployment's: the queue's own dead letters, or those of a rule that leads to it. */
export const replayOfUrls = async (
  client: SQSClient,
  { queueUrl = '', deadLettersUrl }: Pick<ReplayOptions, 'queueUrl' | 'deadLettersUrl'>,
): Promise<Replay> => {
  const url = deadLettersUrl ?? (await deadLettersOf(client, queueUrl));
  if (url === undefined) throw new CommandError(`${queueUrl} has no dead-letter queue`);
  const send = makeSqsSend(client, queueUrl);
  const isMeant = (target: string | undefined) =>
    target === undefined || target.endsWith(`:${nameOf(queueUrl)}`);
  return {
    name: nameOf(url),
    url,
    routeOf: (letter) => (isMeant(targetOfLetter(letter)) ? send : undefined),
  };
};

/** Only queues of the stack are sent to, whatever a letter says. */
const routeByTarget =
  (client: SQSClient, urls: string[]): Replay['routeOf'] =>
  (letter) => {
    const target = targetOfLetter(letter)?.split(':').at(-1);
    const url = urls.find((each) => nameOf(each) === target);
    return url === undefined ? undefined : makeSqsSend(client, url);
  };

const nameOf = (queueUrl: string): string => queueUrl.split('/').at(-1) ?? queueUrl;
