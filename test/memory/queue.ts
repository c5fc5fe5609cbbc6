import type { Clock } from '../../lib/async/clock.ts';
import { copyOf } from './copy.ts';

/** A message in flight: `delete` acknowledges it, `release` makes it available again. */
export type Received<T> = {
  body: T;
  receives: number;
  /** From when it was sent until it was received for the first time. */
  waitedMs: number;
  delete(): void;
  release(): void;
};

/** A queue with delays, driven by the clock; messages are received in the order of their times. */
export const makeMemoryQueue = <T>(clock: Pick<Clock, 'now'>) => {
  type Message = {
    body: T;
    sentAt: number;
    visibleAt: number;
    firstAt: number | undefined;
    receives: number;
    inFlight: boolean;
  };
  const messages: Message[] = [];
  const put = (body: T, { delaySeconds = 0 }: { delaySeconds?: number } = {}): void => {
    messages.push({
      body: copyOf(body),
      sentAt: clock.now(),
      visibleAt: clock.now() + delaySeconds * 1000,
      firstAt: undefined,
      receives: 0,
      inFlight: false,
    });
  };
  return {
    send: async (body: T, options: { delaySeconds?: number } = {}): Promise<void> => put(body, options),
    sendAll: async (bodies: readonly T[], options: { delaySeconds?: number } = {}): Promise<void> => {
      for (const body of bodies) put(body, options);
    },
    /** The bodies of all messages in the queue. */
    bodies: (): T[] => messages.map(({ body }) => copyOf(body)),
    /** Time at which the next message can be received; undefined for an empty queue. */
    nextAt: (): number | undefined =>
      messages.reduce<number | undefined>(
        (least, { visibleAt, inFlight }) => (inFlight || (least ?? Infinity) < visibleAt ? least : visibleAt),
        undefined,
      ),
    receive: (): Received<T> | undefined => {
      const message = messages
        .filter(({ visibleAt, inFlight }) => !inFlight && visibleAt <= clock.now())
        .sort((a, b) => a.visibleAt - b.visibleAt)[0];
      if (!message) return undefined;
      message.inFlight = true;
      message.receives += 1;
      message.firstAt ??= clock.now();
      return {
        body: copyOf(message.body),
        receives: message.receives,
        waitedMs: message.firstAt - message.sentAt,
        delete: () => {
          messages.splice(messages.indexOf(message), 1);
        },
        release: () => {
          message.inFlight = false;
        },
      };
    },
  };
};

export type MemoryQueue<T> = ReturnType<typeof makeMemoryQueue<T>>;
