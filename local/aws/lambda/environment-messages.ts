/** An error as a Lambda function reports it. */
export type ReportedError = { errorType: string; errorMessage: string };

/** What the stack sends to an environment's process. `deadline` is in ms since the epoch. */
export type ToEnvironment =
  | { type: 'invoke'; requestId: string; event: string; arn: string; deadline: number }
  | { type: 'taken'; bytes: number };

/** What an environment's process sends back. */
export type FromEnvironment =
  | { type: 'ready' }
  | { type: 'init-failed'; error: ReportedError }
  | { type: 'chunk'; data: Uint8Array }
  | { type: 'ended' }
  | { type: 'done'; payload: string | undefined }
  | { type: 'failed'; error: ReportedError };
