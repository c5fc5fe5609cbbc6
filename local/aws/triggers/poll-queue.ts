import { setTimeout as wait } from 'node:timers/promises';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { QueueMapping } from '../template/stack-model.ts';
import { failedMessageIds, sqsEvent } from './sqs-event.ts';

export type PollOptions = {
  mapping: QueueMapping;
  queueUrl: string;
  client: SQSClient;
  region: string;
  /** The most batches in progress at once. */
  concurrency: number;
  invoke: (functionId: string, event: unknown) => Promise<string | undefined>;
  log: (line: string) => void;
};

/** `close` stops polling; it resolves once all batches in progress are settled. */
export type Poller = { close: () => Promise<void> };

const LONG_POLL_SECONDS = 20;
const PAUSE_AFTER_ERROR_MS = 1_000;
/** How often a batch that is not full asks for more messages within its window. */
const GATHER_EVERY_MS = 50;
/** The most that the messages of an invocation take together: Lambda's limit on a request's payload. */
const MAX_EVENT_BYTES = 6_000_000;

/**
 * Backoff for a failed message: 30 s for each time it was received, at most the queue's visibility timeout. On AWS it
 * stays hidden for the whole visibility timeout (here 6 times the function's timeout), which can be 90 minutes: too
 * long to wait for a retry on one machine.
 */
const backOffSeconds = (receiveCount: number, visibilityTimeout: number): number =>
  Math.min(visibilityTimeout, 30 * Math.max(1, receiveCount));

const entries = (messages: readonly Message[]) =>
  messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));

/** Splits a list into tens, the most entries that SQS takes in a batch request. */
const tens = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / 10) }, (_, i) => items.slice(10 * i, 10 * i + 10));

const bytesOf = (messages: readonly Message[]): number =>
  messages.reduce((sum, { Body = '' }) => sum + Buffer.byteLength(Body), 0);

/** Splits a batch, in order, so that no part exceeds the payload of an invocation. A message has 1 MB at most. */
const invocationsOf = (batch: readonly Message[]): Message[][] => {
  const parts: Message[][] = [];
  for (const message of batch) {
    const open = parts.at(-1);
    if (open && bytesOf(open) + bytesOf([message]) <= MAX_EVENT_BYTES) open.push(message);
    else parts.push([message]);
  }
  return parts;
};

/**
 * Runs an SQS event source mapping: it long-polls the queue, invokes the function with batches, and deletes the
 * messages that succeeded. Failed messages become visible again after a backoff.
 */
export const pollQueue = (options: PollOptions): Poller => {
  const { mapping, queueUrl: QueueUrl, client, region, concurrency, invoke, log } = options;
  const stop = new AbortController();
  const inFlight = new Set<Promise<void>>();

  const receive = async (limit: number, waitSeconds: number): Promise<Message[]> => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: Math.min(10, limit),
        WaitTimeSeconds: waitSeconds,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
      { abortSignal: stop.signal },
    );
    return Messages;
  };

  /**
   * Receives a batch. Its window begins with its first message and ends when the batch is full. Within it the polls are
   * short, because a long poll takes whole seconds, and stopping one could hide a message that it is about to return.
   */
  const gather = async (): Promise<Message[]> => {
    const batch = await receive(mapping.batchSize, LONG_POLL_SECONDS);
    const end = performance.now() + mapping.windowMs;
    while (batch.length > 0 && batch.length < mapping.batchSize && bytesOf(batch) < MAX_EVENT_BYTES) {
      const leftMs = end - performance.now();
      if (leftMs <= 0 || stop.signal.aborted) break;
      const more = await receive(mapping.batchSize - batch.length, 0);
      batch.push(...more);
      if (more.length === 0) await wait(Math.min(GATHER_EVERY_MS, leftMs), undefined, stop).catch(() => {});
    }
    return batch;
  };

  const scheduleRetry = async (failed: readonly Message[]): Promise<void> => {
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout'] }),
    );
    const visibilityTimeout = Number(Attributes?.VisibilityTimeout ?? 30);
    for (const some of tens(failed)) {
      const timeouts = some.map(({ Attributes: own }) =>
        backOffSeconds(Number(own?.ApproximateReceiveCount), visibilityTimeout),
      );
      const Entries = entries(some).map((entry, index) => ({
        ...entry,
        VisibilityTimeout: timeouts[index] ?? visibilityTimeout,
      }));
      await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    }
  };

  const handle = async (batch: Message[]): Promise<void> => {
    const event = sqsEvent(batch, mapping.queueArn, region);
    const failedIds = await invoke(mapping.functionId, event).then(
      (payload) => (mapping.reportsItemFailures ? failedMessageIds(payload, batch) : new Set<string>()),
      () => new Set(batch.map(({ MessageId = '' }) => MessageId)),
    );
    const failed = batch.filter(({ MessageId = '' }) => failedIds.has(MessageId));
    const succeeded = batch.filter(({ MessageId = '' }) => !failedIds.has(MessageId));
    for (const some of tens(succeeded)) {
      await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: entries(some) }));
    }
    // A stopping stack kills its functions; their messages become visible again at the next start.
    if (failed.length > 0 && !stop.signal.aborted) await scheduleRetry(failed);
  };

  const handleAll = async (batch: Message[]): Promise<void> => {
    for (const some of invocationsOf(batch)) await handle(some);
  };

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        if (inFlight.size >= concurrency) {
          await Promise.race(inFlight);
          continue;
        }
        const batch = await gather();
        if (batch.length === 0) continue;
        const handled = handleAll(batch).catch((error: Error) =>
          log(`sqs: ${mapping.id}: ${error.name}: ${error.message}`),
        );
        inFlight.add(handled);
        handled.then(() => inFlight.delete(handled));
      } catch (error) {
        if (stop.signal.aborted) return;
        log(`sqs: ${mapping.id}: ${error instanceof Error ? `${error.name}: ${error.message}` : error}`);
        await wait(PAUSE_AFTER_ERROR_MS, undefined, { signal: stop.signal }).catch(() => {});
      }
    }
  };

  const running = run();
  return {
    close: async () => {
      stop.abort();
      await running;
      await Promise.all(inFlight);
    },
  };
};
