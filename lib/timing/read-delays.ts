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
  /** Samples an instant that is no read, so that work before the loop's next rest does not count for the next read. */
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
 * - The process was ready without a CPU. The system counts for how long.
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

  const sampleCpuWait = (): void => {
    cpuWait = cpuWaitMs() ?? 0;
    readsUntilSample = READS_PER_CPU_SAMPLE;
  };

  let readAt = from;
  let busy = 0;
  let earlierReadAt = from;
  let earlierBusy = 0;
  let payloadAt: number | undefined;
  let payloadBusy: number | undefined;
  let payloadCpuWaitBefore = 0;

  /** A document that is parsed at the end of its body has the instant of the read before. */
  const busyAt = (mark: number | undefined): number | undefined => {
    if (mark === readAt) return busy;
    return mark === earlierReadAt ? Math.max(busy, earlierBusy) : undefined;
  };

  const boundFirst = (mark: 'tR' | 't1' | 'tO', at: number | undefined): void => {
    if (at === undefined || found[mark] !== undefined) return;
    const busyThen = busyAt(at);
    if (busyThen === undefined) return;
    sampleCpuWait();
    found[mark] = busyThen + cpuWait - cpuWaitBefore;
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
      payloadBusy = payloadAt === readAt ? busy : busyAt(payloadAt);
      payloadCpuWaitBefore = cpuWaitBefore;
    },
    delays(marks) {
      if (!isMeasured) return null;
      sampleCpuWait();
      if (payloadBusy !== undefined) found.tL = payloadBusy + cpuWait - payloadCpuWaitBefore;
      const busyThen = busyAt(marks.tE);
      if (busyThen !== undefined) found.tE = busyThen + cpuWait - cpuWaitBefore;
      return found;
    },
  };
};
