import { type InputIssue, InvalidInputError } from '../../errors.ts';
import { isDeeperThan } from '../../json/value.ts';

/** What is wrong with a file as a whole; it is recorded as the file's result and never tried again. */
export type FileFault =
  | 'empty'
  | 'bad_encoding'
  | 'invalid_json'
  | 'too_large'
  | 'too_many_prompts'
  | 'bad_header'
  | 'bad_defaults';

/** Throws `InvalidInputError`: nothing of the file is taken. */
export const refuseFile = (code: FileFault, message: string): never => {
  throw new InvalidInputError([{ path: '', message }], { code });
};

/** What is wrong with one record; the others of its file are not touched by it. */
export type RecordError = { code: string; message: string; errors?: InputIssue[] };

/** What is wrong with one record, naming every place at once (twenty at most). */
export const recordError = (issues: InputIssue[], code = 'invalid_input'): RecordError => {
  const errors = shortIssues(issues);
  return { code, message: new InvalidInputError(errors, { code }).message, errors };
};

const MOST = 20;
const LONGEST = 200;

/** At most 20 issues, and how many there are beside them: an error has to fit into the item of its file. */
export const shortIssues = (issues: InputIssue[]): InputIssue[] => [
  ...issues
    .slice(0, MOST)
    .map(({ path, message }) => ({ path: shortText(path), message: shortText(message) })),
  ...(issues.length > MOST ? [{ path: '', message: `and ${issues.length - MOST} more` }] : []),
];

/** A text as a message may quote it: what a stranger wrote can be as long as the whole file. */
export const shortText = (text: string): string =>
  `${text.slice(0, LONGEST).toWellFormed()}${text.length > LONGEST ? '…' : ''}`;

/** A parsed JSON value, or in words why it is none. */
type ParsedJson = { value: unknown; fault?: undefined } | { value?: undefined; fault: string };

const MAX_DEPTH = 64;

/** Parses JSON that a stranger wrote: what is nested deeper than 64 levels is refused before anyone walks it. */
export const parseJson = (text: string): ParsedJson => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: 'is not valid JSON' };
  }
  return isDeeperThan(MAX_DEPTH, value) ? { fault: `is nested deeper than ${MAX_DEPTH} levels` } : { value };
};
