/** Bounds of a number, of the length of a text, or of the entries of a list or a map; `*` stands for each entry. */
export type Limit = { type: string; path: string; least?: number; most: number };

const byType: Record<string, Record<string, [least: number, most: number]>> = {
  // docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
  'AWS::Lambda::Function': {
    FunctionName: [1, 64],
    Description: [0, 256],
    MemorySize: [128, 10_240],
    Timeout: [1, 900],
    ReservedConcurrentExecutions: [0, 1_000],
  },
  'AWS::Lambda::EventSourceMapping': {
    BatchSize: [1, 10_000],
    MaximumBatchingWindowInSeconds: [0, 300],
    'ScalingConfig.MaximumConcurrency': [2, 1_000],
  },
  // docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html
  'AWS::WAFv2::WebACL': {
    Name: [1, 128],
    Description: [1, 256],
    'Rules.*.Statement.RateBasedStatement.Limit': [10, 2_000_000_000],
  },
  'AWS::Lambda::EventInvokeConfig': {
    MaximumEventAgeInSeconds: [60, 21_600],
    MaximumRetryAttempts: [0, 2],
  },
  // docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
  'AWS::SQS::Queue': {
    QueueName: [1, 80],
    DelaySeconds: [0, 900],
    MaximumMessageSize: [1_024, 1_048_576],
    MessageRetentionPeriod: [60, 1_209_600],
    ReceiveMessageWaitTimeSeconds: [0, 20],
    VisibilityTimeout: [0, 43_200],
    'RedrivePolicy.maxReceiveCount': [1, 1_000],
  },
  // docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
  'AWS::Events::EventBus': { Name: [1, 256], Description: [0, 512] },
  'AWS::Events::Rule': {
    Name: [1, 64],
    Description: [0, 512],
    Targets: [0, 5],
    'Targets.*.Id': [1, 64],
    'Targets.*.RetryPolicy.MaximumEventAgeInSeconds': [60, 86_400],
    'Targets.*.RetryPolicy.MaximumRetryAttempts': [0, 185],
  },
  'AWS::Events::Archive': { ArchiveName: [1, 48], Description: [0, 512], RetentionDays: [0, 36_500] },
  // docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  'AWS::CloudWatch::Alarm': {
    AlarmName: [1, 255],
    AlarmDescription: [0, 1_024],
    AlarmActions: [0, 5],
    OKActions: [0, 5],
    Dimensions: [0, 30],
    EvaluationPeriods: [1, 10_080],
    DatapointsToAlarm: [1, 10_080],
    MetricName: [1, 255],
    Metrics: [1, 20],
    Namespace: [1, 255],
  },
  'AWS::CloudWatch::Dashboard': { DashboardName: [1, 255] },
  'AWS::SNS::Topic': { TopicName: [1, 256], DisplayName: [0, 100] },
  // docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, /lifecycle-and-other-bucket-config.html
  'AWS::S3::Bucket': {
    BucketName: [3, 63],
    'CorsConfiguration.CorsRules': [1, 100],
    'LifecycleConfiguration.Rules': [1, 1_000],
    'LifecycleConfiguration.Rules.*.Id': [1, 255],
    'LifecycleConfiguration.Rules.*.ExpirationInDays': [1, 2_147_483_647],
    'NotificationConfiguration.QueueConfigurations': [0, 100],
  },
  // docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
  'AWS::DynamoDB::Table': {
    TableName: [3, 255],
    GlobalSecondaryIndexes: [1, 20],
    'GlobalSecondaryIndexes.*.IndexName': [3, 255],
    'GlobalSecondaryIndexes.*.Projection.NonKeyAttributes': [1, 20],
    LocalSecondaryIndexes: [1, 5],
  },
  // docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  'AWS::IAM::Role': { RoleName: [1, 64], ManagedPolicyArns: [0, 10], MaxSessionDuration: [3_600, 43_200] },
  'AWS::Logs::LogGroup': { LogGroupName: [1, 512] },
  // docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
  'AWS::ApiGateway::RestApi': { Name: [1, 1_024] },
  'AWS::ApiGateway::Stage': {
    StageName: [1, 128],
    'AccessLogSetting.Format': [1, 3_072],
    'MethodSettings.*.ThrottlingBurstLimit': [0, 5_000],
    'MethodSettings.*.ThrottlingRateLimit': [0, 10_000],
  },
};

/**
 * Limits that AWS documents and that its resource schemas, as packed for npm, do not contain. Account quotas
 * (concurrency, throttling) are the defaults.
 */
export const limits: readonly Limit[] = Object.entries(byType).flatMap(([type, paths]) =>
  Object.entries(paths).map(([path, [least, most]]) => ({ type, path, least, most })),
);
