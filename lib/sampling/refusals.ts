import type { Server } from './server.ts';
import type { Endpoint } from './setting.ts';

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
 * A field of a body: its name, if requests have it under the same, or its path in the body and the request's name.
 * `isWhole`: the path is of an object that holds the field among others.
 */
export type SentField = string | { path: string; field: string; isWhole?: true };

/**
 * The sent field that a complaint refuses as unsupported, so that the request can be retried without it. Undefined when
 * it names no sent field, or complains about something else, such as a value out of range.
 *
 * @example
 * refusedField({ message: 'Unknown parameter: top_k' }, ['top_k', 'seed']) // 'top_k'
 */
export const refusedField = (
  { message, param, code }: Refusal,
  sent: Iterable<SentField>,
): string | undefined => {
  const refuses = REFUSING_CODES.includes(code ?? '') || REFUSING.some((pattern) => pattern.test(message));
  if (!refuses || OF_SCHEMA.test(message)) return undefined;
  const fields: Map<string, string>[] = [new Map(), new Map()];
  for (const one of sent) {
    const { path, field, isWhole = false } = typeof one === 'string' ? { path: one, field: one } : one;
    fields[Number(isWhole)]?.set(path, field);
  }
  for (const those of fields) {
    const found = namedIn(param ?? '', those) ?? namedIn(message, those);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** The first field whose path, or whose name as a word, is in a text. */
const namedIn = (text: string, fields: ReadonlyMap<string, string>): string | undefined => {
  const path = [...fields.keys()].find((one) => one.includes('.') && text.includes(one));
  const word = text.split(/[^\w-]+/).find((each) => fields.has(each));
  return fields.get(path ?? word ?? '');
};

/** Under what a server's refusals are remembered: its endpoints differ in the fields that they take for a model. */
export const refusalKeyOf = ({
  model,
  endpoint,
}: {
  model: string;
  endpoint?: Endpoint | undefined;
}): string => (endpoint === undefined ? model : `${model} ${endpoint}`);

/** Remembers that this server refuses a field for the model and endpoint of a key. */
export const rememberRefusal = ({ refused }: Server, key: string, field: string): void => {
  const fields = refused.get(key) ?? new Set<string>();
  refused.set(key, fields.add(field));
};
