import { createHash } from 'node:crypto';

/** Partitions of one caller's list. A run writes two units, so four take 2,000 runs a second of one caller. */
export const LIST_SHARDS = 4;

/** A run's partition of its caller's list; hashing spreads the runs of an instant evenly. */
export const listShardOf = (runId: string): number =>
  (createHash('sha256').update(runId).digest()[0] ?? 0) % LIST_SHARDS;
