import { statfsSync } from 'node:fs';

/** Space that stays free, so that a store never meets a full disk in the middle of a write. */
const RESERVE_BYTES = 32 * 1024 * 1024;
const MIB = 1024 * 1024;

/** Says why a store serves nothing now; `undefined` while its disk has room. */
export type DiskProblem = () => string | undefined;

/**
 * Watches the disk of a folder. The stores ask before each request: below the reserve they answer none, reads too, so
 * that GET /health shows it and no run begins whose output could not be stored. They go on by themselves once there is
 * room again.
 */
export const watchDisk = (
  folder: string,
  { log, freeBytes = freeBytesOf }: { log: (line: string) => void; freeBytes?: (folder: string) => number },
): DiskProblem => {
  let problem: string | undefined;
  return () => {
    const free = freeBytes(folder);
    const before = problem;
    problem =
      free >= RESERVE_BYTES
        ? undefined
        : `The disk of ${folder} is full (${Math.floor(free / MIB)} MiB free): free ${RESERVE_BYTES / MIB} MiB, and the local stack goes on.`;
    if (problem !== undefined && before === undefined) log(`disk: ${problem}`);
    if (problem === undefined && before !== undefined) log('disk: there is room again');
    return problem;
  };
};

const freeBytesOf = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};
