import { answerParent } from '../../child.ts';

/** Starts or ends a busy loop, or spins for `spinMs`. */
export type BusyQuestion = { busy: boolean } | { spinMs: number };
/** `share` is the part of one CPU that the process got while it spun. */
export type BusyAnswer = { pid: number; share: number };

// Runs as a child process that takes all the CPU it gets while it is busy.

/** Between slices the process reads its messages. */
const SLICE_MS = 20;

const spin = (ms: number): void => {
  for (const end = performance.now() + ms; performance.now() < end; );
};

let busy = false;

const spinOn = (): void => {
  if (!busy) return;
  spin(SLICE_MS);
  setImmediate(spinOn);
};

answerParent<BusyQuestion>((question): BusyAnswer => {
  const { pid } = process;
  if ('spinMs' in question) {
    const before = process.cpuUsage();
    const startedAt = performance.now();
    spin(question.spinMs);
    const { user, system } = process.cpuUsage(before);
    return { pid, share: (user + system) / 1e3 / (performance.now() - startedAt) };
  }
  const starts = question.busy && !busy;
  busy = question.busy;
  if (starts) setImmediate(spinOn);
  return { pid, share: Number.NaN };
});
