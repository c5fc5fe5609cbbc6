import type * as z from 'zod';
import { InvalidInputError, issuesOf } from '../errors.ts';

/** A queue message's body as its schema has it. Throws `InvalidInputError` of this code (final), naming what is wrong. */
export const parseMessage = <T>(body: string, schema: z.ZodType<T>, code: string): T => {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new InvalidInputError([{ path: '', message: 'the message is not JSON' }], { code });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new InvalidInputError(issuesOf(parsed.error), { code });
  return parsed.data;
};
