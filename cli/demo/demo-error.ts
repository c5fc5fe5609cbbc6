/** What ends the demo, in one line for the user. Not for what keeps the stack from starting: that is a `StackError`. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}
