import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

type Process = { pid: number; parent: number };

const fromProc = (): Process[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // The name stands in brackets and may hold anything; after it come the state and the parent.
        const [state, parent] =
          readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
        return state === 'Z' ? [] : [{ pid: Number(pid), parent: Number(parent) }];
      } catch {
        return []; // ended meanwhile
      }
    });

const fromPs = (): Process[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , state]) => !state?.startsWith('Z'))
    .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));

/** What runs now; a process that has ended and only waits to be collected does not. */
const running = (): Process[] => (existsSync('/proc/self/stat') ? fromProc() : fromPs());

/** All processes below one, at any depth. */
export const descendantsOf = (pid: number, table = running()): number[] =>
  table
    .filter(({ parent }) => parent === pid)
    .flatMap((child) => [child.pid, ...descendantsOf(child.pid, table)]);

/** Which of these still run. */
export const stillRunning = (pids: number[]): number[] => {
  const table = new Set(running().map(({ pid }) => pid));
  return pids.filter((pid) => table.has(pid));
};
