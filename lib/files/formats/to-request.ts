import { isObject } from '../../json/value.ts';
import { type Addition, bodyOf, hasPrompt, isGiven, namesIn } from '../../runs/template.ts';
import { requestOfBatchLine } from './batch-line.ts';
import { fieldsOfRow } from './csv-fields.ts';
import { type RecordError, recordError } from './faults.ts';
import type { LineRequest, SourceHead, SourceRecord } from './source-record.ts';
import { valuesFor } from './template-values.ts';

type Made = ({ addition: Addition; body: Record<string, unknown> } | { error: RecordError }) &
  Pick<LineRequest, 'response' | 'pathOf'>;

/**
 * Converts a record to a run request: merges it over its file's defaults and fills in the template. The `error` it may
 * have is one of the format (`invalid_json`, `missing_variable`, `duplicate_custom_id`, …). The request itself is
 * validated later, by `parseRunRequest`.
 */
export const toRequest = (record: SourceRecord, head: SourceHead): LineRequest => {
  const { line, customId } = record;
  const columns = record.error ? undefined : columnsOf(record.body, head.kind);
  const made = record.error ? { error: record.error } : make(record.body, head);
  return {
    line,
    body: null,
    ...made,
    ...(customId === undefined ? {} : { customId }),
    ...(columns === undefined ? {} : { columns }),
  };
};

const make = (body: unknown, head: SourceHead): Made => {
  if (head.kind === 'csv') {
    const { fields, variables, issues } = fieldsOfRow(rowOf(body));
    return issues.length > 0 ? { error: recordError(issues) } : merge(fields, variables, head);
  }
  if (!isObject(body))
    return refused(
      '',
      head.kind === 'batch'
        ? 'must be a JSON object with custom_id, method, url and body'
        : 'must be a JSON object, such as {"prompt": "…"}',
    );
  if (head.kind === 'batch') {
    const { request, response, issues, pathOf } = requestOfBatchLine(body, head.endpoint);
    if (issues.length > 0) return { error: recordError(issues) };
    // It is no run request: there is nothing to merge.
    if (head.endpoint === '/v1/embeddings') return { addition: { own: request }, body: request };
    return { ...merge(request, undefined, head), pathOf, ...(response && { response }) };
  }
  if (Object.hasOwn(body, 'defaults'))
    return refused(
      'defaults',
      'must be the only field of the first line of a .jsonl, or be in a file {file}.defaults.json',
    );
  const { variables, ...own } = body;
  if (isGiven(variables) && !isObject(variables))
    return refused('variables', 'must be an object, such as {"name": "…"}');
  return merge(own, isObject(variables) ? variables : undefined, head);
};

const refused = (path: string, message: string): Made => ({ error: recordError([{ path, message }]) });

/** Merges a record over the defaults. Their prompt or messages are a template; a record's own prompt is not. */
const merge = (
  own: Record<string, unknown>,
  variables: Record<string, unknown> | undefined,
  { kind, defaults }: SourceHead,
): Made => {
  const template = defaults?.request ?? {};
  const made = (addition: Addition): Made => ({ addition, body: bodyOf(template, addition) });
  const { prompt, ...rest } = own;
  const isVariable = namesIn(template).has('prompt') && isGiven(prompt) && !isGiven(own.messages);
  if (!isVariable && hasPrompt(own)) {
    return kind === 'requests' && variables
      ? refused(
          'variables',
          'fill a template in the defaults, but this line has its own prompt; leave out one of the two',
        )
      : made({ own });
  }
  if (!hasPrompt(template)) {
    const [variable] = kind === 'requests' ? Object.keys(variables ?? {}) : [];
    if (variable !== undefined)
      return refused(
        'variables',
        `fill a template, and there is none; give one in the defaults, such as {"prompt": "{{${variable}}}"}`,
      );
    return kind === 'csv'
      ? refused(
          'prompt',
          'is empty, and there is no template in a .defaults.json beside the file; fill it in',
        )
      : made({ own });
  }
  const { values, error } = valuesFor(template, { ...variables, ...(isVariable ? { prompt } : {}) });
  return error ? { error } : made({ own: rest, values });
};

const rowOf = (body: unknown): Record<string, string> => body as Record<string, string>;

/** The texts that results keep: a table's row, or a text file's other fields. */
const columnsOf = (body: unknown, kind: SourceHead['kind']): Record<string, string> | undefined => {
  if (kind === 'csv') return rowOf(body);
  return kind === 'text' && isObject(body) && body.variables ? rowOf(body.variables) : undefined;
};
