import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReportedError } from './outcome.ts';

/** All of a request's body. */
export const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** An error as the runtime writes it; what it says beside type and message is left out. */
export const reportedIn = (json: string): ReportedError => {
  const { errorType = '', errorMessage = '' } = JSON.parse(json) as Partial<ReportedError>;
  return { errorType, errorMessage };
};

/** A stream that broke ends in proper form, with its error in two trailers. */
export const errorInTrailers = ({ trailers }: IncomingMessage): ReportedError | undefined => {
  const type = trailers['lambda-runtime-function-error-type'];
  const body = trailers['lambda-runtime-function-error-body'];
  if (type === undefined && body === undefined) return undefined;
  return reportedIn(Buffer.from(body ?? '', 'base64').toString() || JSON.stringify({ errorType: type }));
};

/** Answers with JSON. */
export const reply = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
