import { BURST_S, PARTITION_UNITS } from './documented.ts';

const UNITS_PER_MS = PARTITION_UNITS / 1_000;

/** A partition's write capacity: a bucket that fills by 1,000 units a second up to those of 300 s. */
export type Partition = { units: number; filledAtMs: number };

/** `storedS`: the seconds whose unused units it has at the start. */
export const newPartition = (storedS = 0): Partition => ({ units: storedS * PARTITION_UNITS, filledAtMs: 0 });

/** Whether the partition has these units now. Times must not decrease. */
export const hasUnits = (partition: Partition, units: number, nowMs: number): boolean => {
  const filled = partition.units + (nowMs - partition.filledAtMs) * UNITS_PER_MS;
  partition.units = Math.min(filled, BURST_S * PARTITION_UNITS);
  partition.filledAtMs = nowMs;
  return partition.units >= units;
};

export const takeUnits = (partition: Partition, units: number): void => {
  partition.units -= units;
};
