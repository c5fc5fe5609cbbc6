import type { InputIssue } from '../../errors.ts';
import { isObject, own } from '../../json/value.ts';
import { MAX_PROMPT_BYTES } from '../../runs/request.ts';
import { type RecordError, recordError } from './faults.ts';

const PLACE = /\{\{([^{}]*)\}\}/g;

type Template = { prompt?: unknown; messages?: unknown };

/** The names of the variables (`{{name}}`) in a template's prompt or messages. */
export const namesIn = (template: Template): Set<string> =>
  new Set(textsOf(template).flatMap((text) => [...text.matchAll(PLACE)].map(([, name = '']) => name.trim())));

/**
 * Fills variables into a template's prompt or messages, in one pass: a `{{name}}` within a value is not filled. Returns
 * the error `missing_variable`, naming every variable without a value, or `prompt_too_large`, instead of throwing.
 *
 * @example
 * fillTemplate({ prompt: 'Explain {{name}}.' }, { name: 'queues' }) // { filled: { prompt: 'Explain queues.' } }
 */
export const fillTemplate = (
  template: Template,
  variables: Record<string, unknown>,
): { filled: Template; error?: undefined } | { filled?: undefined; error: RecordError } => {
  const issues = [...namesIn(template)].flatMap((name): InputIssue[] => {
    const fault = faultOf(own(variables, name));
    return fault
      ? [{ path: `variables.${name}`, message: `${fault}; the template asks for {{${name}}}` }]
      : [];
  });
  if (issues.length > 0) return { error: recordError(issues, 'missing_variable') };
  // Check the length before filling: a long variable in many places could exceed the memory.
  if (filledLength(template, variables) > MAX_PROMPT_BYTES) {
    const issue = {
      path: 'prompt',
      message: `is over ${MAX_PROMPT_BYTES} bytes of UTF-8 once it is filled in`,
    };
    return { error: recordError([issue], 'prompt_too_large') };
  }
  const fill = (text: string) =>
    text.replace(PLACE, (_, name: string) => String(own(variables, name.trim())));
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

const textsOf = ({ prompt, messages }: Template): string[] =>
  [
    prompt,
    ...(Array.isArray(messages) ? messages.map((message) => isObject(message) && message.content) : []),
  ].filter((text) => typeof text === 'string');

const filledLength = (template: Template, variables: Record<string, unknown>): number =>
  textsOf(template).reduce(
    (sum, text) =>
      [...text.matchAll(PLACE)].reduce(
        (length, [place, name = '']) => length - place.length + String(own(variables, name.trim())).length,
        sum + text.length,
      ),
    0,
  );

const withContent = (message: unknown, fill: (text: string) => string): unknown =>
  isObject(message) && typeof message.content === 'string'
    ? { ...message, content: fill(message.content) }
    : message;
