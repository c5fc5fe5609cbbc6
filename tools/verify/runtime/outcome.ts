/** An error as a Lambda function reports it. */
export type ReportedError = { errorType: string; errorMessage: string };

/** A piece of an answer, and the instant at which it arrived, on the machine's monotonic clock. */
export type Arrival = { atMs: number; bytes: Buffer };

/** What a function answered to one event. */
export type Outcome = {
  streamed: boolean;
  contentType: string | undefined;
  arrivals: Arrival[];
  /** Reported instead of an answer, or in the trailers of a stream that broke. */
  error: ReportedError | undefined;
};

/** An answer's bytes as text. */
export const textOf = ({ arrivals }: Outcome): string =>
  Buffer.concat(arrivals.map(({ bytes }) => bytes)).toString();

/** An event on its way to a function. */
export type Invocation = {
  /** JSON. */
  event: string;
  arn: string;
  requestId?: string;
  traceId?: string;
  /** How long the function has, in ms. */
  timeoutMs: number;
  /** Told of each piece of a streamed answer as it comes; the next is read when it resolves. */
  onArrival?: (arrival: Arrival) => Promise<void> | void;
  /** Told when the answer is there: the caller has it then, while the function may still be at work. */
  onAnswered?: (outcome: Outcome) => void;
};

/** An initialisation error that the runtime reported, named as it was. */
export class InitError extends Error {
  constructor({ errorType, errorMessage }: ReportedError) {
    super(errorMessage);
    this.name = errorType;
  }
}
