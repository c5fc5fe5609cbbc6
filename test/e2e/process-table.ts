import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

type Process = { pid: number; parent: number; group: number };

const fromProc = (): Process[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // The name is in parentheses and may contain anything; state, parent and process group follow it.
        const after = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '';
        const [state, parent, group] = after.split(' ');
        return state === 'Z' ? [] : [{ pid: Number(pid), parent: Number(parent), group: Number(group) }];
      } catch {
        return []; // ended meanwhile
      }
    });

const fromPs = (): Process[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => !state?.startsWith('Z'))
    .map(([pid, parent, group]) => ({ pid: Number(pid), parent: Number(parent), group: Number(group) }));

/** Running processes, without zombies. */
const running = (): Process[] => (existsSync('/proc/self/stat') ? fromProc() : fromPs());

/** All descendants of a process, at any depth. */
export const descendantsOf = (pid: number, table = running()): number[] =>
  table
    .filter(({ parent }) => parent === pid)
    .flatMap((child) => [child.pid, ...descendantsOf(child.pid, table)]);

/** The given processes that are still running. */
export const stillRunning = (pids: number[]): number[] => {
  const table = new Set(running().map(({ pid }) => pid));
  return pids.filter((pid) => table.has(pid));
};

/** Running processes of a process group. */
export const membersOf = (group: number): number[] =>
  running()
    .filter((process) => process.group === group)
    .map(({ pid }) => pid);
