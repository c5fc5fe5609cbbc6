/** What keeps the local stack from starting, in one line with its remedy. */
export class StackError extends Error {
  override readonly name = 'StackError';
}
