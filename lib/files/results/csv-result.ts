import type { SourceHead } from '../formats/source-record.ts';
import { outputsOf } from './result-text.ts';
import type { AssembledLine, ResultShape } from './results.ts';

/** Columns that a result adds to its row, in this order. */
const ADDED: Record<string, (line: AssembledLine) => string | number | null | undefined> = {
  text: ({ result }) => outputsOf(result.run),
  status: ({ result }) => result.status,
  prompt_tokens: ({ result }) => result.run?.usage.prompt_tokens,
  completion_tokens: ({ result }) => result.run?.usage.completion_tokens,
  cost_usd: ({ result }) => result.run?.cost_usd ?? result.estimate?.cost_usd,
  ttft_ms: ({ result }) => tenths(timingOf(result)?.ttft_ms),
  e2e_ms: ({ result }) => tenths(timingOf(result)?.e2e_ms),
  run_id: ({ result }) => result.run_id,
  error: ({ result }) => result.error && `${result.error.code}: ${result.error.message}`,
};

/**
 * A table of results: the columns of the input as they stood, then ours, with the input's delimiter. A column of ours
 * whose name is taken is called `result_…`.
 */
export const makeCsvShape = ({
  columns,
  delimiter,
  bom,
}: Pick<SourceHead, 'columns' | 'delimiter' | 'bom'>): ResultShape => {
  const own = columns ?? [];
  const between = delimiter ?? ',';
  const row = (cells: (string | number | null | undefined)[]) =>
    `${cells.map((cell) => cellOf(cell, between)).join(between)}\r\n`;
  const taken = new Set(own);
  const names = Object.keys(ADDED).map((name) => {
    let free = name;
    while (taken.has(free)) free = `result_${free}`;
    return free;
  });
  return {
    suffix: '.csv',
    opening: `${bom ? '\uFEFF' : ''}${row([...own, ...names])}`,
    render: (line) =>
      row([
        ...own.map((name) => line.result.columns?.[name]),
        ...Object.values(ADDED).map((read) => read(line)),
      ]),
  };
};

/** Finer than a tenth of a millisecond is for the .jsonl. */
const tenths = (ms: number | null | undefined): number | null | undefined =>
  ms === null || ms === undefined ? ms : Math.round(ms * 10) / 10;

const timingOf = ({ run }: AssembledLine['result']) =>
  run?.generations.length === 1 ? run.generations[0]?.timing : undefined;

/** Plain numbers stay what they are, whatever their sign. */
const NUMBER = /^[+-]?[0-9]+(?:[.,][0-9]+)?(?:e[+-]?[0-9]+)?$/i;

/**
 * A number of ours: without an exponent and without digits that say nothing (nine after the point are billionths of a
 * USD, and nanoseconds), with a decimal comma where cells are set off by semicolons, as Excel writes and reads them.
 */
const numberOf = (value: number, delimiter: string): string => {
  const text = value.toFixed(9).replace(/0+$/, '').replace(/\.$/, '');
  return delimiter === ';' ? text.replace('.', ',') : text;
};

/** A cell as text. One that a spreadsheet would take for a formula gets an apostrophe in front. */
const cellOf = (value: string | number | null | undefined, delimiter: string): string => {
  const text = typeof value === 'number' ? numberOf(value, delimiter) : (value ?? '');
  const isRisky = /^[=+\-@\t\r]/.test(text) && !NUMBER.test(text);
  const safe = isRisky ? `'${text}` : text;
  const mustQuote = safe.includes(delimiter) || /["\r\n]/.test(safe) || /^\s|\s$/.test(safe);
  return mustQuote ? `"${safe.replaceAll('"', '""')}"` : safe;
};
