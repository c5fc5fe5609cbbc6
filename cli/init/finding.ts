/** One thing that was looked at; `says` holds the remedy where it is not ok. A `note` is no reason to stop. */
export type Finding = { state: 'ok' | 'note' | 'wrong'; what: string; says: string };

/** Makes findings on one thing. */
export const findingOn =
  (what: string) =>
  (state: Finding['state'], says: string): Finding => ({ state, what, says });

const WORDS = { ok: 'ok', note: 'NOTE', wrong: 'WRONG' };

/** The finding as a line of the report. */
export const lineOf = ({ state, what, says }: Finding): string =>
  `${WORDS[state].padEnd(7)}${what.padEnd(18)}${says.replace(/\s+/g, ' ')}`;
