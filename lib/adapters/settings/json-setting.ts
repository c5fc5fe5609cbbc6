import * as z from 'zod';

/**
 * An environment variable that holds JSON of the given shape. Each problem is named by its place under the
 * variable's name, and never by its value: there may be secrets in it.
 */
export const jsonSetting = <T extends z.ZodType>(schema: T) =>
  z.string().transform((text, context): z.output<T> => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      context.addIssue('is not JSON');
      return z.NEVER;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues)
      context.addIssue({ code: 'custom', path: issue.path, message: messageOf(issue) });
    return z.NEVER;
  });

const messageOf = (issue: z.core.$ZodIssue): string => {
  const message = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
  return (message ?? issue.message).replace(/^Invalid input: /, '');
};
