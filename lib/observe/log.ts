import { EverytokenError, InvalidInputError } from '../errors.ts';
import type { Measurement } from './metrics.ts';

type LogLine = (
  event: string,
  fields: Record<string, unknown>,
  measurements?: readonly Measurement[],
) => void;

/** The log port: events with fields and measurements. Fields never hold a prompt or an output. */
export type Log = { info: LogLine; warn: LogLine; error: LogLine };

/**
 * The log fields of an error, without anything that could quote a prompt, an output or a key.
 * - Our own errors: code and our own words. The message of an `InvalidInputError` is left out, since it can quote the input.
 * - A cause: its class and status only. Its message can be a server's answer, which can quote a prompt or a key.
 * - Any other error: message and stack. The message is left out when it quotes its input: a parser's text, or a header
 *   value, which can be a key.
 */
export const errorFields = (error: unknown): { code: string; error: string; cause?: string } => {
  if (error instanceof InvalidInputError) return { code: error.code, error: error.name };
  if (error instanceof EverytokenError) {
    return {
      code: error.code,
      error: error.ownWords,
      ...(error.cause === undefined ? {} : { cause: kindOf(error.cause) }),
    };
  }
  if (!(error instanceof Error)) return { code: 'internal', error: typeof error };
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  const isQuoting = error instanceof SyntaxError || error.message.includes('invalid header value');
  const summary = isQuoting ? error.name : `${error.name}: ${error.message}`;
  return { code: 'internal', error: [summary, ...frames].join('\n') };
};

/** The class of a cause, with its HTTP status or system code if it has one. */
const kindOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return typeof cause;
  const detail = [Reflect.get(cause, 'status'), Reflect.get(cause, 'code')].find(
    (value) => typeof value === 'number' || (typeof value === 'string' && /^[\w.-]{1,60}$/.test(value)),
  );
  return detail === undefined ? cause.constructor.name : `${cause.constructor.name} ${detail}`;
};
