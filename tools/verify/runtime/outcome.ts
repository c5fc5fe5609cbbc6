/** An error as a Lambda function reports it. */
export type ReportedError = { errorType: string; errorMessage: string };

/** A piece of an answer, and the instant it arrived, in ms on the machine's monotonic clock. */
export type Arrival = { atMs: number; bytes: Buffer };

/** A function's answer to one event. */
export type Outcome = {
  streamed: boolean;
  contentType: string | undefined;
  arrivals: Arrival[];
  /** The error reported instead of an answer, or in the trailers of a broken stream; undefined: none. */
  error: ReportedError | undefined;
};

/** An answer's bytes as text. */
export const textOf = ({ arrivals }: Outcome): string =>
  Buffer.concat(arrivals.map(({ bytes }) => bytes)).toString();

/** One invocation of a function. */
export type Invocation = {
  /** The event as JSON. */
  event: string;
  arn: string;
  requestId?: string;
  traceId?: string;
  /** The function's timeout in ms. */
  timeoutMs: number;
  /** Called with each piece of a streamed answer; the next piece is read once it resolves. */
  onArrival?: (arrival: Arrival) => Promise<void> | void;
  /** Called when the answer is complete. The function may still be working then. */
  onAnswered?: (outcome: Outcome) => void;
};

/** An initialisation error that the runtime reported; its `name` is the reported type. */
export class InitError extends Error {
  constructor({ errorType, errorMessage }: ReportedError) {
    super(errorMessage);
    this.name = errorType;
  }
}
