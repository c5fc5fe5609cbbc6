import type { InputIssue } from '../../errors.ts';
import { own } from '../../json/value.ts';
import { MAX_PROMPT_BYTES } from '../../runs/request.ts';
import { filledLength, namesIn, type Template } from '../../runs/template.ts';
import { type RecordError, recordError } from './faults.ts';

/**
 * Picks the values of a template's places out of a line's variables. Returns the error `missing_variable`, naming every
 * variable without a value, or `prompt_too_large`, instead of throwing.
 *
 * @example
 * valuesFor({ prompt: 'Explain {{name}}.' }, { name: 'queues', note: 'x' }) // { values: { name: 'queues' } }
 */
export const valuesFor = (
  template: Template,
  variables: Record<string, unknown>,
): { values: Record<string, unknown>; error?: undefined } | { values?: undefined; error: RecordError } => {
  const names = [...namesIn(template)];
  const issues = names.flatMap((name): InputIssue[] => {
    const fault = faultOf(own(variables, name));
    return fault
      ? [{ path: `variables.${name}`, message: `${fault}; the template asks for {{${name}}}` }]
      : [];
  });
  if (issues.length > 0) return { error: recordError(issues, 'missing_variable') };
  const values = Object.fromEntries(names.map((name) => [name, own(variables, name)]));
  // Check the length before filling: a long variable in many places could exceed the memory.
  if (filledLength(template, values) > MAX_PROMPT_BYTES) {
    const issue = {
      path: 'prompt',
      message: `is over ${MAX_PROMPT_BYTES} bytes of UTF-8 once it is filled in`,
    };
    return { error: recordError([issue], 'prompt_too_large') };
  }
  return { values };
};

const faultOf = (value: unknown): string | undefined => {
  if (value === undefined || value === null || value === '') return 'is missing';
  return ['string', 'number', 'boolean'].includes(typeof value)
    ? undefined
    : 'must be a text, a number, true or false';
};
