import { own } from '../../json.ts';
import { checkPattern, type EventPattern } from '../events/event-pattern.ts';
import type { NamedResource } from './name-resources.ts';
import type { Rule, RuleTarget } from './stack-model.ts';

type TemplateTarget = {
  Id: string;
  Arn: string;
  Input?: string;
  RetryPolicy?: { MaximumRetryAttempts?: number; MaximumEventAgeInSeconds?: number };
  DeadLetterConfig?: { Arn: string };
};

const TARGET_PROPERTIES = new Set(['Id', 'Arn', 'Input', 'RetryPolicy', 'DeadLetterConfig', 'RoleArn']);
const UNIT_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

const everyMs = (expression: string, id: string): number => {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const ms = Number(count) * (own(UNIT_MS, unit ?? '') ?? Number.NaN);
  if (!(ms > 0))
    throw new Error(`AWS::Events::Rule (${id}): the local stack does not interpret ${expression}`);
  return ms;
};

const readTarget = (target: TemplateTarget, ruleId: string): RuleTarget => {
  const unknown = Object.keys(target).find((name) => !TARGET_PROPERTIES.has(name));
  if (unknown)
    throw new Error(
      `AWS::Events::Rule (${ruleId}): the local stack does not interpret ${unknown} of a target`,
    );
  return {
    id: target.Id,
    arn: target.Arn,
    input: target.Input,
    // EventBridge's defaults: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
    maxAttempts: target.RetryPolicy?.MaximumRetryAttempts ?? 185,
    maxAgeMs: (target.RetryPolicy?.MaximumEventAgeInSeconds ?? 86_400) * 1000,
    deadLetterArn: target.DeadLetterConfig?.Arn,
  };
};

/**
 * Reads a rule; a disabled one has no targets.
 *
 * @throws {Error} for a schedule other than `rate(…)`, an unknown pattern operator or an unknown property of a target.
 */
export const readRule = ({ id, name, arn, properties }: NamedResource): Rule => {
  const { EventPattern: pattern, ScheduleExpression: schedule, State: state = 'ENABLED' } = properties;
  const targets = (properties.Targets ?? []) as TemplateTarget[];
  if (pattern !== undefined) checkPattern(pattern as EventPattern);
  return {
    id,
    name,
    arn,
    busName: String(properties.EventBusName ?? 'default').replace(/^arn:.*event-bus\//, ''),
    pattern: pattern as Record<string, unknown> | undefined,
    everyMs: schedule === undefined ? undefined : everyMs(String(schedule), id),
    targets: state === 'ENABLED' ? targets.map((target) => readTarget(target, id)) : [],
  };
};
