import { isObject, type JsonObject, own } from '../../json.ts';
import type { Arrivals } from './arrivals.ts';
import { eachOf, failed, succeeded } from './batch.ts';
import { asInteger, type NewMessage, parseMessage } from './message.ts';
import { listOf, received, sent } from './message-answers.ts';
import { changedAttributes, checkQueueName, type QueueAttributes, redriveOf } from './queue-attributes.ts';
import { numberIn, type Queue, type QueueStore, type StoredMessage } from './queue-store.ts';
import { SqsError } from './sqs-error.ts';

/** Answers a request; `gone` is aborted when its client has disconnected. */
type Operation = (input: JsonObject, gone: AbortSignal) => object | Promise<object>;
export type OperationOptions = {
  store: QueueStore;
  arrivals: Arrivals;
  urlOf: (queueName: string) => string;
  arnOf: (queueName: string) => string;
  account: string;
};

const MAX_RECEIVED = 10;
const MAX_BATCH_BYTES = 1024 * 1024;
const MAX_HIDDEN_SECONDS = 43_200;
const MAX_WAIT_SECONDS = 20;

/** A URL's queue is its last part; host and account are ignored, since they change with each start. */
const nameIn = (url: unknown): string =>
  String(url ?? '')
    .split('/')
    .at(-1) ?? '';

const receiptIn = ({ ReceiptHandle }: JsonObject): string => {
  const receipt = String(ReceiptHandle ?? '');
  if (numberIn(receipt) === undefined)
    throw new SqsError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${receipt}" is not a valid receipt handle.`,
    );
  return receipt;
};

