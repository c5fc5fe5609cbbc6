/** How long a deployment keeps what its callers wrote; without days for ever. `now` in epoch ms. */
export type Retention = { retentionDays?: number | undefined; now?: () => number };

export const DAY_SECONDS = 86_400;

/** An instant as DynamoDB's TTL takes it: in whole seconds since the epoch, not before `ms`. */
export const ttlSeconds = (ms: number): number => Math.ceil(ms / 1_000);

/**
 * When DynamoDB's TTL may delete an item of a file that is written now, in seconds since the epoch: after twice the
 * retention, as its objects under `files/` (infra/data.yml). Undefined: never.
 */
export const fileExpiry = ({ retentionDays, now = Date.now }: Retention): number | undefined =>
  retentionDays === undefined ? undefined : ttlSeconds(now()) + 2 * retentionDays * DAY_SECONDS;
