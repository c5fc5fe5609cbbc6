/** A problem that keeps the local stack from starting. The message is one line and says what to do. */
export class StackError extends Error {
  override readonly name = 'StackError';
}

/** Faults of the machine by the code of their error, and what to do. */
const MACHINE = new Map([
  ['ENOSPC', 'the disk is full: free some space, or set EVERYTOKEN_DATA_DIR to a folder on another one'],
  ['EDQUOT', 'the disk quota is used up: free some space, or set EVERYTOKEN_DATA_DIR to another folder'],
  ['EROFS', 'the disk is read-only: set EVERYTOKEN_DATA_DIR to a folder that can be written'],
  [
    'EACCES',
    'it may not be read or written: change its permissions, or set EVERYTOKEN_DATA_DIR to another folder',
  ],
  ['EMFILE', 'too many files are open: raise the limit (ulimit -n 4096)'],
]);

/** The words of a database on a full disk, whose code says no more than that it failed. */
const FULL = /disk is full|no space left/i;

/** Turns an error that the user can fix into a StackError; returns any other error as it is. */
export const asStackError = (error: unknown, port: number): unknown => {
  if (!(error instanceof Error) || error instanceof StackError) return error;
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return new StackError(`port ${port} is in use: stop what listens there, or set PORT to another one`);
  const fault = MACHINE.get(FULL.test(error.message) ? 'ENOSPC' : (code ?? ''));
  if (fault !== undefined) return new StackError(path === undefined ? fault : `${path}: ${fault}`);
  // Parts of the stack throw a plain Error with a remedy for problems of the user's; any other kind is a bug.
  return error.name === 'Error' && !('code' in error) ? new StackError(error.message) : error;
};
