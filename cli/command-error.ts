/** What a command cannot do, in one line with its remedy. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
