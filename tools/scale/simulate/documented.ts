/**
 * DynamoDB's documented limits. A partition of a table or an index takes 1,000 write units a second:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
 */
export const PARTITION_UNITS = 1_000;

/**
 * Unused units of the last 300 s may be spent at once. On the best of efforts, and by AWS's support not beyond a
 * partition's limit, so that the simulation of a rate begins without any:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html
 * https://repost.aws/knowledge-center/dynamodb-spiky-workloads-short-intervals
 */
export const BURST_S = 300;

/**
 * A new on-demand table takes 4,000 write units a second, and so does each of its indexes. Both take twice their
 * earlier peak, which is one once it was half an hour ago:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
 */
export const NEW_TABLE_UNITS = 4_000;
export const DOUBLING_MINUTES = 30;

/**
 * The SDK's standard mode in the version installed here: waits of up to 1, 2 and 4 s after throttling, at random, and
 * four attempts (lib/adapters/aws/client-options.ts).
 */
export const ATTEMPTS = 4;
export const RETRY_BASE_MS = 1_000;
