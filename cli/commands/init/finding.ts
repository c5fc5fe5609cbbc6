import { printableLine } from '../../terminal/printable.ts';

/** The result of one check. `message` ends with the remedy unless the state is `ok`; a `note` is not a failure. */
export type Finding = { state: 'ok' | 'note' | 'wrong'; subject: string; message: string };

/** Makes findings on one subject. */
export const findingOn =
  (subject: string) =>
  (state: Finding['state'], message: string): Finding => ({ state, subject, message });

const WORDS = { ok: 'ok', note: 'NOTE', wrong: 'WRONG' };

/** The finding as a line of the report. */
export const lineOf = ({ state, subject, message }: Finding): string =>
  `${WORDS[state].padEnd(7)}${subject.padEnd(18)}${printableLine(message)}`;
