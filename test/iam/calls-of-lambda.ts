import type { Template } from '../../local/aws/template/intrinsics.ts';
import type { Place } from './aws-calls.ts';
import { ofType, referredTo, resolverOf } from './roles.ts';
import type { AwsCall } from './s3-calls.ts';

const LOGS = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const RECEIVING = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
const TRACING = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];

/**
 * The calls that the Lambda service itself makes with a function's role, by the function's logical id. No code of ours
 * makes them, so they are derived from the template and AWS's documentation: of logs
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html, of queues
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html, of traces
 * https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html, of failed events
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html.
 */
export const callsOfLambda = (template: Template, place: Place): Map<string, AwsCall[]> => {
  const resolve = resolverOf(template, place);
  const byRole = (operation: string, actions: string[], resource: string): AwsCall[] =>
    actions.map((action) => ({ action, resource, context: {}, operation }));
  const queuesOf = (functionId: string): string[] =>
    ofType(template, 'AWS::Lambda::EventSourceMapping').flatMap(([id, { FunctionName, EventSourceArn }]) =>
      referredTo(FunctionName) === functionId ? [String(resolve(EventSourceArn, id))] : [],
    );

  const destinationsOf = (functionId: string): string[] =>
    ofType(template, 'AWS::Lambda::EventInvokeConfig').flatMap(
      ([id, { FunctionName, DestinationConfig }]) => {
        const { OnFailure } = DestinationConfig as { OnFailure: { Destination: unknown } };
        return referredTo(FunctionName) === functionId ? [String(resolve(OnFailure.Destination, id))] : [];
      },
    );

  return new Map(
    ofType(template, 'AWS::Lambda::Function').map(([id, { FunctionName, TracingConfig }]) => {
      const group = `log-group:/aws/lambda/${FunctionName}`;
      const stream = `arn:aws:logs:${place.region}:${place.account}:${group}:log-stream:any`;
      const isTraced = (TracingConfig as { Mode?: string } | undefined)?.Mode === 'Active';
      return [
        id,
        [
          ...queuesOf(id).flatMap((queue) => byRole('Lambda polls', RECEIVING, queue)),
          ...destinationsOf(id).flatMap((queue) => byRole('Lambda gives up', ['sqs:SendMessage'], queue)),
          ...byRole('Lambda logs', LOGS, stream),
          ...(isTraced ? byRole('Lambda traces', TRACING, '*') : []),
        ],
      ];
    }),
  );
};
