import { wrap } from './terminal/layout.ts';
import { printableLine } from './terminal/printable.ts';

/** The result of one check. `message` ends with the remedy unless the state is `ok`; a `note` is not a failure. */
export type Finding = { state: 'ok' | 'note' | 'wrong'; subject: string; message: string };

/** Makes findings on one subject. */
export const findingOn =
  (subject: string) =>
  (state: Finding['state'], message: string): Finding => ({ state, subject, message });

const WORDS = { ok: 'ok', note: 'NOTE', wrong: 'WRONG' };

/** The finding as a line of the report, with its subject in a column of `width`. */
export const lineOf = ({ state, subject, message }: Finding, width = 18): string =>
  `${headOf({ state, subject }, width)}${printableLine(message)}`;

/** The same, wrapped below its own column to lines of at most `columns`. */
export const linesOf = (finding: Finding, width: number, columns: number): string[] => {
  const head = headOf(finding, width);
  const lines = wrap(printableLine(finding.message), Math.max(20, columns - head.length));
  return lines.map((line, at) => (at === 0 ? head : ' '.repeat(head.length)) + line);
};

const headOf = ({ state, subject }: Omit<Finding, 'message'>, width: number): string =>
  WORDS[state].padEnd(7) + `${printableLine(subject)} `.padEnd(width);
