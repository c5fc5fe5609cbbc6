import { type InputIssue, InvalidInputError } from '../../errors.ts';
import { shortIssues } from './short-issues.ts';
import type { RecordError } from './source-record.ts';

/** What is wrong with one record, naming every place at once (twenty at most). */
export const recordError = (issues: InputIssue[], code = 'invalid_input'): RecordError => {
  const errors = shortIssues(issues);
  return { code, message: new InvalidInputError(errors, { code }).message, errors };
};
