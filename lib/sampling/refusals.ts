import type { Server } from './server.ts';

/** What a server said with a 400; `param` and `code` as OpenAI's error object has them. */
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
 * The one of the fields we sent that this answer refuses as a field (not for a value out of range), so that the
 * request may be sent again without it; undefined when it names none, or complains about something else.
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
