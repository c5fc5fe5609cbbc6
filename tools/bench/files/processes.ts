import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * A process as Linux tells of it: `peakBytes` is the most memory it ever held (VmHWM), `cpuMs` the user and system time
 * of all its threads; of its main thread, how long that ran, and how long it stood ready while others had the CPU.
 */
export type ProcessFigures = {
  pid: number;
  group: number;
  role: string;
  peakBytes: number;
  cpuMs: number;
  threadMs: number;
  waitedMs: number;
};

type Watch = {
  /** All processes seen so far, also those that have ended, as they last were. */
  seen(): ProcessFigures[];
  end(): void;
};

const EVERY_MS = 200;

/** Looks at the processes of some groups, and at some alone, all the time; `groups` may change meanwhile. */
export const watchProcesses = (groups: readonly number[], alone: readonly number[] = []): Watch => {
  const seen = new Map<number, ProcessFigures>();
  const look = () => {
    for (const figures of processesOf(groups, alone)) seen.set(figures.pid, figures);
  };
  const timer = setInterval(look, EVERY_MS);
  return {
    seen: () => {
      look();
      return [...seen.values()];
    },
    end: () => clearInterval(timer),
  };
};

/** USER_HZ: what Linux counts CPU time in, on every machine that Node runs on. */
const TICKS_A_SECOND = 100;

export const CAN_MEASURE = existsSync('/proc/self/stat');

/** All processes of these process groups, and these alone; none where there is no /proc. */
export const processesOf = (groups: readonly number[], alone: readonly number[] = []): ProcessFigures[] =>
  CAN_MEASURE
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .flatMap((pid) => figuresOf(Number(pid), groups, alone))
    : [];

const figuresOf = (pid: number, groups: readonly number[], alone: readonly number[]): ProcessFigures[] => {
  try {
    // The name stands in brackets and may hold anything; the fields after it are state, parent, group, …
    const fields = (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '').split(' ');
    const group = Number(fields[2]);
    if (!groups.includes(group) && !alone.includes(pid)) return [];
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    // One that has ended and only waits to be collected has no memory any more.
    if (!peak) return [];
    const ticks = Number(fields[11]) + Number(fields[12]);
    const role = roleOf(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'));
    const [threadMs = 0, waitedMs = 0] = readFileSync(`/proc/${pid}/schedstat`, 'utf8')
      .split(' ')
      .map((ns) => Number(ns) / 1e6);
    const peakBytes = Number(peak[1]) * 1024;
    return [{ pid, group, role, peakBytes, cpuMs: (ticks * 1000) / TICKS_A_SECOND, threadMs, waitedMs }];
  } catch {
    return []; // ended meanwhile
  }
};

/** What a process of the local stack does, by its command line; a function by its handler. */
export const roleOf = (command: readonly string[]): string => {
  const file = command.find((part) => part.endsWith('.ts')) ?? '';
  if (file.endsWith('/environment-process.ts')) {
    const handler = command[command.indexOf(file) + 2] ?? '';
    return `function ${handler.replace(/^functions\//, '').replace(/\.handler$/, '')}`;
  }
  if (file.endsWith('cli/start.ts')) return 'stack';
  if (file.endsWith('/local/openai/process.ts')) return 'embeddings';
  if (file.endsWith('/model-server.ts')) return 'model server';
  return 'other';
};

/** CPU time of the whole machine since its start, in ms of one core: `busy` is all that somebody used. */
export const machineCpu = (): { busyMs: number; idleMs: number } => {
  // user nice system idle iowait irq softirq steal
  const ticks = readFileSync('/proc/stat', 'utf8').split('\n')[0]?.split(/\s+/).slice(1, 9).map(Number) ?? [];
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  const all = ticks.reduce((sum, value) => sum + value, 0);
  return { busyMs: ((all - idle) * 1000) / TICKS_A_SECOND, idleMs: (idle * 1000) / TICKS_A_SECOND };
};
