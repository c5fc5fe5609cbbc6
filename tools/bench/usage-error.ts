/** A command line that cannot be run as written; the message is all that is printed. */
export class UsageError extends Error {
  override name = 'UsageError';
}
