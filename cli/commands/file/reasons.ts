/** The codes of a row's error in words, for a person; docs/files.md says what to do about each. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['invalid_input', 'a field has a wrong value'],
  ['invalid_json', 'it is not valid JSON'],
  ['invalid_row', 'its cells do not fit the header'],
  ['missing_variable', 'a cell that the template needs is empty'],
  ['line_too_long', 'it is too long'],
  ['prompt_too_large', 'its prompt is too long'],
  ['fields_too_large', 'its fields are too long'],
  ['duplicate_custom_id', 'its custom_id is there twice'],
  ['sampling_not_applied', 'the model does not apply a field'],
  ['price_unknown', 'the price of the model is not known'],
  ['max_cost_reached', 'not begun: the file reached its most cost'],
  ['cancelled', 'not begun: the file was stopped'],
  ['over_budget', 'it takes more than the budget of a day'],
  ['model_not_found', 'there is no such model'],
]);

/** A code with its words: `missing_variable: a cell that the template needs is empty`. */
export const reasonOf = (code: string): string => {
  const words = REASONS.get(code);
  return words === undefined ? code : `${code}: ${words}`;
};

const MAX_LINES = 20;

/** The numbers of lines, `line 7` or `lines 7, 19 and 120 more`, of which `lines` has the first ones. */
export const linesText = (lines: readonly number[], count: number): string => {
  const shown = lines.slice(0, MAX_LINES);
  if (shown.length === 0) return rowsText(count);
  const more = count > shown.length ? ` and ${(count - shown.length).toLocaleString('en-US')} more` : '';
  return `line${count === 1 ? '' : 's'} ${shown.join(', ')}${more}`;
};

export const rowsText = (count: number): string =>
  `${count.toLocaleString('en-US')} row${count === 1 ? '' : 's'}`;
