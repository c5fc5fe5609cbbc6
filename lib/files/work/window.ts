/** The figures by which a line that has ended tells of the queue. */
export type Turn = {
  /** How many lines of its block were in flight when it was sent, itself included. */
  inFlight: number;
  /** How long its message waited in the queue. */
  waitedMs: number;
  /** How long its job took. */
  tookMs: number;
};

/** More lines in flight would keep no more workers busy: they are sent by tens, in less time than these take. */
const MAX_WINDOW = 250;
const MAX_CHUNK = 10;
/** A line may wait for as long as one takes, but at least for this long. */
export const PATIENCE_MS = 5_000;

/**
 * How many lines of a file may be in flight, sent and not done, after one of them has ended. The queue is one for all,
 * so what comes next waits as long as this line did. Had fewer lines been sent, it would have waited less, in
 * proportion, whoever else has lines there: so several files share the queue, and neither the number of workers nor that
 * of the files has to be known. While lines hardly wait, their number doubles; `first` is what a file began with.
 */
export const windowAfter = ({ inFlight, waitedMs, tookMs }: Turn, first: number): number => {
  const even = Math.floor((inFlight * Math.max(PATIENCE_MS, tookMs)) / Math.max(waitedMs, 1));
  return Math.max(1, Math.min(even, Math.max(2 * inFlight, first), MAX_WINDOW));
};

/** The time that a line takes from the end of another one to a worker. */
const TRANSIT_MS = 200;

/**
 * A file's window within what its caller may have in flight: as many, and those on their way. More would take turns, of
 * a second at least each.
 */
export const withinShare = (window: number, share: number | null, tookMs: number): number =>
  share === null ? window : Math.min(window, Math.ceil(share * (1 + TRANSIT_MS / Math.max(tookMs, 1))));

/** Lines are sent once so many have room in the window, not one by one. */
export const chunkOf = (window: number): number => Math.max(1, Math.min(MAX_CHUNK, Math.floor(window / 3)));
