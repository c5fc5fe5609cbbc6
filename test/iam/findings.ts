import type { Template } from '../../local/aws/template/intrinsics.ts';
import type { Place } from './aws-calls.ts';
import { callsOfLambda } from './calls-of-lambda.ts';
import type { RecordedCall } from './recorder.ts';
import { type Grant, grantsByFunction, isGranted, kindOf } from './roles.ts';
import type { AwsCall } from './s3-calls.ts';

/** The role of one function, compared with its calls. */
export type Finding = {
  functionId: string;
  grants: UsedGrant[];
  /** Calls that its role does not allow. */
  refused: AwsCall[];
};
/**
 * `operations` are the allowed calls with their counts; `isNeeded` is set if a call would be refused without the grant.
 */
type UsedGrant = { grant: Grant; operations: Map<string, number>; isNeeded: boolean };

type Recorded = { template: Template; place: Place; calls: readonly RecordedCall[] };

/** Compares the calls of the functions, and of the Lambda service for them, with each function's role. */
export const findingsOf = async ({ template, place, calls }: Recorded): Promise<Finding[]> => {
  const ofLambda = callsOfLambda(template, place);
  const findings: Finding[] = [];
  for (const [functionId, grants] of grantsByFunction(template, place)) {
    const own = calls.filter((call) => call.functionId === functionId);
    const all = counted([...own, ...(ofLambda.get(functionId) ?? [])]);
    const refused: AwsCall[] = [];
    for (const { call } of all) if (!(await isGranted(call, grants, place))) refused.push(call);
    const used: UsedGrant[] = [];
    for (const grant of grants) used.push(await useOf(grant, grants, all, place));
    findings.push({ functionId, grants: used, refused });
  }
  return findings;
};

const ID = /[0-9A-Za-z]*\d[0-9A-Za-z]{5,}|\d+/g;

/** An ARN without the ids in its name; service, region and account stay. */
const shapeOf = (arn: string): string =>
  arn.replace(/^((?:[^:]*:){5})(.*)$/s, (_, place: string, name: string) => place + name.replaceAll(ID, '0'));

type Counted = { call: AwsCall; times: number };

const useOf = async (
  grant: Grant,
  grants: readonly Grant[],
  all: readonly Counted[],
  place: Place,
): Promise<UsedGrant> => {
  const others = grants.filter((other) => other !== grant);
  const operations = new Map<string, number>();
  let isNeeded = false;
  for (const { call, times } of all) {
    if (call.action !== grant.Action || !(await isGranted(call, [grant], place))) continue;
    operations.set(call.operation, (operations.get(call.operation) ?? 0) + times);
    isNeeded ||= !(await isGranted(call, others, place));
  }
  return { grant, operations, isNeeded };
};

/**
 * Calls of one shape once, with their count: those that differ only in ids and numbers, of which no policy has any. Each
 * simulation takes milliseconds, and a scenario makes thousands of calls.
 */
const counted = (calls: readonly AwsCall[]): Counted[] => {
  const groups = Map.groupBy(calls, ({ action, resource, context, operation }) =>
    JSON.stringify([action, shapeOf(resource), context, operation]),
  );
  return [...groups.values()].flatMap(([call, ...same]) => (call ? [{ call, times: same.length + 1 }] : []));
};

const times = (operations: UsedGrant['operations']): string =>
  [...operations].map(([name, count]) => (name.startsWith('Lambda ') ? name : `${count} ${name}`)).join(', ');

/** The calls of a function that its role does not allow, a line for each action, with its first resource. */
export const refusalsOf = ({ refused }: Finding): string[] =>
  [...Map.groupBy(refused, ({ action }) => action)].map(
    ([action, [first, ...more]]) =>
      `${action} ${first?.resource}${shown(first)}${more.length > 0 ? ` and ${more.length} more` : ''}`,
  );

const shown = (call: AwsCall | undefined): string =>
  Object.keys(call?.context ?? {}).length === 0 ? '' : ` ${JSON.stringify(call?.context)}`;

/**
 * A line for each grant: its action, its resource, and its calls. Grants not needed and calls not allowed are marked.
 */
export const tableOf = (findings: readonly Finding[]): string =>
  findings
    .flatMap((finding) => [
      finding.functionId.replace(/LambdaFunction$/, ''),
      ...finding.grants.map(({ grant, operations, isNeeded }) => {
        const { Action, Resource } = grant;
        const where = `${Resource.replace(/^arn:aws:\w+:[\w-]*:\d*:/, '')} ${kindOf(grant) ?? ''}`.trim();
        return `  ${isNeeded ? ' ' : '!'} ${Action.padEnd(24)} ${where.padEnd(60)} ${times(operations)}`;
      }),
      ...refusalsOf(finding).map((refusal) => `  ! NOT ALLOWED ${refusal}`),
      '',
    ])
    .join('\n');
