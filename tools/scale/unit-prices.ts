/** The price of `per` units of a service in US dollars, in us-east-1, without free tiers and volume discounts. */
export type UnitPrice = {
  service: string;
  unit: string;
  usd: number;
  per: number;
  source: string;
  /** The date of the source in ISO 8601, as exact as it is known; `undated` if the source has none. */
  asOf: string;
  /** Whether the source is the vendor's own page or a third party's report. */
  by: 'vendor' | 'third party';
};

const MILLION = 1_000_000;
const GB = 1_000_000_000;
const EVENTS = 'https://cloudburn.io/blog/amazon-eventbridge-pricing';
const GATEWAY =
  'https://docs.aws.amazon.com/whitepapers/latest/best-practices-api-gateway-private-apis-integration/cost-optimization.html';
const LAMBDA = 'https://cloudchipr.com/blog/aws-lambda-pricing';
const PINECONE = 'https://usagepricing.com/blueprint/pinecone';
const S3 = 'https://devnotes.tech/understanding-aws-s3-pricing-a-complete-cost-breakdown-with-examples';
const CLOUDWATCH = 'https://cloudburn.io/blog/amazon-cloudwatch-pricing';
const TABLE = 'https://airbyte.com/data-engineering-resources/dynamodb-pricing';

const THIRD = 'third party';
const price = (
  [service, unit]: [string, string],
  usd: number,
  per: number,
  [source, asOf, by]: [string, string, UnitPrice['by']],
): UnitPrice => ({ service, unit, usd, per, source, asOf, by });

/**
 * Prices by what is counted. AWS's price pages load their figures by script, so most prices are third-party reports.
 */
export const UNIT_PRICES = {
  lambdaGbSecond: price(['Lambda', 'GB-second, arm64'], 0.0000133334, 1, [LAMBDA, '2024', THIRD]),
  lambdaRequest: price(['Lambda', 'request'], 0.2, MILLION, [LAMBDA, '2024', THIRD]),
  apiRequest: price(['API Gateway', 'REST request'], 3.5, MILLION, [GATEWAY, '2021', 'vendor']),
  tableWrite: price(['DynamoDB', 'write request unit'], 0.625, MILLION, [TABLE, '2025-07-21', THIRD]),
  tableRead: price(['DynamoDB', 'read request unit'], 0.125, MILLION, [TABLE, '2025-07-21', THIRD]),
  tableStorage: price(['DynamoDB', 'GB-month'], 0.25, GB, [TABLE, '2025-07-21', THIRD]),
  tableBackup: price(['DynamoDB', 'GB-month of point-in-time recovery'], 0.2, GB, [
    TABLE,
    '2025-07-21',
    THIRD,
  ]),
  objectWrite: price(['S3', 'PUT or LIST'], 0.005, 1_000, [S3, 'undated', THIRD]),
  objectRead: price(['S3', 'GET or HEAD'], 0.0004, 1_000, [S3, 'undated', THIRD]),
  objectStorage: price(['S3', 'GB-month'], 0.023, GB, [S3, 'undated', THIRD]),
  queueRequest: price(['SQS', 'request of up to 64 KB'], 0.4, MILLION, [
    'https://cloudburn.io/blog/amazon-sqs-pricing',
    '2026-03-14',
    THIRD,
  ]),
  event: price(['EventBridge', 'event of up to 64 KB'], 1, MILLION, [EVENTS, '2026-03-13', THIRD]),
  eventArchived: price(['EventBridge', 'GB archived'], 0.1, GB, [EVENTS, '2026-03-13', THIRD]),
  logBytes: price(['CloudWatch', 'GB of logs'], 0.5, GB, [CLOUDWATCH, '2026-02', THIRD]),
  alarmMetric: price(['CloudWatch', 'metric of an alarm, a month'], 0.1, 1, [CLOUDWATCH, '2026-02', THIRD]),
  trace: price(['X-Ray', 'trace recorded'], 5, MILLION, [
    'https://aws.amazon.com/xray/pricing/',
    'undated',
    'vendor',
  ]),
  bytesOut: price(['Data transfer', 'GB to the internet'], 0.09, GB, [
    'https://awsforengineers.com/blog/aws-api-gateway-pricing-explained',
    '2025-05-19',
    THIRD,
  ]),
  vectorWrite: price(['Pinecone', 'write unit, Standard'], 4, MILLION, [PINECONE, '2026-06-09', THIRD]),
  vectorStorage: price(['Pinecone', 'GB-month'], 0.33, GB, [PINECONE, '2026-06-09', THIRD]),
  embeddingToken: price(['OpenAI', 'token of text-embedding-3-small'], 0.02, MILLION, [
    'https://github.com/pydantic/genai-prices',
    '2026-11',
    THIRD,
  ]),
} satisfies Record<string, UnitPrice>;

export type PriceName = keyof typeof UNIT_PRICES;

/** The price of `units` units in US dollars. */
export const usdOf = (name: PriceName, units: number): number =>
  (UNIT_PRICES[name].usd * units) / UNIT_PRICES[name].per;
