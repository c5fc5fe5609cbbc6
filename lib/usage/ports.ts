import type { UsagePart } from '../runs/list/parts.ts';

/**
 * A caller's hour (`2026-11-29T13`) or day (`2026-11-29`), UTC, whose runs are summed: those that were created in it. The
 * kind `PART` is a sum of an hour that is under way.
 */
export type Period = { caller: string; kind: 'HOUR' | 'DAY' | 'PART'; name: string };

/** The usage of runs that are equal in their chosen metadata and in the models and labels of their settings, in order. */
export type UsageShape = {
  metadata: Record<string, string>;
  requests: number;
  failedRequests: number;
  parts: UsagePart[];
};

/** `keys`: the keys of metadata by which the runs were told apart. */
export type Sums = {
  keys: string[];
  shapes: UsageShape[];
  /** Of a sum under way: the place in the caller's list up to which it has read, and the state of the hour when it began. */
  under?: { after: string; version: number; marks: number };
};

/** `version` grows with each writing of the sums, `marks` with each mark; both are 0 at first. `dueAt` in epoch ms. */
export type Totals = Sums & { period: Period; version: number; marks: number; dueAt: number | null };

/** Stores the sums of callers' periods with conditional writes. Reads are consistent. */
export type UsageStore = {
  /**
   * Has a period summed again, at `dueAt` unless it is due already; creates it at need. Returns when it is due. Each
   * mark is counted, so that a sum that began before it cannot take the period out of due.
   */
  mark(period: Period, dueAt: number): Promise<number>;
  get(period: Period): Promise<Totals | undefined>;
  /** A caller's periods of one kind whose names are at or after `from` and before `until`, in order. */
  range(caller: string, kind: Period['kind'], from: string, until: string): AsyncIterable<Totals>;
  /**
   * Writes sums if none were written since `read`. Then the period is no longer due; where it was marked since `read`,
   * it is due at `again`. Without `again` its due time stays. Resolves to false when other sums were written.
   */
  put(period: Period, sums: Sums, read: Pick<Totals, 'version' | 'marks'>, again?: number): Promise<boolean>;
  /** Moves a due time from `read` to `to`, unless it has changed. */
  postpone(period: Period, read: number, to: number): Promise<void>;
};
