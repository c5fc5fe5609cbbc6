import { randomUUID } from 'node:crypto';
import type { LambdaFunction, Rule } from '../template/stack-model.ts';

export type ScheduleOptions = {
  rules: readonly Rule[];
  functions: ReadonlyMap<string, LambdaFunction>;
  account: string;
  region: string;
  invoke: (functionId: string, event: unknown) => Promise<unknown>;
};

/** The event that EventBridge sends to a schedule's target without an input of its own. */
const scheduledEvent = (rule: Rule, account: string, region: string, now: Date) => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account,
  time: now.toISOString().replace(/\.\d+Z$/, 'Z'),
  region,
  resources: [rule.arn],
  detail: {},
});

/**
 * Invokes the functions of the template's `rate(…)` rules, the first time after one period. Returns a function that
 * stops all schedules.
 *
 * @throws {Error} when a schedule's target is not a function of the template.
 */
export const runSchedules = ({
  rules,
  functions,
  account,
  region,
  invoke,
}: ScheduleOptions): (() => void) => {
  const due = rules.flatMap((rule) => {
    const { everyMs } = rule;
    return everyMs === undefined ? [] : rule.targets.map((target) => ({ rule, target, everyMs }));
  });
  const timers = due.map(({ rule, target, everyMs }) => {
    const fn = [...functions.values()].find(({ arn }) => arn === target.arn);
    if (!fn)
      throw new Error(
        `AWS::Events::Rule (${rule.id}): the target ${target.arn} is not a function of the template`,
      );
    return setInterval(() => {
      const event = target.input
        ? JSON.parse(target.input)
        : scheduledEvent(rule, account, region, new Date());
      invoke(fn.id, event).catch(() => {}); // the pool logs the failure, and the next period retries
    }, everyMs);
  });
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
};
