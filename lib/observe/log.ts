import { EverytokenError, InvalidInputError } from '../errors.ts';
import type { Measurement } from './metrics.ts';

type LogLine = (
  event: string,
  fields: Record<string, unknown>,
  measurements?: readonly Measurement[],
) => void;

/** Events with their facts, which never hold a prompt or an output, and what was measured with them. */
export type Log = { info: LogLine; warn: LogLine; error: LogLine };

/**
 * What the log says of an error. Our own messages hold nothing of users or models, but for what is wrong with an input,
 * which is left to whoever sent it; a cause's message is a server's answer and can quote a prompt or a key, so only its
 * kind is told. An error that nobody recognises comes with its stack, but without its message where that quotes what it
 * could not take: a parser's text, or a header's value, which can be a key.
 */
export const errorFields = (error: unknown): { code: string; error: string; cause?: string } => {
  if (error instanceof InvalidInputError) return { code: error.code, error: error.name };
  if (error instanceof EverytokenError) {
    return {
      code: error.code,
      error: error.message,
      ...(error.cause === undefined ? {} : { cause: kindOf(error.cause) }),
    };
  }
  if (!(error instanceof Error)) return { code: 'internal', error: typeof error };
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  const isQuoting = error instanceof SyntaxError || error.message.includes('invalid header value');
  const said = isQuoting ? error.name : `${error.name}: ${error.message}`;
  return { code: 'internal', error: [said, ...frames].join('\n') };
};

/** The class of a cause and its HTTP status or system code, where it has one. */
const kindOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return typeof cause;
  const detail = [Reflect.get(cause, 'status'), Reflect.get(cause, 'code')].find(
    (value) => typeof value === 'number' || (typeof value === 'string' && /^[\w.-]{1,60}$/.test(value)),
  );
  return detail === undefined ? cause.constructor.name : `${cause.constructor.name} ${detail}`;
};
