/** How a file is cut up; tests take smaller figures. */
export type FileLimits = {
  /** Most lines of a block, and bytes of its object. */
  blockLines: number;
  blockBytes: number;
  /** Blocks of one file that are in the jobs queue at once, so that others' work is not starved. */
  window: number;
  /** Bytes of one part of a results object; S3 takes no less than 5 MiB. */
  partBytes: number;
  /** Bytes of the source that are asked for at once; they are read as they come. */
  readBytes: number;
};

const MIB = 1024 * 1024;

export const FILE_LIMITS: FileLimits = {
  blockLines: 250,
  blockBytes: 4 * MIB,
  window: 8,
  partBytes: 5 * MIB,
  readBytes: 8 * MIB,
};

/** What an invocation keeps for its last steps, of the milliseconds that are left to it. */
export const RESERVE_MS = 45_000;

const MINUTE = 60_000;

/** When the sweep should look at a file again, in ms from now, by what it waits for. */
export const FILE_DUE = {
  /** A worker that takes its next step, or works on a block's lines. */
  underWay: 10 * MINUTE,
  /** Intake, whose message may get lost. */
  asked: MINUTE,
} as const;
