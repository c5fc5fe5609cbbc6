/** What keeps the local stack from starting, in one line with its remedy. */
export class StackError extends Error {
  override readonly name = 'StackError';
}

/** The StackError that an error amounts to; the error itself where a user cannot mend it. */
export const inOneLine = (error: unknown, port: number): unknown => {
  if (!(error instanceof Error) || error instanceof StackError) return error;
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
    return new StackError(`port ${port} is in use: stop what listens there, or set PORT to another one`);
  }
  // What the parts themselves refuse, they say in a plain error with the remedy; any other kind is a fault of ours.
  return error.name === 'Error' && !('code' in error) ? new StackError(error.message) : error;
};
