import { createHash } from 'node:crypto';

export const DUE_SHARDS = 8;

const MINUTE = 60_000;

/** When the sweep should look at a run again, in ms from now, by what it waits for. */
export const DUE = {
  /** A job that was sent: its first look, then an hour, doubling. */
  queued: MINUTE,
  unclaimed: 60 * MINUTE,
  /** Events that are committed and about to be sent by whoever committed them. */
  pending: MINUTE / 2,
  /** An event that was sent and whose effect is awaited. */
  embedding: 10 * MINUTE,
  /** After deletion: embed's time-out and five minutes, when nothing can still be writing vectors. */
  purge: 10 * MINUTE,
} as const;

/** For how long a tombstone stands: every message and dead letter about the run, and what is archived, is gone before. */
export const TOMBSTONE_MS = 30 * 24 * 60 * MINUTE;

export const LEASE_MS = MINUTE;
export const LEASE_RENEWAL_MS = 20_000;
export const MAX_ATTEMPTS = 5;

/** `base` doubled for each earlier try, a week at most. */
export const backedOff = (base: number, tries: number): number =>
  Math.min(base * 2 ** tries, 7 * 24 * 60 * MINUTE);

/** The due index's partition of an item; spreads them evenly. */
export const dueShardOf = (pk: string): number =>
  (createHash('sha256').update(pk).digest()[0] ?? 0) % DUE_SHARDS;
