import { EverytokenError } from '../lib/errors.ts';
import { CommandError } from './command-error.ts';

/** What a service answered to a command, with `place` and a remedy in front of and behind it. Ours say enough. */
export const serviceFailure = (place: string, error: unknown): Error => {
  if (error instanceof EverytokenError || error instanceof CommandError) return error;
  const { name, message } = error as Error;
  return new CommandError(`${place}: ${message || name}; ${remedyFor(name, message)}`, { cause: error });
};

const remedyFor = (name: string, message: string): string => {
  if (message.startsWith('Region ')) return 'set AWS_REGION';
  if (name === 'ResourceNotFoundException') return 'check TABLE_NAME and AWS_REGION';
  if (name === 'QueueDoesNotExist') return "check the queue's URL and AWS_REGION";
  if (name === 'NoSuchBucket') return 'check CONTENT_BUCKET and AWS_REGION';
  if (/Credentials|UnrecognizedClient|AccessDenied|Signature|ExpiredToken/.test(name))
    return 'check the AWS credentials (AWS_PROFILE) and what they may do';
  return 'check that it runs and can be reached (npm start for the local stack)';
};
