/** A received dead letter. It is hidden from other receivers for a while, then back in its queue unless deleted. */
export type DeadLetter = { body: string; attributes: Record<string, string>; delete(): Promise<void> };

/** A dead-letter queue. `receive` returns at most ten letters, none when the queue is empty; `depth` is approximate. */
export type DeadLetterQueue = {
  receive(max: number): Promise<DeadLetter[]>;
  depth(): Promise<number>;
};

/** Sends a body to a queue; resolves once the queue has accepted it. */
export type Send = (body: string) => Promise<void>;

type ReplayResult = { moved: number; foreign: number; failed: number };

const MAX_PER_RECEIVE = 10;

/**
 * The ARN of the target that EventBridge could not deliver to, from the attribute that it adds to the letter:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
export const targetOfLetter = ({ attributes }: DeadLetter): string | undefined => attributes.TARGET_ARN;

/**
 * Moves at most `limit` dead letters to the queues that `routeOf` returns. A letter is deleted only after its copy was
 * accepted, so a crash in between can duplicate a letter, which is harmless, but never lose one. Only the body is
 * copied. Letters without a route (`foreign`), and letters that could not be sent or deleted (`failed`), stay. Stops
 * when the queue is empty, at `limit`, or after a batch with failures from which no letter was moved.
 *
 * @example
 * const { moved, foreign, failed } = await replayDeadLetters(deadLetters, () => sendToJobs, { limit: 100 });
 */
export const replayDeadLetters = async (
  letters: DeadLetterQueue,
  routeOf: (letter: DeadLetter) => Send | undefined,
  { limit }: { limit: number },
): Promise<ReplayResult> => {
  const result: ReplayResult = { moved: 0, foreign: 0, failed: 0 };
  for (let taken = 0; taken < limit; ) {
    const batch = await letters.receive(Math.min(MAX_PER_RECEIVE, limit - taken));
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
