import { cutText, type InputIssue, InvalidInputError } from '../../errors.ts';
import { isDeeperThan } from '../../json/value.ts';

/** Faults of a file as a whole. A fault becomes the file's result, and the file is not retried. */
export type FileFault =
  | 'empty'
  | 'bad_encoding'
  | 'invalid_json'
  | 'too_large'
  | 'too_many_prompts'
  | 'bad_header'
  | 'bad_defaults';

/**
 * Refuses the whole file.
 * @throws {InvalidInputError} always, with the fault as its code.
 */
export const refuseFile = (code: FileFault, message: string): never => {
  throw new InvalidInputError([{ path: '', message }], { code });
};

/** The fault of one record; other records of its file are not affected. */
export type RecordError = { code: string; message: string; errors?: InputIssue[] };

/** Makes the error of a record from its issues, of which it names 20 at most. */
export const recordError = (issues: InputIssue[], code = 'invalid_input'): RecordError => {
  const { message, issues: errors } = new InvalidInputError(issues, { code });
  return { code, message, errors };
};

const MAX_TEXT = 200;

/** Cuts a text to the 200 characters that a message may quote: a text from a file can be as long as the file. */
export const shortText = (text: string): string => cutText(text, MAX_TEXT);

/** A parsed JSON value, or its fault, worded to follow the name of the place: `line 3 is not valid JSON`. */
type ParsedJson = { value: unknown; fault?: undefined } | { value?: undefined; fault: string };

const MAX_DEPTH = 64;

/** Parses JSON from a file. It refuses more than 64 levels of nesting before any code walks the value. */
export const parseJson = (text: string): ParsedJson => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: 'is not valid JSON' };
  }
  return isDeeperThan(MAX_DEPTH, value) ? { fault: `is nested deeper than ${MAX_DEPTH} levels` } : { value };
};
