import { setTimeout as wait } from 'node:timers/promises';
import type { Rule, RuleTarget } from '../template/stack-model.ts';

/** Sends a message to a queue by its ARN, with optional text attributes. */
export type SendToQueue = (
  queueArn: string,
  body: string,
  attributes?: Record<string, string>,
) => Promise<void>;

export type DeliveryOptions = { sendToQueue: SendToQueue; log: (line: string) => void };

/** PutEvents waits for the delivery, so all retries end within this time even when the rule allows more. */
const BUDGET_MS = 5_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** EventBridge does not retry when the queue does not exist or denies access. */
const isPermanent = (error: Error): boolean =>
  /NonExistentQueue|QueueDoesNotExist|AccessDenied|InvalidMessage/.test(error.name);

type Failure = { error: Error; attempts: number; condition: string };

const attempt = async (target: RuleTarget, body: string, send: SendToQueue): Promise<Failure | undefined> => {
  const end = Date.now() + Math.min(target.maxAgeMs, BUDGET_MS);
  let pause = FIRST_PAUSE_MS;
  for (let attempts = 0; ; attempts += 1) {
    try {
      await send(target.arn, body);
      return undefined;
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      if (isPermanent(error)) return { error, attempts, condition: '' };
      if (attempts >= target.maxAttempts) return { error, attempts, condition: 'MaximumRetryAttempts' };
      if (Date.now() + pause > end) return { error, attempts, condition: 'MaximumEventAgeInSeconds' };
      await wait(pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    }
  }
};

const deadLetterAttributes = (rule: Rule, target: RuleTarget, { error, attempts, condition }: Failure) => ({
  RULE_ARN: rule.arn,
  TARGET_ARN: target.arn,
  ERROR_CODE: isPermanent(error) ? 'NO_PERMISSIONS_OR_RESOURCE' : 'SDK_CLIENT_ERROR',
  ERROR_MESSAGE: error.message || error.name,
  RETRY_ATTEMPTS: String(attempts),
  ...(condition && { EXHAUSTED_RETRY_CONDITION: condition }),
});

/**
 * Delivers an event to one target of a rule, with the rule's retries, then to the target's dead-letter queue.
 * A permanent failure without a dead-letter queue drops the event, as EventBridge does.
 *
 * @throws {Error} when neither queue took the event, so PutEvents must not accept it.
 */
export const deliver = async (
  rule: Rule,
  target: RuleTarget,
  body: string,
  options: DeliveryOptions,
): Promise<void> => {
  const failure = await attempt(target, target.input ?? body, options.sendToQueue);
  if (!failure) return;
  options.log(`events: rule ${rule.name} could not deliver to ${target.id}: ${failure.error.name}`);
  if (!target.deadLetterArn) {
    if (isPermanent(failure.error)) return;
    throw failure.error;
  }
  await options.sendToQueue(
    target.deadLetterArn,
    target.input ?? body,
    deadLetterAttributes(rule, target, failure),
  );
};
