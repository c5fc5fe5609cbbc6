import type { Server } from './server.ts';

/** The error of a 400 answer; `param` and `code` are those of OpenAI's error object. */
export type Refusal = {
  message: string;
  param?: string | null | undefined;
  code?: string | null | undefined;
};

const REFUSING = [
  /unrecogni[sz]ed (request )?(argument|parameter|field|key)/i,
  /unsupported (parameter|argument|field|value)/i,
  /unknown (parameter|argument|field|name)/i,
  /(is|are) (unsupported|not supported|not permitted|not allowed)/i,
  /does not support/i,
  /extra (inputs|fields) (are )?not permitted/i,
];
const REFUSING_CODES = ['unsupported_parameter', 'unknown_parameter', 'unsupported_value'];

/**
 * The sent field that a 400 answer refuses as unsupported, so that the request can be retried without it. Undefined
 * when the answer names no sent field, or complains about something else, such as a value out of range.
 *
 * @example
 * refusedField({ message: 'Unknown parameter: top_k' }, ['top_k', 'seed']) // 'top_k'
 */
export const refusedField = (
  { message, param, code }: Refusal,
  sent: Iterable<string>,
): string | undefined => {
  const refuses = REFUSING_CODES.includes(code ?? '') || REFUSING.some((pattern) => pattern.test(message));
  if (!refuses) return undefined;
  const fields = new Set(sent);
  if (param && fields.has(param)) return param;
  return message.split(/[^\w-]+/).find((word) => fields.has(word));
};

/** Remembers that this server refuses a field for this model. */
export const rememberRefusal = ({ refused }: Server, model: string, field: string): void => {
  const fields = refused.get(model) ?? new Set<string>();
  refused.set(model, fields.add(field));
};
