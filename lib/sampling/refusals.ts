import type { Server } from './server.ts';
import type { Setting } from './setting.ts';

/** A complaint in a 400 answer; `param` and `code` as in OpenAI's error object. `param` may be a path to the field. */
export type Refusal = {
  message: string;
  param?: string | null | undefined;
  code?: string | null | undefined;
};

const REFUSING = [
  /\b(unrecogni[sz]ed|unsupported|unknown|unexpected|unpermitted)( \w+)? (argument|parameter|field|key|name|property|value|input)/i,
  /\b(is|are|was|were)(n't| not) (currently |yet )?(supported|permitted|allowed|recogni[sz]ed|available|implemented|a (valid|known) (argument|parameter|field|key|property))/i,
  /\b(is|are|was|were) (unsupported|unrecogni[sz]ed|unknown|unexpected)\b/i,
  /\b(does not|doesn't) support\b/i,
  /\b(extra|additional) (inputs|fields|keys|properties) (are )?not (permitted|allowed)/i,
  /\b(additional properties are|must not have additional)\b/i,
];
/** A schema that a server does not take is no refusal of the field that it stands in. */
const OF_SCHEMA =
  /\binvalid schema\b|\bschema must\b|\bjson.?schema\b.*\b(keyword|is not (permitted|supported|allowed))\b/i;
const REFUSING_CODES = [
  'unsupported_parameter',
  'unknown_parameter',
  'unsupported_value',
  'extra_forbidden',
  'unrecognized_keys',
];

/**
 * The sent field that a complaint refuses as unsupported, so that the request can be retried without it. Undefined when
 * it names no sent field, or complains about something else, such as a value out of range.
 *
 * @example
 * refusedField({ message: 'Unknown parameter: top_k' }, ['top_k', 'seed']) // 'top_k'
 */
export const refusedField = (
  { message, param, code }: Refusal,
  sent: Iterable<string>,
): string | undefined => {
  const refuses = REFUSING_CODES.includes(code ?? '') || REFUSING.some((pattern) => pattern.test(message));
  if (!refuses || OF_SCHEMA.test(message)) return undefined;
  const fields = new Set(sent);
  const named = (text: string) => text.split(/[^\w-]+/).find((word) => fields.has(word));
  return named(param ?? '') ?? named(message);
};

/** Under what a server's refusals are remembered: its endpoints differ in the fields that they take for a model. */
export const refusalKeyOf = ({ model, endpoint }: Pick<Setting, 'model' | 'endpoint'>): string =>
  endpoint === undefined ? model : `${model} ${endpoint}`;

/** Remembers that this server refuses a field for the model and endpoint of a key. */
export const rememberRefusal = ({ refused }: Server, key: string, field: string): void => {
  const fields = refused.get(key) ?? new Set<string>();
  refused.set(key, fields.add(field));
};
