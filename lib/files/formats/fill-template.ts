import type { InputIssue } from '../../errors.ts';
import { isObject } from '../../json/value.ts';
import { MAX_PROMPT_BYTES } from '../../runs/request.ts';
import { type RecordError, recordError } from './faults.ts';

const PLACE = /\{\{([^{}]*)\}\}/g;

type Asking = { prompt?: unknown; messages?: unknown };

/** The names that a template's prompt or messages ask for as `{{name}}`. */
export const namesIn = (template: Asking): Set<string> =>
  new Set(textsOf(template).flatMap((text) => [...text.matchAll(PLACE)].map(([, name = '']) => name.trim())));

/**
 * Puts variables in the places of a template, once: what a variable holds is not looked at again. Gives the filled
 * prompt or messages, or the error `missing_variable` naming every place that stays empty, or `prompt_too_large`.
 */
export const fillTemplate = (
  template: Asking,
  variables: Record<string, unknown>,
): { filled: Asking; error?: undefined } | { filled?: undefined; error: RecordError } => {
  const issues = [...namesIn(template)].flatMap((name): InputIssue[] => {
    const fault = faultOf(Object.hasOwn(variables, name) ? variables[name] : undefined);
    return fault
      ? [{ path: `variables.${name}`, message: `${fault}; the template asks for {{${name}}}` }]
      : [];
  });
  if (issues.length > 0) return { error: recordError(issues, 'missing_variable') };
  // A long variable in many places must be refused before it is a text that no memory holds.
  if (filledLength(template, variables) > MAX_PROMPT_BYTES) {
    const issue = {
      path: 'prompt',
      message: `is over ${MAX_PROMPT_BYTES} bytes of UTF-8 once it is filled in`,
    };
    return { error: recordError([issue], 'prompt_too_large') };
  }
  const fill = (text: string) => text.replace(PLACE, (_, name: string) => String(variables[name.trim()]));
  return {
    filled: {
      ...(typeof template.prompt === 'string' ? { prompt: fill(template.prompt) } : {}),
      ...(Array.isArray(template.messages)
        ? { messages: template.messages.map((message) => withContent(message, fill)) }
        : {}),
    },
  };
};

const faultOf = (value: unknown): string | undefined => {
  if (value === undefined || value === null || value === '') return 'is missing';
  return ['string', 'number', 'boolean'].includes(typeof value)
    ? undefined
    : 'must be a text, a number, true or false';
};

const textsOf = ({ prompt, messages }: Asking): string[] =>
  [
    prompt,
    ...(Array.isArray(messages) ? messages.map((message) => isObject(message) && message.content) : []),
  ].filter((text) => typeof text === 'string');

const filledLength = (template: Asking, variables: Record<string, unknown>): number =>
  textsOf(template).reduce(
    (sum, text) =>
      [...text.matchAll(PLACE)].reduce(
        (length, [place, name = '']) => length - place.length + String(variables[name.trim()]).length,
        sum + text.length,
      ),
    0,
  );

const withContent = (message: unknown, fill: (text: string) => string): unknown =>
  isObject(message) && typeof message.content === 'string'
    ? { ...message, content: fill(message.content) }
    : message;
