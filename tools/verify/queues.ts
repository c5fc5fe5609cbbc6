import {
  DeleteMessageBatchCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { queueNameOf } from '../../local/aws/queue-sender.ts';
import type { LambdaFunction, QueueMapping } from '../../local/aws/template/stack-model.ts';
import { failedMessageIds, sqsEvent } from '../../local/aws/triggers/sqs-event.ts';
import type { Deployment } from './deployment.ts';
import { textOf } from './runtime/outcome.ts';

/** A batch that a function was invoked with, and the messages it reported as failed. */
type Delivery = { messages: Message[]; failedIds: string[] };

/** The event source mappings, driven step by step, so that each step can be checked. */
export type Queues = {
  /**
   * Receives a batch, invokes the function with it, and deletes the messages that succeeded. `undefined` when no
   * message arrives within `waitSeconds`.
   */
  deliver: (fn: LambdaFunction, waitSeconds?: number) => Promise<Delivery | undefined>;
  /** Invokes the function with a batch of these bodies, which never was in a queue. */
  invokeWith: (fn: LambdaFunction, bodies: string[], timeoutMs?: number) => Promise<Delivery>;
  /**
   * Takes the message that contains `text` out of a function's queue, along with all messages received before it.
   * @throws {Error} when no such message arrives
   */
  take: (fn: LambdaFunction, text: string) => Promise<string>;
  /** Deletes all messages of a function's queue. */
  purge: (fn: LambdaFunction) => Promise<void>;
};

const WAIT_SECONDS = 5;

const message = (Body: string, at: number): Message => ({
  MessageId: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
  ReceiptHandle: `handle-${at}`,
  Body,
  Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(Date.now()) },
});

export const openQueues = ({ model, sqs, services, sandbox }: Deployment): Queues => {
  const mappingOf = (fn: LambdaFunction): QueueMapping => {
    const found = model.mappings.find(({ functionId }) => functionId === fn.id);
    if (!found) throw new Error(`the template maps no queue to the function ${fn.id}`);
    return found;
  };
  const urlOf = (fn: LambdaFunction) => services.queueUrl(queueNameOf(mappingOf(fn).queueArn));

  const invoke = async (
    fn: LambdaFunction,
    messages: Message[],
    timeoutMs = fn.timeoutMs,
  ): Promise<Delivery> => {
    const { queueArn } = mappingOf(fn);
    const environment = await sandbox(fn);
    const outcome = await environment.invoke(sqsEvent(messages, queueArn, model.region), { timeoutMs });
    if (outcome.error) throw new Error(`${outcome.error.errorType}: ${outcome.error.errorMessage}`);
    return { messages, failedIds: [...failedMessageIds(textOf(outcome), messages)] };
  };

  const receive = async (fn: LambdaFunction, waitSeconds: number): Promise<Message[]> => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: urlOf(fn),
        MaxNumberOfMessages: Math.min(10, mappingOf(fn).batchSize),
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
      }),
    );
    return Messages;
  };

  const remove = async (fn: LambdaFunction, messages: Message[]): Promise<void> => {
    const Entries = messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
    if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: urlOf(fn), Entries }));
  };

  return {
    deliver: async (fn, waitSeconds = WAIT_SECONDS) => {
      const messages = await receive(fn, waitSeconds);
      if (messages.length === 0) return undefined;
      const delivery = await invoke(fn, messages);
      await remove(
        fn,
        messages.filter(({ MessageId = '' }) => !delivery.failedIds.includes(MessageId)),
      );
      return delivery;
    },
    take: async (fn, text) => {
      for (;;) {
        const messages = await receive(fn, WAIT_SECONDS);
        await remove(fn, messages);
        const found = messages.find(({ Body = '' }) => Body.includes(text));
        if (found?.Body !== undefined) return found.Body;
        if (messages.length === 0)
          throw new Error(`no message that contains ${text} arrived for ${fn.id} within ${WAIT_SECONDS} s`);
      }
    },
    invokeWith: (fn, bodies, timeoutMs) => invoke(fn, bodies.map(message), timeoutMs),
    purge: async (fn) => {
      await sqs.send(new PurgeQueueCommand({ QueueUrl: urlOf(fn) }));
    },
  };
};
