import { isObject, own, parseObject } from '../../json.ts';
import { invalidParameter, SqsError } from './sqs-error.ts';

export type QueueAttributes = Record<string, string>;
export type Redrive = { targetArn: string; maxReceiveCount: number };

const DEFAULTS: QueueAttributes = {
  VisibilityTimeout: '30',
  DelaySeconds: '0',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
};

const RANGES: Record<string, readonly [number, number]> = {
  VisibilityTimeout: [0, 43_200],
  DelaySeconds: [0, 900],
  MaximumMessageSize: [1_024, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 20],
};
const OTHERS = [
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'Policy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'SqsManagedSseEnabled',
];
const NAME = /^[\w-]{1,80}$/;

/**
 * Checks the name of a new queue.
 *
 * @throws {SqsError} InvalidParameterValue; a `FIFO` queue's name ends in `.fifo`, so it is refused here, too.
 */
export const checkQueueName = (name: unknown): string => {
  if (typeof name === 'string' && NAME.test(name)) return name;
  throw invalidParameter(
    'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
  );
};

/** The dead-letter queue of a redrive policy, which names its `maxReceiveCount` as a number or as its digits. */
export const redriveOf = ({ RedrivePolicy = '' }: QueueAttributes): Redrive | undefined => {
  const { deadLetterTargetArn: targetArn, maxReceiveCount } = parseObject(RedrivePolicy) ?? {};
  const count = Number(maxReceiveCount);
  return typeof targetArn === 'string' && Number.isInteger(count) && count >= 1
    ? { targetArn, maxReceiveCount: count }
    : undefined;
};

const checkRange = (name: string, number: number, [min, max]: readonly [number, number]): void => {
  if (Number.isInteger(number) && number >= min && number <= max) return;
  throw new SqsError(
    'InvalidAttributeValue',
    `Invalid value for the parameter ${name}. Reason: Must be between ${min} and ${max}.`,
  );
};

/**
 * Applies changes to a queue's attributes. An empty redrive policy removes it. Those without an effect on one machine
 * (encryption, permissions, retention) are kept as they are.
 *
 * @throws {SqsError} for a value that SQS refuses.
 */
export const changedAttributes = (before: QueueAttributes | undefined, changes: unknown): QueueAttributes => {
  const after = new Map(Object.entries(before ?? DEFAULTS));
  for (const [name, value] of Object.entries(isObject(changes) ? changes : {})) {
    const range = own(RANGES, name);
    if (range) checkRange(name, Number(value), range);
    else if (!OTHERS.includes(name)) {
      throw new SqsError(
        'InvalidAttributeName',
        `Unknown Attribute ${name}. The local SQS serves standard queues only.`,
      );
    }
    if (name === 'RedrivePolicy' && value !== '' && !redriveOf({ RedrivePolicy: String(value) })) {
      throw invalidParameter(
        'Value for parameter RedrivePolicy is invalid. Reason: it needs deadLetterTargetArn and maxReceiveCount of 1 or more.',
      );
    }
    if (value === '') after.delete(name);
    else after.set(name, String(value));
  }
  return Object.fromEntries(after);
};
