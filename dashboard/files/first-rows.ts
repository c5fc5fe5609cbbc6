import { isObject, jsonIn } from '../json.ts';
import type { Format } from './formats.ts';
import { isRunField } from './run-fields.ts';
import { readTable } from './table.ts';

/** The contents of a file, as its first rows show them. */
export type FirstRows = {
  /** `a table of 3 columns` */
  kind: string;
  columns: string[];
  /** `line` is the number by which the API names it. */
  rows: { line: number; cells: string[] }[];
  /** Columns and variables that a template can use. */
  variables: string[];
};

const SHOWN = 5;
const SHOWN_CHARACTERS = 300;

/** The first rows of a file, read from its beginning. Where it cannot be read, there are none: the estimate says why. */
export const firstRowsOf = (
  text: string,
  format: Format,
  { variables, isWhole }: { variables: ReadonlySet<string>; isWhole: boolean },
): FirstRows => {
  if (format === 'csv') return ofTable(text, variables, isWhole);
  if (format === 'text') return ofText(text);
  const bodies = format === 'jsonl' ? linesOf(text, isWhole) : ofList(text);
  return ofBodies(bodies, format);
};

const ofTable = (text: string, variables: ReadonlySet<string>, isWhole: boolean): FirstRows => {
  const { columns, rows } = readTable(text, { variables, isWhole });
  return {
    kind: `a table of ${columns.length === 1 ? '1 column' : `${columns.length} columns`}`,
    columns,
    rows: rows.slice(0, SHOWN).map(({ cells, line }) => ({
      line,
      cells: columns.map((_, at) => cut(cells[at] ?? '')),
    })),
    variables: columns.filter((column) => !isRunField(column) || column.toLowerCase() === 'prompt'),
  };
};

const ofText = (text: string): FirstRows => ({
  kind: 'one prompt',
  columns: ['text'],
  rows: text.trim() === '' ? [] : [{ line: 1, cells: [cut(text.trim())] }],
  variables: ['prompt'],
});

type Body = { line: number; body: unknown };

/** The lines that are JSON objects; another one is refused by the API, which says why. */
const linesOf = (text: string, isWhole: boolean): Body[] => {
  const lines = text.replace(/^\u{feff}/u, '').split('\n');
  if (!isWhole) lines.pop();
  return lines.flatMap((line, at) => (line.trim() === '' ? [] : [{ line: at + 1, body: jsonIn(line) }]));
};

const ofList = (text: string): Body[] => {
  const value = jsonIn(text.replace(/^\u{feff}/u, ''));
  const bodies: unknown[] = Array.isArray(value) ? value : [value];
  return bodies.map((body, at) => ({ line: at + 1, body }));
};

const fieldsOf = (value: unknown): Map<string, unknown> =>
  new Map(isObject(value) ? Object.entries(value) : []);

const ofBodies = (bodies: readonly Body[], format: Format): FirstRows => {
  const objects = bodies.flatMap(({ line, body }) =>
    isObject(body) ? [{ line, fields: fieldsOf(body) }] : [],
  );
  const isBatch = objects.some(({ fields }) => fields.has('custom_id') && fields.has('body'));
  const requests = objects.filter(({ fields }) => !fields.has('defaults'));
  const shown = requests.slice(0, SHOWN);
  const own = isBatch ? ['custom_id', 'url'] : [];
  const columns = isBatch
    ? [...own, ...namesOf(shown.map(({ fields }) => fieldsOf(fields.get('body'))))]
    : namesOf(shown.map(({ fields }) => fields));
  return {
    kind: isBatch
      ? 'a file for OpenAI’s Batch API'
      : format === 'jsonl'
        ? 'requests, one a line'
        : 'requests as JSON',
    columns,
    rows: shown.map(({ line, fields }) => {
      const body = isBatch ? new Map([...fieldsOf(fields.get('body')), ...fields]) : fields;
      return { line, cells: columns.map((column) => cellOf(body.get(column))) };
    }),
    variables: isBatch ? [] : namesOf(requests.map(({ fields }) => fieldsOf(fields.get('variables')))),
  };
};

const namesOf = (all: readonly ReadonlyMap<string, unknown>[]): string[] => [
  ...new Set(all.flatMap((fields) => [...fields.keys()])),
];

const cellOf = (value: unknown): string => {
  if (value === undefined || value === null) return '';
  return cut(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
};

const cut = (text: string): string =>
  text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
