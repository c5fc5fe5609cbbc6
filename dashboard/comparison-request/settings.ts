import type { ComparisonRequest } from '../../client/index.ts';

export type Setting = ComparisonRequest['settings'][number];

/** The fields in which settings usually differ. Every other one is given as JSON. */
export const FIELDS = [
  { name: 'model', title: 'Model', isNumber: false, example: 'gpt-6-luna, default' },
  { name: 'temperature', title: 'Temperature', isNumber: true, example: '0.2, 0.7, 1.2' },
  { name: 'top_p', title: 'Top-p', isNumber: true, example: '0.7, 1' },
  { name: 'top_k', title: 'Top-k', isNumber: true, example: '20, 40' },
  { name: 'max_tokens', title: 'Max tokens', isNumber: true, example: '100, 400' },
  { name: 'seed', title: 'Seed', isNumber: true, example: '1, 2' },
  { name: 'frequency_penalty', title: 'Frequency penalty', isNumber: true, example: '0, 0.5' },
  { name: 'presence_penalty', title: 'Presence penalty', isNumber: true, example: '0, 0.5' },
  { name: 'reasoning_effort', title: 'Reasoning effort', isNumber: false, example: 'low, high' },
] as const;

export type FieldName = (typeof FIELDS)[number]['name'];

/** A field with the values that it takes in turn, as they are typed: `0.2, 0.7`. */
export type Dimension = { field: FieldName; values: string };

/** A setting as it is typed. Empty fields are left out. */
export type Row = {
  label: string;
  fields: { [Name in FieldName]?: string };
  /** Further fields as a JSON object, or nothing. */
  other: string;
};

export const MAX_SETTINGS = 16;
const MAX_LABEL = 100;
/** The value of a matrix that leaves its field out. */
const LEFT_OUT = 'default';

export const fieldOf = (name: FieldName): (typeof FIELDS)[number] => {
  const field = FIELDS.find((each) => each.name === name);
  if (!field) throw new Error(`no such field: ${name}`);
  return field;
};

/** The distinct values in a text, which commas and lines part. */
export const valuesIn = (text: string): string[] => [
  ...new Set(
    text
      .split(/[,\n]/)
      .map((value) => value.trim())
      .filter((value) => value !== ''),
  ),
];

/** How many settings a matrix has; 0 without any value. */
export const productSize = (dimensions: readonly Dimension[]): number => {
  const counts = dimensions.map(({ values }) => valuesIn(values).length).filter((count) => count > 0);
  return counts.length === 0 ? 0 : counts.reduce((product, count) => product * count, 1);
};

/**
 * The settings of a matrix: every combination of its values, the last dimension changing fastest, each with a label of
 * its own. At most `MAX_SETTINGS` of them.
 */
export const productRows = (dimensions: readonly Dimension[]): Row[] => {
  const given = dimensions.filter(({ values }) => valuesIn(values).length > 0);
  if (given.length === 0) return [];
  const rows = given.reduce<Row[]>(
    (sofar, { field, values }) =>
      sofar
        .flatMap((row) =>
          valuesIn(values).map((value) => ({
            ...row,
            label: [row.label, wordsOf(field, value)].filter((words) => words !== '').join(' · '),
            fields: value === LEFT_OUT ? row.fields : { ...row.fields, [field]: value },
          })),
        )
        .slice(0, MAX_SETTINGS),
    [{ label: '', fields: {}, other: '' }],
  );
  const labels = distinct(rows.map(({ label }) => label));
  return rows.map((row, at) => ({ ...row, label: labels[at] ?? row.label }));
};

/** `temperature 0.2`; a model stands for itself. */
const wordsOf = (field: FieldName, value: string): string =>
  field === 'model' && value !== LEFT_OUT ? value : `${fieldOf(field).title.toLowerCase()} ${value}`;

/** Labels that were cut to the longest that the API takes, numbered where they would be the same. */
const distinct = (labels: readonly string[]): string[] => {
  const used = new Set<string>();
  return labels.map((label) => {
    let candidate = cut(label, MAX_LABEL);
    for (let number = 2; used.has(candidate); number++)
      candidate = `${cut(label, MAX_LABEL - 4)} (${number})`;
    used.add(candidate);
    return candidate;
  });
};

/** Cuts whole characters: half of one would be no text. */
const cut = (text: string, most: number): string =>
  text.length <= most
    ? text
    : `${text
        .slice(0, most - 1)
        .toWellFormed()
        .replace(/\ufffd$/, '')}…`;

/**
 * The setting of a row. A number that cannot be read is sent as it was typed: the API says what is wrong with it.
 *
 * @throws {SyntaxError} when `other` is no JSON object
 */
export const settingOf = ({ label, fields, other }: Row): Setting => {
  const typed = FIELDS.flatMap(({ name, isNumber }): [string, unknown][] => {
    const text = fields[name]?.trim() ?? '';
    if (text === '') return [];
    return [[name, isNumber ? numberIn(text) : text]];
  });
  return { ...objectIn(other), label: label.trim(), ...Object.fromEntries(typed) } as Setting;
};

/** The row of a setting, for which `settingOf` gives the same setting back. */
export const rowOf = ({ label, ...setting }: Setting): Row => {
  const row: Row = { label: typeof label === 'string' ? label : '', fields: {}, other: '' };
  const others: [string, unknown][] = [];
  for (const [name, value] of Object.entries(setting)) {
    if (value === null || value === undefined) continue;
    const field = FIELDS.find((each) => each.name === name);
    if (field && typeof value === (field.isNumber ? 'number' : 'string'))
      row.fields[field.name] = String(value);
    else others.push([name, value]);
  }
  return others.length === 0 ? row : { ...row, other: JSON.stringify(Object.fromEntries(others)) };
};

export const numberIn = (text: string): number | string => {
  const value = Number(text.trim());
  return text.trim() === '' || !Number.isFinite(value) ? text : value;
};

/** @throws {SyntaxError} when a text that is not blank is no JSON object */
export const objectIn = (text: string): { [name: string]: unknown } => {
  if (text.trim() === '') return {};
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SyntaxError('it is no JSON object');
  return value as { [name: string]: unknown };
};
