import { own } from '../json/value.ts';
import type { Generation } from './generation.ts';
import type { Run } from './run.ts';

type Failure = NonNullable<Run['error']>;

/** Our own words for the codes of failed generations. */
const WORDS: Record<string, string> = {
  configuration: "the model server's key or address is not right",
  first_token_timeout: 'the first token took too long',
  idle_timeout: 'the model server stopped sending',
  total_timeout: 'the output took too long',
  incomplete_output: 'the output ended before it was complete',
  unreadable_output: "the model server's answer cannot be read",
  insufficient_quota: 'the account at the model server has no quota left',
  invalid_request: 'the model server refused the request',
  model_not_found: 'the model server does not have this model',
  rate_limited: 'the model server limits the rate',
  sampling_not_applied: 'the model server would not apply the sampling as asked',
  upstream_error: 'the model server failed',
  batch_expired: 'the batch expired before this line was answered',
  batch_failed: 'the model server failed the whole batch',
  price_unknown: "no price is known for a model of this run, and its caller's budget limits the cost",
};

/** The words that a run's item and its events have for a code; undefined for a code whose words are always our own. */
export const wordsFor = (code: string): string | undefined => own(WORDS, code);

/**
 * A generation's error as the run's item and its events hold it: code, HTTP status and our own words. The words of the
 * server can repeat the prompt in any form; they stand in the output object, which is deleted with the run.
 */
export const failureOf = ({ error, attempts }: Generation): Failure | null => {
  if (!error) return null;
  const status = attempts.at(-1)?.status ?? undefined;
  const message = wordsFor(error.code) ?? 'the generation failed';
  return {
    code: error.code,
    message: status === undefined ? message : `${message} (${status})`,
    ...(status !== undefined && { status }),
  };
};

/** A run's error as its readers see it: with the words of its first output's error, which is where it comes from. */
export const toldFailure = (
  failure: Failure | null,
  generations: readonly Pick<Generation, 'error'>[],
): { code: string; message: string } | null => {
  if (!failure) return null;
  const { code, message } = failure;
  const told = generations[0]?.error;
  return { code, message: told?.code === code ? told.message : message };
};
