import type { ReportedError } from './environment-messages.ts';

/** An invocation that failed: in the handler, by a crash, at start or by time-out. `errorType` is Lambda's name for it. */
export class FunctionError extends Error {
  readonly errorType: string;

  constructor({ errorType, errorMessage }: ReportedError) {
    super(errorMessage);
    this.name = 'FunctionError';
    this.errorType = errorType;
  }
}
