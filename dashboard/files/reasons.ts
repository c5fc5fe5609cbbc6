/** The meaning of a code for a person, and the remedy, in the words of docs/files.md. */
export type Reason = { what: string; remedy: string };

const LATER = 'Retry the lines that failed in a while.';

/** Of one line; the other lines go on. */
const OF_LINES: ReadonlyMap<string, Reason> = new Map([
  [
    'invalid_input',
    {
      what: 'a field has a wrong value',
      remedy: 'Correct it, such as a word in place of a number; the results name the field.',
    },
  ],
  [
    'invalid_json',
    { what: 'the line is no JSON object', remedy: 'Often a quote or a comma is wrong; correct it.' },
  ],
  [
    'invalid_row',
    { what: 'the cells do not fit the header', remedy: 'Quote a cell that contains the delimiter.' },
  ],
  ['line_too_long', { what: 'the line is too long', remedy: 'Make it shorter.' }],
  ['prompt_too_large', { what: 'the prompt is too long', remedy: 'Make it shorter.' }],
  ['fields_too_large', { what: 'the fields are too long', remedy: 'Make them shorter.' }],
  [
    'missing_variable',
    {
      what: 'a cell that the template needs is empty',
      remedy: 'Fill the cell, or remove the placeholder from the template.',
    },
  ],
  [
    'duplicate_custom_id',
    { what: 'the custom_id is there twice', remedy: 'Give each line an id of its own.' },
  ],
  [
    'sampling_not_applied',
    { what: 'the model would not apply a field', remedy: 'Remove the field, or choose another model.' },
  ],
  [
    'price_unknown',
    {
      what: 'the price of the model is not known',
      remedy: 'A limit of cost needs a price: set it in PRICES.',
    },
  ],
  [
    'max_cost_reached',
    {
      what: 'not begun: the file reached its limit of cost',
      remedy: 'Raise the limit and upload the file again; answers so far are kept.',
    },
  ],
  [
    'cancelled',
    {
      what: 'not begun: the file was stopped',
      remedy: 'Retry generates these lines; answers so far are kept.',
    },
  ],
  ['over_budget', { what: 'the line may use more than a whole day’s budget', remedy: 'Lower max_tokens.' }],
  ['attempts_exhausted', { what: 'five workers were lost with this line', remedy: 'Retry it.' }],
  [
    'not_for_batch',
    {
      what: 'batches take one output from the default provider',
      remedy: 'Leave out the samples and settings, or do without the batch mode.',
    },
  ],
  ['batch_expired', { what: 'the batch ran out of time', remedy: 'Retry submits these lines anew.' }],
  ['batch_failed', { what: 'the batch failed', remedy: 'Retry submits these lines anew.' }],
  ['no_batches', { what: 'the server has no batches', remedy: 'Do without the batch mode.' }],
  ['gone', { what: 'the run of the line was deleted', remedy: 'Retry generates it anew.' }],
  [
    'model_not_found',
    { what: 'there is no such model', remedy: 'Name one of the models that the results list.' },
  ],
  [
    'unreadable_output',
    {
      what: 'the model server’s answer cannot be read',
      remedy: 'Check its address, or report the shape of its answer.',
    },
  ],
  ['insufficient_quota', { what: 'the quota at the model server is used up', remedy: LATER }],
  ['rate_limited', { what: 'the model server refused for too many requests', remedy: LATER }],
  ['incomplete_output', { what: 'the model server’s answer broke off', remedy: LATER }],
  ['idle_timeout', { what: 'the model server went silent', remedy: LATER }],
]);

/** Of the whole file: nothing was generated or paid. */
const OF_FILES: ReadonlyMap<string, string> = new Map([
  ['empty', 'Add a prompt.'],
  ['input_file_deleted', 'Store the input file again, and create another batch.'],
  ['too_large', 'Split it, or use .jsonl or .csv.'],
  ['too_many_prompts', 'Split it into several files.'],
  ['bad_encoding', 'Save it as UTF-8 (Excel: “CSV UTF-8”); unpack a zipped file.'],
  ['bad_header', 'Name a column prompt, or write a template; use no name twice.'],
  ['bad_defaults', 'Correct the field that the message names.'],
  ['invalid_json', 'Correct the JSON; rename a .jsonl that is one JSON text over many lines to .json.'],
  ['source_gone', 'It was deleted or replaced before it was read: upload it again.'],
  ['unreadable', 'everytoken may not read the object: check its encryption key and the bucket’s policy.'],
  [
    'attempts_exhausted',
    'Upload it again, in parts if it is large. Answers so far are kept, and not paid again.',
  ],
  ['cancelled', 'Upload it again to generate it.'],
  ['not_uploaded', 'Its bytes never arrived: upload it again.'],
  ['key_disabled', 'Upload it again with a valid key.'],
]);

/** A code of a line; one of a model server that is not listed is retried later. */
export const reasonOfLines = (code: string): Reason =>
  OF_LINES.get(code) ?? { what: 'the model server failed after several tries', remedy: LATER };

export const remedyOfFile = (code: string): string =>
  OF_FILES.get(code) ?? 'Upload it again; if that fails too, the log of the deployment says more.';

/** `line 7`, `lines 7, 8, 19–30 and 120 more`. */
export const linesText = (lines: readonly number[], count: number): string => {
  if (lines.length === 0) return `${count.toLocaleString('en-US')} ${count === 1 ? 'line' : 'lines'}`;
  const ranges: { first: number; last: number }[] = [];
  for (const line of lines) {
    const range = ranges.at(-1);
    if (range?.last === line - 1) range.last = line;
    else ranges.push({ first: line, last: line });
  }
  const shown = ranges.map(({ first, last }) => {
    if (first === last) return String(first);
    return last === first + 1 ? `${first}, ${last}` : `${first}–${last}`;
  });
  const left = count - lines.length;
  const more = left > 0 ? ` and ${left.toLocaleString('en-US')} more` : '';
  return `${count === 1 ? 'line' : 'lines'} ${shown.join(', ')}${more}`;
};
