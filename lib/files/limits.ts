/** Sizes in which a file is read, sent and written. */
export type FileLimits = {
  /** Upper bounds of a block: lines, and bytes of its object. */
  blockLines: number;
  blockBytes: number;
  /** Blocks of one file with lines that are not done, so that a slow line holds up none of the next ones. */
  openBlocks: number;
  /** Lines of one file in flight, sent and not done, when it begins. */
  firstWindow: number;
  /**
   * Bytes of one part of a results object. S3's minimum is 5 MiB:
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
   */
  partBytes: number;
  /** Bytes of the source requested at once; they are streamed, not held. */
  readBytes: number;
};

const MIB = 1024 * 1024;

export const FILE_LIMITS: FileLimits = {
  blockLines: 250,
  blockBytes: 4 * MIB,
  openBlocks: 8,
  firstWindow: 10,
  partBytes: 5 * MIB,
  readBytes: 8 * MIB,
};

/** Milliseconds reserved at the end of an invocation for its last steps (checkpoint, hand-over). */
export const RESERVE_MS = 45_000;

const MINUTE = 60_000;

/** When the sweep looks at a file again, in ms from now, by what the file waits for. */
export const FILE_DUE = {
  /** A worker that has a step of the file or the lines of a block in progress. */
  underWay: 10 * MINUTE,
  /** Intake, after a message to it, which may get lost. */
  messageSent: MINUTE,
} as const;

/**
 * When a deleted file is purged for the last time, in ms after its deletion: no function lasts longer that may have read
 * the file before (15 minutes, generateQueue), so nothing can come back after that.
 */
export const LAST_PURGE_MS = 20 * MINUTE;

/** How long lines under way may go on once their file was cancelled, in ms. */
export const STOP_GRACE_MS = 30_000;
