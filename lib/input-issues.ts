import type * as z from 'zod';
import type { InputIssue } from './errors.ts';

/** Zod's issues in our words: one a place, unknown fields by their own names. */
export const issuesOf = (error: z.ZodError): InputIssue[] =>
  error.issues.flatMap((issue): InputIssue[] => {
    const path = issue.path.join('.');
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: path ? `${path}.${key}` : key, message: 'is not a known field' }))
      : [{ path, message: issue.message }];
  });
