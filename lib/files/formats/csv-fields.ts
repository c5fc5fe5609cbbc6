import type { InputIssue } from '../../errors.ts';
import type { RunRequestBody } from '../../runs/request-schema.ts';
import { parseJson } from './faults.ts';

type CellType = 'text' | 'number' | 'whole' | 'boolean' | 'json' | 'text or json';

/** Fields that a line cannot have: columns of these names are the caller's own, as those of shops or dialogues are. */
type NotOfLines = 'store' | 'conversation';

/** The type of each run field's cells. */
const CELL_TYPES: Record<Exclude<keyof RunRequestBody, NotOfLines>, CellType> = {
  prompt: 'text',
  messages: 'json',
  model: 'text',
  reasoning_effort: 'text',
  reasoning_summary: 'text',
  max_tokens: 'whole',
  temperature: 'number',
  top_p: 'number',
  top_k: 'whole',
  frequency_penalty: 'number',
  presence_penalty: 'number',
  seed: 'whole',
  stop: 'text or json',
  logprobs: 'boolean',
  top_logprobs: 'whole',
  response_format: 'json',
  tools: 'json',
  tool_choice: 'text or json',
  parallel_tool_calls: 'boolean',
  extra_body: 'json',
  settings: 'json',
  samples: 'whole',
  stream: 'boolean',
  background: 'boolean',
  index: 'boolean',
  strict_sampling: 'boolean',
  checks: 'json',
  metadata: 'json',
};

const TYPES = new Map<string, CellType>(Object.entries(CELL_TYPES));

/** Whether a column is a run field, or one of `fields` (in lower case). The column's case does not matter. */
export const isRunField = (column: string, fields?: string[]): boolean =>
  fields ? fields.includes(column.toLowerCase()) : TYPES.has(column.toLowerCase());

type CsvFields = {
  fields: Record<string, unknown>;
  variables: Record<string, string>;
  issues: InputIssue[];
};

/** Converts a row's cells to typed run fields; cells of other columns become variables. An empty cell is absent. */
export const fieldsOfRow = (row: Record<string, string>): CsvFields => {
  const fields: [string, unknown][] = [];
  const variables: [string, string][] = [];
  const issues: InputIssue[] = [];
  for (const [column, cell] of Object.entries(row)) {
    const type = TYPES.get(column.toLowerCase());
    if (cell.trim() === '') continue;
    if (type === undefined) {
      variables.push([column, cell]);
      continue;
    }
    const { value, fault } = CELLS[type](cell);
    if (fault) issues.push({ path: column, message: fault });
    else fields.push([column.toLowerCase(), value]);
  }
  return { fields: Object.fromEntries(fields), variables: Object.fromEntries(variables), issues };
};

type Cell = { value?: unknown; fault?: string };

// A German Excel writes a decimal comma.
const numberOf = (cell: string, fault: string): Cell =>
  /^[+-]?\d+([.,]\d+)?(e[+-]?\d+)?$/i.test(cell.trim())
    ? { value: Number(cell.trim().replace(',', '.')) }
    : { fault };

// As Excel writes them in English and German.
const BOOLEANS = new Map([
  ['true', true],
  ['wahr', true],
  ['false', false],
  ['falsch', false],
]);

const CELLS: Record<CellType, (cell: string) => Cell> = {
  text: (cell) => ({ value: cell }),
  number: (cell) => numberOf(cell, 'must be a number, such as 0.7'),
  // Some sheets export 1000 as `1.000` or `1,000`, which would be read as the decimal 1.
  whole: (cell) =>
    /^[+-]?\d{1,3}[.,]\d{3}$/.test(cell.trim())
      ? { fault: 'must be a whole number without a thousands separator, such as 1000' }
      : numberOf(cell, 'must be a whole number, such as 60'),
  boolean: (cell) => {
    const value = BOOLEANS.get(cell.trim().toLowerCase());
    return value === undefined ? { fault: 'must be true or false' } : { value };
  },
  json: (cell) => {
    const { value, fault } = parseJson(cell);
    return fault ? { fault: `${fault}; this column takes JSON` } : { value };
  },
  'text or json': (cell) => (/^\s*[["]/.test(cell) ? CELLS.json(cell) : CELLS.text(cell)),
};
