import type { Lease } from './run.ts';
import { DEFAULT_SHARDS, shardOf } from './shards.ts';

export const DUE_SHARDS = DEFAULT_SHARDS.due;

const MINUTE = 60_000;

/** Delays until the sweep looks at a run again, in ms, by what the run waits for. */
export const DUE = {
  /** A queued run whose job was sent: `queued` before the first look, then `unclaimed`, doubled each time. */
  queued: MINUTE,
  unclaimed: 60 * MINUTE,
  /** Committed events, which the process that committed them is about to send. */
  pending: MINUTE / 2,
  /** A generated run, whose event was sent, until embedding completes it. */
  embedding: 10 * MINUTE,
  /** Deleted or cancelled runs: embed's timeout plus five minutes, after which no worker can still be writing. */
  purge: 10 * MINUTE,
} as const;

/** Lifetime of a tombstone: longer than any queue, dead-letter queue or archive keeps a message about the run. */
export const TOMBSTONE_MS = 30 * 24 * 60 * MINUTE;

export const LEASE_MS = MINUTE;
export const LEASE_RENEWAL_MS = 20_000;
export const MAX_ATTEMPTS = 5;

/** The fields that hold an item for its worker from now on: the lease, and the sweep's next look after its end. */
export const heldBy = (token: string, now: number): { lease: Lease; dueAt: number } => {
  const until = now + LEASE_MS;
  return { lease: { token, until }, dueAt: until + 1 };
};

/** Makes the renewal of a lease that was just taken: `renew` is called when it is due, and never more often. */
export const makeRenewal = (
  renew: () => Promise<unknown>,
  { now }: { now: () => number },
): (() => Promise<void>) => {
  let renewAt = now() + LEASE_RENEWAL_MS;
  return async () => {
    if (now() < renewAt) return;
    await renew();
    renewAt = now() + LEASE_RENEWAL_MS;
  };
};

/** `base` ms, doubled for each earlier try, capped at a week. */
export const backedOff = (base: number, tries: number): number =>
  Math.min(base * 2 ** tries, 7 * 24 * 60 * MINUTE);

/**
 * The due time of a run whose next step is due `at`: none where the run is due soon enough anyway. Its entry in the index
 * then stays where it is, which costs nothing; the sweep may meet the run too early, and looks at it again.
 */
export const dueBy = ({ dueAt }: { dueAt: number | null }, at: number): { dueAt?: number } =>
  dueAt !== null && dueAt <= at + MINUTE ? {} : { dueAt: at };

/** An item's partition in the due index, of so many. */
export const dueShardOf = (pk: string, count = DUE_SHARDS): number => shardOf(pk, count);
