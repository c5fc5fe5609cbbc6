import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * Figures of a process from /proc: `peakBytes` is its peak resident memory (VmHWM), `cpuMs` the user and system time of
 * all its threads. `threadMs` and `waitedMs` are of the main thread (schedstat): time on a CPU, and time runnable while
 * other threads had the CPU. https://docs.kernel.org/filesystems/proc.html
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
  /** The latest figures of all processes seen so far, including those that have ended. */
  seen(): ProcessFigures[];
  end(): void;
};

const EVERY_MS = 200;

/** Polls the processes of some groups and some single processes; the caller may add to `groups` meanwhile. */
export const watchProcesses = (groups: readonly number[], pids: readonly number[] = []): Watch => {
  const seen = new Map<number, ProcessFigures>();
  const look = () => {
    for (const figures of processesOf(groups, pids)) seen.set(figures.pid, figures);
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

/** USER_HZ, the unit of CPU time in /proc: 100 on every architecture that Node supports. */
const TICKS_A_SECOND = 100;

export const CAN_MEASURE = existsSync('/proc/self/stat');

/** All processes of these process groups, and the processes `pids`; none where there is no /proc. */
export const processesOf = (groups: readonly number[], pids: readonly number[] = []): ProcessFigures[] =>
  CAN_MEASURE
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .flatMap((pid) => figuresOf(Number(pid), groups, pids))
    : [];

const figuresOf = (pid: number, groups: readonly number[], pids: readonly number[]): ProcessFigures[] => {
  try {
    // The name is in brackets and may hold any character; the fields after it are state, parent, group, …
    const fields = (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '').split(' ');
    const group = Number(fields[2]);
    if (!groups.includes(group) && !pids.includes(pid)) return [];
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    // A zombie process has no memory.
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

/** Names a process of the local stack by its command line, and a function by its handler. */
export const roleOf = (command: readonly string[]): string => {
  const file = command.find((part) => part.endsWith('.ts')) ?? '';
  if (file.endsWith('/environment-process.ts')) {
    const handler = command[command.indexOf(file) + 2] ?? '';
    return `function ${handler.replace(/^functions\//, '').replace(/\.handler$/, '')}`;
  }
  if (file.endsWith('cli/everytoken.ts')) return 'stack';
  if (file.endsWith('/local/openai/process.ts')) return 'embeddings';
  if (file.endsWith('/model-server.ts')) return 'model server';
  return 'other';
};

/** CPU time of the whole machine since boot, summed over its cores, in ms. */
export const machineCpu = (): { busyMs: number; idleMs: number } => {
  // user nice system idle iowait irq softirq steal
  const ticks = readFileSync('/proc/stat', 'utf8').split('\n')[0]?.split(/\s+/).slice(1, 9).map(Number) ?? [];
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  const all = ticks.reduce((sum, value) => sum + value, 0);
  return { busyMs: ((all - idle) * 1000) / TICKS_A_SECOND, idleMs: (idle * 1000) / TICKS_A_SECOND };
};
