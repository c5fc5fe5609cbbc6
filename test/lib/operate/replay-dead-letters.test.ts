import { describe, expect, test } from 'vitest';
import { type DeadLetterQueue, replayDeadLetters } from '../../../lib/operate/replay-dead-letters.ts';

/** A dead-letter queue and a target in memory; received messages stay hidden. */
const makeQueues = (bodies: string[], { refuses = [] as string[], deletes = true } = {}) => {
  const left = [...bodies];
  const hidden = new Set<string>();
  const sent: string[] = [];
  const steps: string[] = [];
  const letters: DeadLetterQueue = {
    depth: async () => left.length - hidden.size,
    receive: async (most) => {
      const batch = left.filter((body) => !hidden.has(body)).slice(0, most);
      return batch.map((body) => {
        hidden.add(body);
        const attributes: Record<string, string> = body.startsWith('foreign')
          ? { TARGET_ARN: 'elsewhere' }
          : {};
        return {
          body,
          attributes,
          delete: async () => {
            if (!deletes) throw new Error('not now');
            steps.push(`delete ${body}`);
            left.splice(left.indexOf(body), 1);
          },
        };
      });
    },
  };
  const send = async (body: string) => {
    if (refuses.includes(body)) throw new Error('refused');
    steps.push(`send ${body}`);
    sent.push(body);
  };
  const replay = (limit = 1_000) =>
    replayDeadLetters(letters, ({ attributes }) => (attributes.TARGET_ARN ? undefined : send), { limit });
  return { left, sent, steps, replay };
};
const many = (count: number) => Array.from({ length: count }, (_, at) => `letter ${at}`);

describe('replaying dead letters', () => {
  test('moves all of them, deleting each only after it was sent', async () => {
    const { left, sent, steps, replay } = makeQueues(many(23));
    expect(await replay()).toEqual({ moved: 23, foreign: 0, failed: 0 });
    expect([left, sent]).toEqual([[], many(23)]);
    expect(steps.slice(0, 2)).toEqual(['send letter 0', 'delete letter 0']);
  });

  test('moves no more than the limit', async () => {
    const { left, replay } = makeQueues(many(23));
    expect(await replay(12)).toEqual({ moved: 12, foreign: 0, failed: 0 });
    expect(left).toEqual(many(23).slice(12));
  });

  test('keeps a letter that could not be sent, and continues with the others', async () => {
    const { left, sent, replay } = makeQueues(many(3), { refuses: ['letter 1'] });
    expect(await replay()).toEqual({ moved: 2, foreign: 0, failed: 1 });
    expect([left, sent]).toEqual([['letter 1'], ['letter 0', 'letter 2']]);
  });

  test('sends a letter twice rather than losing it when its deletion fails', async () => {
    const { left, sent, replay } = makeQueues(many(1), { deletes: false });
    expect(await replay()).toEqual({ moved: 0, foreign: 0, failed: 1 });
    expect([left, sent]).toEqual([many(1), many(1)]);
  });

  test('stops after a batch of which the target accepted nothing', async () => {
    const { left, replay } = makeQueues(many(23), { refuses: many(23) });
    expect(await replay()).toEqual({ moved: 0, foreign: 0, failed: 10 });
    expect(left).toEqual(many(23));
  });

  test('leaves a letter with an unknown target where it is', async () => {
    const { left, replay } = makeQueues(['foreign', 'letter 0']);
    expect(await replay()).toEqual({ moved: 1, foreign: 1, failed: 0 });
    expect(left).toEqual(['foreign']);
  });
});
