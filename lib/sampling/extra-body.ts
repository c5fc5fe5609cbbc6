import type { InputIssue } from '../errors.ts';

/** Fields that everytoken sets itself, and what to do instead; the token limit is what budgets are reserved by. */
const OWN_FIELDS = new Map<string, string>([
  ['model', 'set model instead'],
  ['messages', 'set prompt or messages instead'],
  ['stream', 'outputs are always streamed from the model'],
  ['stream_options', 'usage is always asked for'],
  ['n', 'set samples instead'],
  ['max_tokens', 'set max_tokens beside extra_body instead'],
  ['max_completion_tokens', 'set max_tokens beside extra_body instead'],
]);

/** What is wrong with an `extra_body`: the fields it must not carry, each by name, under `path`. */
export const extraBodyIssues = (extraBody: Record<string, unknown>, path = 'extra_body'): InputIssue[] =>
  Object.keys(extraBody).flatMap((field) => {
    const instead = OWN_FIELDS.get(field);
    return instead === undefined
      ? []
      : [{ path: `${path}.${field}`, message: `cannot be sent this way; ${instead}` }];
  });
