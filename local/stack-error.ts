/** A problem that keeps the local stack from starting. The message is one line and says what to do. */
export class StackError extends Error {
  override readonly name = 'StackError';
}

/** Turns an error that the user can fix into a StackError; returns any other error as it is. */
export const asStackError = (error: unknown, port: number): unknown => {
  if (!(error instanceof Error) || error instanceof StackError) return error;
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
    return new StackError(`port ${port} is in use: stop what listens there, or set PORT to another one`);
  }
  // Parts of the stack throw a plain Error with a remedy for problems of the user's; any other kind is a bug.
  return error.name === 'Error' && !('code' in error) ? new StackError(error.message) : error;
};
