import { type InputIssue, InvalidInputError } from '../errors.ts';
import type { NotApplied } from './upstream-body.ts';

/** What `strict_sampling` answers with: a 400 that names each field that would have no effect, and why. */
export const notAppliedError = (issues: InputIssue[]): InvalidInputError =>
  new InvalidInputError(issues, { code: 'sampling_not_applied' });

export const notAppliedIssues = (
  notApplied: readonly NotApplied[],
  pathOf: (field: string) => string = (field) => field,
): InputIssue[] => notApplied.map(({ field, reason }) => ({ path: pathOf(field), message: reason }));