/** SQS's operations by name, in the shapes of its JSON protocol. They throw `SqsError` for what SQS refuses. */
export const makeOperations = (options: OperationOptions): Map<string, Operation> => {
  const { store, arrivals, urlOf, arnOf, account } = options;

  const find = (name: string): Queue => {
    const queue = store.find(name);
    if (!queue) throw new SqsError('QueueDoesNotExist', 'The specified queue does not exist.');
    return queue;
  };
  const queueIn = ({ QueueUrl }: JsonObject): Queue => find(nameIn(QueueUrl));

  const add = ({ name, attributes }: Queue, messages: readonly NewMessage[]): string[] => {
    const now = Date.now();
    const ownDelay = Number(attributes.DelaySeconds);
    const timed = messages.map((message) => ({
      message,
      visibleAt: now + 1000 * (message.delaySeconds ?? ownDelay),
    }));
    const ids = store.add(name, timed, now);
    arrivals.tell(name);
    return ids;
  };

  const deadOf = ({ name, attributes }: Queue) => {
    const redrive = redriveOf(attributes);
    const queue = redrive && store.find(redrive.targetArn.split(':').at(-1) ?? '')?.name;
    return redrive && queue !== undefined
      ? { queue, maxReceiveCount: redrive.maxReceiveCount, sourceArn: arnOf(name) }
      : undefined;
  };

  const take = (queue: Queue, limit: number, hiddenSeconds: number): StoredMessage[] => {
    const now = Date.now();
    const dead = deadOf(queue);
    const { taken, moved } = store.take(queue.name, {
      limit,
      now,
      hiddenTo: now + 1000 * hiddenSeconds,
      dead,
    });
    if (dead && moved > 0) arrivals.tell(dead.queue);
    return taken;
  };

  const receive: Operation = async (input, gone) => {
    const { name, attributes } = queueIn(input);
    const limit = asInteger(input, 'MaxNumberOfMessages', [1, MAX_RECEIVED]) ?? 1;
    const hidden =
      asInteger(input, 'VisibilityTimeout', [0, MAX_HIDDEN_SECONDS]) ?? Number(attributes.VisibilityTimeout);
    const wait =
      asInteger(input, 'WaitTimeSeconds', [0, MAX_WAIT_SECONDS]) ??
      Number(attributes.ReceiveMessageWaitTimeSeconds);
    const end = Date.now() + 1000 * wait;
    for (;;) {
      // A client that has gone takes no message, which would then stay hidden.
      const taken = gone.aborted ? [] : take(find(name), limit, hidden);
      const now = Date.now();
      if (taken.length > 0) return { Messages: taken.map((message) => received(message, input, account)) };
      if (gone.aborted || now >= end) return {};
      const next = store.nextVisible(name) ?? end;
      await arrivals.wait(name, Math.min(next, end) - now, gone);
    }
  };

  const hide = (queue: string, entry: JsonObject): object => {
    const receipt = receiptIn(entry);
    const seconds = asInteger(entry, 'VisibilityTimeout', [0, MAX_HIDDEN_SECONDS]);
    if (seconds === undefined)
      throw new SqsError('MissingParameter', 'The request must contain the parameter VisibilityTimeout.');
    const now = Date.now();
    if (!store.hide(queue, receipt, now + 1000 * seconds, now)) {
      throw new SqsError(
        'MessageNotInflight',
        'The message referred to is not in flight: it was deleted, is visible again, or was received again.',
      );
    }
    arrivals.tell(queue);
    return {};
  };

  const describe = ({ name, attributes, createdAt, changedAt }: Queue): QueueAttributes => {
    const { visible, inFlight, delayed } = store.depth(name, Date.now());
    return {
      ...attributes,
      QueueArn: arnOf(name),
      ApproximateNumberOfMessages: String(visible),
      ApproximateNumberOfMessagesNotVisible: String(inFlight),
      ApproximateNumberOfMessagesDelayed: String(delayed),
      CreatedTimestamp: String(Math.floor(createdAt / 1000)),
      LastModifiedTimestamp: String(Math.floor(changedAt / 1000)),
    };
  };

  const operations: Record<string, Operation> = {
    SendMessage: (input) => {
      const queue = queueIn(input);
      const message = parseMessage(input, Number(queue.attributes.MaximumMessageSize));
      const [id = ''] = add(queue, [message]);
      return sent(id, message);
    },
    SendMessageBatch: (input) => {
      const queue = queueIn(input);
      const maxBytes = Number(queue.attributes.MaximumMessageSize);
      const outcomes = eachOf(input, (entry) => parseMessage(entry, maxBytes));
      const good = succeeded(outcomes);
      const bytes = good.reduce((sum, { value }) => sum + value.bytes, 0);
      if (bytes > MAX_BATCH_BYTES) {
        throw new SqsError(
          'BatchRequestTooLong',
          `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes. You have sent ${bytes} bytes.`,
        );
      }
      const ids = add(
        queue,
        good.map(({ value }) => value),
      );
      const Successful = good.map(({ Id, value }, at) => ({ Id, ...sent(ids[at] ?? '', value) }));
      return { Successful, Failed: failed(outcomes) };
    },
    ReceiveMessage: receive,
    DeleteMessage: (input) => {
      store.delete(queueIn(input).name, [receiptIn(input)]);
      return {};
    },
    DeleteMessageBatch: (input) => {
      const { name } = queueIn(input);
      const outcomes = eachOf(input, receiptIn);
      const good = succeeded(outcomes);
      store.delete(
        name,
        good.map(({ value }) => value),
      );
      return { Successful: good.map(({ Id }) => ({ Id })), Failed: failed(outcomes) };
    },
    ChangeMessageVisibility: (input) => hide(queueIn(input).name, input),
    ChangeMessageVisibilityBatch: (input) => {
      const { name } = queueIn(input);
      const outcomes = eachOf(input, (entry) => hide(name, entry));
      return { Successful: succeeded(outcomes).map(({ Id }) => ({ Id })), Failed: failed(outcomes) };
    },
    GetQueueUrl: ({ QueueName }) => ({ QueueUrl: urlOf(find(String(QueueName)).name) }),
    GetQueueAttributes: (input) => {
      const asked = listOf(input.AttributeNames);
      const all = Object.entries(describe(queueIn(input)));
      return {
        Attributes: Object.fromEntries(all.filter(([name]) => asked.includes('All') || asked.includes(name))),
      };
    },
    SetQueueAttributes: (input) => {
      const queue = queueIn(input);
      const attributes = changedAttributes(queue.attributes, input.Attributes);
      store.put({ ...queue, attributes, changedAt: Date.now() });
      return {};
    },
    CreateQueue: ({ QueueName, Attributes }) => {
      const name = checkQueueName(QueueName);
      const attributes = changedAttributes(undefined, Attributes);
      const existing = store.find(name);
      const differs = Object.keys(isObject(Attributes) ? Attributes : {}).some(
        (key) => existing && own(existing.attributes, key) !== own(attributes, key),
      );
      if (differs)
        throw new SqsError(
          'QueueNameExists',
          'A queue already exists with the same name and a different value for an attribute.',
        );
      if (!existing) store.put({ name, attributes, createdAt: Date.now(), changedAt: Date.now() });
      return { QueueUrl: urlOf(name) };
    },
    DeleteQueue: (input) => {
      store.remove(queueIn(input).name);
      return {};
    },
    ListQueues: ({ QueueNamePrefix = '' }) => ({
      QueueUrls: store
        .names()
        .filter((name) => name.startsWith(String(QueueNamePrefix)))
        .map(urlOf),
    }),
    PurgeQueue: (input) => {
      store.purge(queueIn(input).name);
      return {};
    },
  };
  return new Map(Object.entries(operations));
};
