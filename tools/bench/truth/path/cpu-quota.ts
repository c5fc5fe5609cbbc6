import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How often processes had used up their quota; in periods, and the ms that they waited for the next one. */
export type Throttling = { periods: number; throttled: number; waitedMs: number };

export const NO_THROTTLING: Throttling = { periods: 0, throttled: 0, waitedMs: 0 };

const combine = (a: Throttling, b: Throttling, sign: 1 | -1): Throttling => ({
  periods: a.periods + sign * b.periods,
  throttled: a.throttled + sign * b.throttled,
  waitedMs: a.waitedMs + sign * b.waitedMs,
});

export const sumOfThrottling = (all: readonly Throttling[]): Throttling =>
  all.reduce((sum, one) => combine(sum, one, 1), NO_THROTTLING);

export const throttlingSince = (before: Throttling, now: Throttling): Throttling => combine(now, before, -1);

/** A control group of one process and its threads. */
export type CpuGroup = {
  /** Limits the CPU to that of a Lambda with this memory in MB; null for no limit. */
  limit(memoryMb: number | null): void;
  /** Since the group was made. */
  throttling(): Throttling;
  /**
   * Removes the group of a process that has ended or was sent SIGKILL just now.
   * @throws {Error} `EBUSY` when the process still runs
   */
  remove(): void;
};

export type CpuQuotas = {
  /** Names the kernel's interface. */
  version: 'cgroup v1' | 'cgroup v2';
  /** Moves a process into a group of its own, without a limit at first. */
  hold(pid: number): CpuGroup;
};

/** A Lambda function has one vCPU at this memory, and a share of CPU in proportion to its memory. */
const MB_OF_ONE_CPU = 1_769;
const PERIOD_US = 20_000;

/** The share of one CPU that a Lambda function with this memory gets. */
export const shareOfMemory = (memoryMb: number): number => memoryMb / MB_OF_ONE_CPU;

/** The files of one version: where groups are, and what is written to limit one and read of its waits. */
type Files = {
  version: CpuQuotas['version'];
  folder: string;
  limits(quotaUs: number | null): [file: string, text: string][];
  waitedMs(stat: ReadonlyMap<string, number>): number;
};

const V1 = (folder: string): Files => ({
  version: 'cgroup v1',
  folder,
  limits: (quotaUs) => [
    ['cpu.cfs_period_us', String(PERIOD_US)],
    ['cpu.cfs_quota_us', String(quotaUs ?? -1)],
  ],
  waitedMs: (stat) => (stat.get('throttled_time') ?? 0) / 1e6,
});

const V2 = (folder: string): Files => ({
  version: 'cgroup v2',
  folder,
  limits: (quotaUs) => [['cpu.max', `${quotaUs ?? 'max'} ${PERIOD_US}`]],
  waitedMs: (stat) => (stat.get('throttled_usec') ?? 0) / 1e3,
});

/**
 * Opens the kernel's CPU quotas below `root`, or tells why there are none: another system, no `cpu` controller, or no
 * right to make groups.
 *
 * @example
 * const quotas = openCpuQuotas();
 * if ('missing' in quotas) throw new Error(quotas.missing);
 * quotas.hold(child.pid).limit(1_024);
 */
export const openCpuQuotas = (root = '/sys/fs/cgroup'): CpuQuotas | { missing: string } => {
  try {
    const files = findFiles(root);
    if (!files) return { missing: `there is no cpu controller below ${root}` };
    makeGroup(files, 'trial').remove();
    let made = 0;
    return {
      version: files.version,
      hold: (pid) => {
        made += 1;
        const group = makeGroup(files, String(made));
        group.limit(null);
        group.add(pid);
        return group;
      },
    };
  } catch (error) {
    return { missing: `no control group can be made: ${(error as Error).message}` };
  }
};

const findFiles = (root: string): Files | undefined => {
  const controllers = join(root, 'cgroup.controllers');
  if (existsSync(controllers)) {
    if (!readFileSync(controllers, 'utf8').split(/\s/).includes('cpu')) return undefined;
    writeFileSync(join(root, 'cgroup.subtree_control'), '+cpu');
    return V2(root);
  }
  const cpu = join(root, 'cpu');
  return existsSync(join(cpu, 'cgroup.procs')) ? V1(cpu) : undefined;
};

const makeGroup = (files: Files, name: string): CpuGroup & { add(pid: number): void } => {
  const folder = join(files.folder, `everytoken-bench-${process.pid}-${name}`);
  mkdirSync(folder);
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
  return {
    add: (pid) => write('cgroup.procs', String(pid)),
    limit: (memoryMb) => {
      const quotaUs = memoryMb === null ? null : Math.round(shareOfMemory(memoryMb) * PERIOD_US);
      for (const [file, text] of files.limits(quotaUs)) write(file, text);
    },
    throttling: () => {
      const lines = readFileSync(join(folder, 'cpu.stat'), 'utf8').split('\n');
      const stat = new Map(
        lines.map((line): [string, number] => {
          const [key = '', value] = line.split(' ');
          return [key, Number(value)];
        }),
      );
      const count = (key: string) => stat.get(key) ?? 0;
      return {
        periods: count('nr_periods'),
        throttled: count('nr_throttled'),
        waitedMs: files.waitedMs(stat),
      };
    },
    remove: () => removeEmptied(folder),
  };
};

const REMOVE_LIMIT_MS = 500;
const REMOVE_EVERY_MS = 5;

/** Waits without the event loop, which has stopped when this process exits. */
const removeEmptied = (folder: string): void => {
  for (const end = performance.now() + REMOVE_LIMIT_MS; ; ) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || performance.now() > end) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, REMOVE_EVERY_MS);
    }
  }
};
