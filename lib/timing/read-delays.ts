/** Readings of this process, each a sum since its start in ms. */
export type ProcessReadings = {
  /** How long the event loop has had nothing to do. */
  idleMs(): number;
  /** How long the main thread has been ready without a CPU; null where the system does not tell. */
  cpuWaitMs(): number | null;
};

type ByMark = { tR?: number; t1?: number; tO?: number; tL?: number; tE?: number };

/** For each mark the longest time in ms that its bytes can have waited to be read. */
export type ReadDelays = ByMark;

/** Shorter idle times are no rest: a loop that has bytes to read passes its poll within microseconds. */
const REST_MS = 0.05;
/** The wait for a CPU costs as much to read as an event, so only one of so many reads is a sample of it. */
const READS_PER_CPU_SAMPLE = 128;

export type ReadDelayWatch = {
  /** Samples an instant, so that what comes before the loop's next rest does not count for the next read. */
  sample(now: number): void;
  /** Samples a read at the instant that its marks get, before its bytes are parsed. */
  read(now: number): void;
  /** Bounds the marks of the last read; call it once the read's bytes are parsed. */
  bound(marks: ByMark): void;
  /** The bounds of an ended stream. Null where the system does not tell how long the process waited for a CPU. */
  delays(marks: ByMark): ReadDelays | null;
};

/**
 * Bounds how long the bytes of a stream's marks waited before they were read:
 *
 * - The event loop was busy with other work or a garbage collection. Bytes that arrive while the loop rests wake it, so
 *   they waited at most from the end of its last rest. That is at most the time that was not idle since the last sample
 *   before that rest.
 * - The process was ready without a CPU. The system counts for how long, and is asked at the first token, at the finish
 *   and at one of 128 reads. In any case the wait was no longer than the time since the last sample before the rest.
 *
 * All instants are ms on one monotonic clock. `from` is an instant before the request is sent. How long bytes are under
 * way, until this machine has them, is part of the figures and not of the bounds.
 */
export const watchReadDelays = (from: number, { idleMs, cpuWaitMs }: ProcessReadings): ReadDelayWatch => {
  const isMeasured = cpuWaitMs() !== null;
  const found: ReadDelays = {};

  // The last sample, and the last one before the loop's last rest.
  let lastAt = from;
  let lastIdle = idleMs();
  let restedAt = lastAt;
  let restedIdle = lastIdle;

  const busyUntil = (now: number): number => {
    const idle = idleMs();
    if (idle - lastIdle >= REST_MS) {
      restedAt = lastAt;
      restedIdle = lastIdle;
    }
    lastAt = now;
    lastIdle = idle;
    return now - restedAt - (idle - restedIdle);
  };

  // The wait for a CPU at its last sample, and at the last one before the last read.
  let cpuWait = cpuWaitMs() ?? 0;
  let cpuWaitBefore = cpuWait;
  let readsUntilSample = READS_PER_CPU_SAMPLE;

  // The last read, the one before it, and the one of the last payload: it lacks a sample that follows it for a while.
  let readAt = from;
  let busy = 0;
  let mostWait = 0;
  let earlierReadAt = from;
  let earlierBusy = 0;
  let payloadAt: number | undefined;
  let payloadBusy: number | undefined;
  let payloadMostWait = 0;
  let payloadCpuWaitBefore = 0;
  let payloadCpuWait: number | undefined;

  const sampleCpuWait = (): void => {
    cpuWait = cpuWaitMs() ?? 0;
    payloadCpuWait ??= cpuWait;
    readsUntilSample = READS_PER_CPU_SAMPLE;
  };

  /** A document that is parsed at the end of its body has the instant of the read before. */
  const busyAt = (mark: number | undefined): number | undefined => {
    if (mark === readAt) return busy;
    return mark === earlierReadAt ? Math.max(busy, earlierBusy) : undefined;
  };

  /** The bytes of the last read came after the loop's last rest began, so their wait is no longer than since then. */
  const lastBound = (busyThen: number): number =>
    busyThen === busy
      ? Math.min(busy + cpuWait - cpuWaitBefore, mostWait)
      : busyThen + cpuWait - cpuWaitBefore;

  const boundFirst = (mark: 'tR' | 't1' | 'tO', at: number | undefined): void => {
    if (at === undefined || found[mark] !== undefined) return;
    const busyThen = busyAt(at);
    if (busyThen === undefined) return;
    sampleCpuWait();
    found[mark] = lastBound(busyThen);
  };

  return {
    sample(now) {
      busyUntil(now);
      sampleCpuWait();
    },
    read(now) {
      earlierReadAt = readAt;
      earlierBusy = busy;
      busy = busyUntil(now);
      mostWait = now - restedAt;
      readAt = now;
      cpuWaitBefore = cpuWait;
      readsUntilSample -= 1;
      if (readsUntilSample <= 0) sampleCpuWait();
    },
    bound(marks) {
      if (found.tO === undefined) {
        boundFirst('tR', marks.tR);
        boundFirst('t1', marks.t1);
        boundFirst('tO', marks.tO);
      }
      if (marks.tL === payloadAt) return;
      payloadAt = marks.tL;
      const isLastRead = payloadAt === readAt;
      payloadBusy = isLastRead ? busy : busyAt(payloadAt);
      payloadMostWait = isLastRead ? mostWait : Number.POSITIVE_INFINITY;
      payloadCpuWaitBefore = cpuWaitBefore;
      payloadCpuWait = undefined;
    },
    delays(marks) {
      if (!isMeasured) return null;
      sampleCpuWait();
      if (payloadBusy !== undefined)
        found.tL = Math.min(
          payloadBusy + (payloadCpuWait ?? cpuWait) - payloadCpuWaitBefore,
          payloadMostWait,
        );
      const busyThen = busyAt(marks.tE);
      if (busyThen !== undefined) found.tE = lastBound(busyThen);
      return found;
    },
  };
};
