import { counted, countOf } from '../../terminal/units.ts';

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

/** Lines that follow each other, both ends included. */
export type LineRange = { first: number; last: number };

const MAX_RANGES = 20;

/** Adds a line behind the others, as long as there are few ranges. */
export const addLine = (ranges: LineRange[], line: number): void => {
  const last = ranges.at(-1);
  if (last?.last === line - 1) last.last = line;
  else if (ranges.length < MAX_RANGES) ranges.push({ first: line, last: line });
};

export const rangesOf = (lines: readonly number[]): LineRange[] => {
  const ranges: LineRange[] = [];
  for (const line of lines) addLine(ranges, line);
  return ranges;
};

/** The numbers of lines, `line 7` or `lines 7, 19–30 and 120 more`, of which `ranges` has the first ones. */
export const linesText = (ranges: readonly LineRange[], count: number): string => {
  if (ranges.length === 0) return rowsText(count);
  const shown = ranges.map(({ first, last }) => {
    if (first === last) return String(first);
    return last === first + 1 ? `${first}, ${last}` : `${first}–${last}`;
  });
  const left = count - ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const more = left > 0 ? ` and ${counted(left)} more` : '';
  return `line${count === 1 ? '' : 's'} ${shown.join(', ')}${more}`;
};

export const rowsText = (count: number): string => countOf(count, 'row');
