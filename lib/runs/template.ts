import { isObject, own } from '../json/value.ts';
import type { ContentStore } from './ports.ts';

/** Request fields that many requests share. Each `{{name}}` in its prompt or messages is a place for a value. */
export type Template = Record<string, unknown>;

/** The part that one request adds to a template: its own fields, and the values of the places. Without values none is filled. */
export type Addition = { own: Record<string, unknown>; values?: Record<string, unknown> };

/** A template in the content store, and what one request adds to it. */
export type Shared = { key: string; addition: Addition };

/** A text cut at its places: what stands between them, and their names in turn. */
type CutText = string[];

const PLACE = /\{\{([^{}]*)\}\}/;

/** The texts of each template, cut once: a file's template is long and is filled for each of its lines. */
const cut = new WeakMap<Template, { prompt: CutText | undefined; messages: (CutText | undefined)[] }>();

const cutTextsOf = (template: Template) => {
  const known = cut.get(template);
  if (known) return known;
  const { prompt, messages } = template;
  const texts = {
    prompt: cutAtPlaces(prompt),
    messages: Array.isArray(messages)
      ? messages.map((message) => cutAtPlaces(isObject(message) ? message.content : undefined))
      : [],
  };
  cut.set(template, texts);
  return texts;
};

const cutAtPlaces = (text: unknown): CutText | undefined =>
  typeof text === 'string'
    ? text.split(PLACE).map((piece, at) => (isName(at) ? piece.trim() : piece))
    : undefined;

const isName = (at: number): boolean => at % 2 === 1;

const allPieces = (template: Template): { piece: string; isName: boolean }[] => {
  const { prompt, messages } = cutTextsOf(template);
  return [prompt, ...messages].flatMap((text = []) =>
    text.map((piece, at) => ({ piece, isName: isName(at) })),
  );
};

/** The names of the places in a template's prompt or messages. */
export const namesIn = (template: Template): Set<string> =>
  new Set(allPieces(template).flatMap(({ piece, isName }) => (isName ? [piece] : [])));

/** The length of a template's texts once they are filled, in UTF-16 units, without filling them. */
export const filledLength = (template: Template, values: Record<string, unknown>): number =>
  allPieces(template).reduce(
    (sum, { piece, isName }) => sum + (isName ? String(own(values, piece)) : piece).length,
    0,
  );

/**
 * Makes a request's body from a template and what the request adds to it: always the same from the same. The values are
 * filled in in one pass: a `{{name}}` within a value is not filled.
 *
 * @example
 * bodyOf({ prompt: 'Explain {{name}}.', seed: 1 }, { own: {}, values: { name: 'queues' } })
 * // { prompt: 'Explain queues.', seed: 1 }
 */
export const bodyOf = (template: Template, { own: fields, values }: Addition): Record<string, unknown> => {
  const body = overlay(template, fields);
  if (!values) return body;
  const { prompt, messages } = cutTextsOf(template);
  const fill = (text: CutText) =>
    text.map((piece, at) => (isName(at) ? String(own(values, piece)) : piece)).join('');
  return {
    ...body,
    ...(prompt && { prompt: fill(prompt) }),
    ...(Array.isArray(template.messages) && {
      messages: template.messages.map((message, at) => {
        const text = messages[at];
        return text ? { ...message, content: fill(text) } : message;
      }),
    }),
  };
};

/**
 * Merges run fields over default run fields. A null field stays null, so that a record can do without a default.
 * `prompt` and `messages` exclude each other: a record that has one does not inherit the other.
 */
export const overlay = (
  base: Record<string, unknown>,
  fields: Record<string, unknown>,
): Record<string, unknown> => {
  const { prompt, messages, ...rest } = base;
  if (hasPrompt(fields)) return { ...rest, ...fields };
  return {
    ...rest,
    ...fields,
    ...(isGiven(prompt) ? { prompt } : {}),
    ...(isGiven(messages) ? { messages } : {}),
  };
};

export const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** Whether a request has a prompt or messages of its own. */
export const hasPrompt = (request: Record<string, unknown>): boolean =>
  isGiven(request.prompt) || isGiven(request.messages);

/** The body with each text of its prompt and messages replaced. */
export const withTexts = (
  body: Record<string, unknown>,
  replace: (text: string) => string,
): Record<string, unknown> => ({
  ...body,
  ...(typeof body.prompt === 'string' && { prompt: replace(body.prompt) }),
  ...(Array.isArray(body.messages) && {
    messages: body.messages.map((message) =>
      isObject(message) && typeof message.content === 'string'
        ? { ...message, content: replace(message.content) }
        : message,
    ),
  }),
});

type Reader = Pick<ContentStore, 'get'>;

/** The templates read last, by the store that they are in: the lines of a file need the same one in turn. */
const loaded = new WeakMap<Reader, Map<string, Template>>();
const MAX_LOADED = 4;

/**
 * Loads a template. Its object never changes, so a process reads it once for many requests.
 * @throws {NotFoundError} when there is none of this key.
 */
export const loadTemplate = async (key: string, content: Reader): Promise<Template> => {
  const known = loaded.get(content) ?? new Map<string, Template>();
  loaded.set(content, known);
  const template: Template = known.get(key) ?? JSON.parse(await content.get(key));
  known.delete(key);
  known.set(key, template);
  const oldest = known.keys().next().value;
  if (known.size > MAX_LOADED && oldest !== undefined) known.delete(oldest);
  return template;
};
