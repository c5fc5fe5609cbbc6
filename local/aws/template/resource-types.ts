import { own } from '../../json.ts';
import type { Template } from './intrinsics.ts';

/** Splits a text at white space into names. */
const names = (text: string): string[] => text.trim().split(/\s+/);

/** Each type that the local stack interprets: the properties it acts on, and those without an effect on one machine. */
const INTERPRETED: Record<string, { acts: string[]; idle: string[] }> = {
  'AWS::ApiGateway::RestApi': {
    acts: names('Name BinaryMediaTypes'),
    idle: names(`
      EndpointConfiguration Policy Description Tags DisableExecuteApiEndpoint MinimumCompressionSize
      ApiKeySourceType
    `),
  },
  'AWS::ApiGateway::Resource': {
    acts: names('ParentId PathPart'),
    idle: names('RestApiId'),
  },
  'AWS::ApiGateway::Method': {
    acts: names('HttpMethod ResourceId Integration AuthorizationType ApiKeyRequired'),
    idle: names('RestApiId RequestParameters MethodResponses OperationName'),
  },
  'AWS::ApiGateway::GatewayResponse': {
    acts: names('ResponseType ResponseParameters ResponseTemplates StatusCode'),
    idle: names('RestApiId'),
  },
  'AWS::Lambda::Function': {
    acts: names('FunctionName Handler Timeout MemorySize Environment'),
    idle: names(`
      Code Runtime Architectures Description Role Tags TracingConfig LoggingConfig
      ReservedConcurrentExecutions EphemeralStorage RuntimeManagementConfig RecursiveLoop KmsKeyArn
    `),
  },
  'AWS::Lambda::EventSourceMapping': {
    acts: names(`
      BatchSize EventSourceArn FunctionName Enabled FunctionResponseTypes ScalingConfig
      MaximumBatchingWindowInSeconds
    `),
    idle: names('Tags MetricsConfig'),
  },
  'AWS::SQS::Queue': {
    acts: names(`
      QueueName VisibilityTimeout MessageRetentionPeriod RedrivePolicy DelaySeconds
      ReceiveMessageWaitTimeSeconds MaximumMessageSize
    `),
    idle: names('Tags SqsManagedSseEnabled KmsMasterKeyId KmsDataKeyReusePeriodSeconds RedriveAllowPolicy'),
  },
  'AWS::DynamoDB::Table': {
    acts: names(`
      TableName AttributeDefinitions KeySchema GlobalSecondaryIndexes LocalSecondaryIndexes BillingMode
      ProvisionedThroughput
    `),
    idle: names(`
      TimeToLiveSpecification PointInTimeRecoverySpecification SSESpecification Tags TableClass
      DeletionProtectionEnabled OnDemandThroughput ContributorInsightsSpecification
    `),
  },
  'AWS::S3::Bucket': {
    acts: names('BucketName NotificationConfiguration CorsConfiguration'),
    idle: names(`
      PublicAccessBlockConfiguration BucketEncryption LifecycleConfiguration OwnershipControls Tags
      LoggingConfiguration MetricsConfigurations
    `),
  },
  'AWS::Events::EventBus': {
    acts: names('Name'),
    idle: names('Description Tags KmsKeyIdentifier LogConfig'),
  },
  'AWS::Events::Rule': {
    acts: names('Name EventBusName EventPattern ScheduleExpression State Targets'),
    idle: names('Description RoleArn Tags'),
  },
};

/** Types without an effect on one machine: permissions, logs, alarms, deployment. */
const IGNORED_TYPES = new Set(
  names(`
    AWS::IAM::Role AWS::IAM::Policy AWS::IAM::ManagedPolicy
    AWS::Lambda::Permission AWS::Lambda::Version AWS::Lambda::EventInvokeConfig
    AWS::SQS::QueuePolicy
    AWS::S3::BucketPolicy
    AWS::Events::Archive AWS::Events::EventBusPolicy
    AWS::Logs::LogGroup AWS::Logs::MetricFilter AWS::Logs::ResourcePolicy AWS::Logs::QueryDefinition
    AWS::CloudWatch::Alarm AWS::CloudWatch::CompositeAlarm AWS::CloudWatch::Dashboard
    AWS::ApiGateway::Deployment AWS::ApiGateway::Stage AWS::ApiGateway::Account AWS::ApiGateway::UsagePlan
    AWS::SNS::Topic AWS::SNS::TopicPolicy AWS::SNS::Subscription
    AWS::Budgets::Budget
    AWS::XRay::SamplingRule
    AWS::WAFv2::WebACL AWS::WAFv2::WebACLAssociation
    AWS::SSM::Parameter
  `),
);

/** The bucket that the Serverless Framework uploads bundles to. */
const IGNORED_IDS = new Set(['ServerlessDeploymentBucket']);

export const isIgnored = (logicalId: string, type: string): boolean =>
  IGNORED_TYPES.has(type) || IGNORED_IDS.has(logicalId);

export const actingProperties = (type: string): string[] => own(INTERPRETED, type)?.acts ?? [];

/**
 * Checks that each resource is either interpreted or ignored on purpose.
 *
 * @throws {Error} that names the first type or property that the local stack does not know, and its logical id.
 */
export const checkTypes = (template: Template): void => {
  for (const [id, { Type: type, Properties: properties = {} }] of Object.entries(template.Resources)) {
    if (isIgnored(id, type)) continue;
    const known = own(INTERPRETED, type);
    if (!known) throw new Error(`The local stack does not interpret ${type} (${id})`);
    for (const name of Object.keys(properties)) {
      if (!known.acts.includes(name) && !known.idle.includes(name)) {
        throw new Error(`The local stack does not interpret the property ${name} of ${type} (${id})`);
      }
    }
  }
};
