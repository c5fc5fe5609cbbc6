import type { InputIssue } from '../../errors.ts';

const MOST = 20;
const LONGEST = 200;

/** A text as a message may quote it: what a stranger wrote can be as long as the whole file. */
export const shortText = (text: string): string =>
  `${text.slice(0, LONGEST).toWellFormed()}${text.length > LONGEST ? '…' : ''}`;

/** At most 20 issues, and how many there are beside them: an error has to fit into the item of its file. */
export const shortIssues = (issues: InputIssue[]): InputIssue[] => [
  ...issues
    .slice(0, MOST)
    .map(({ path, message }) => ({ path: shortText(path), message: shortText(message) })),
  ...(issues.length > MOST ? [{ path: '', message: `and ${issues.length - MOST} more` }] : []),
];
