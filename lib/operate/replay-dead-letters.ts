/** A dead letter in our hands: hidden from others for a while, back in its queue unless it is deleted. */
export type DeadLetter = { body: string; attributes: Record<string, string>; delete(): Promise<void> };

/** A dead-letter queue. `receive` gives at most ten, none when it is empty; `depth` is about right. */
export type DeadLetterQueue = {
  receive(most: number): Promise<DeadLetter[]>;
  depth(): Promise<number>;
};

/** Sends a body to a queue; resolves once it is accepted. */
export type Send = (body: string) => Promise<void>;

type ReplayResult = { moved: number; foreign: number; failed: number };

const MOST_AT_ONCE = 10;

/** The queue that EventBridge could not deliver to, by the attribute that it puts beside the event. */
export const targetOfLetter = ({ attributes }: DeadLetter): string | undefined => attributes.TARGET_ARN;

/**
 * Moves at most `limit` dead letters to where `routeOf` says, each deleted only after its copy was accepted: a crash
 * in between doubles one, which is harmless, and loses none. Only the body goes along. A letter without a route
 * (`foreign`) and one that could not be sent or deleted (`failed`) stay. Ends when the queue gives no more, at
 * `limit`, or after a batch of which nothing could be moved.
 */
export const replayDeadLetters = async (
  letters: DeadLetterQueue,
  routeOf: (letter: DeadLetter) => Send | undefined,
  { limit }: { limit: number },
): Promise<ReplayResult> => {
  const result: ReplayResult = { moved: 0, foreign: 0, failed: 0 };
  for (let taken = 0; taken < limit; ) {
    const batch = await letters.receive(Math.min(MOST_AT_ONCE, limit - taken));
    if (batch.length === 0) break;
    taken += batch.length;
    const before = result.moved;
    for (const letter of batch) result[await replayOne(letter, routeOf(letter))] += 1;
    if (result.moved === before && result.failed > 0) break;
  }
  return result;
};

const replayOne = async (letter: DeadLetter, send: Send | undefined): Promise<keyof ReplayResult> => {
  if (!send) return 'foreign';
  try {
    await send(letter.body);
    await letter.delete();
    return 'moved';
  } catch {
    return 'failed';
  }
};
