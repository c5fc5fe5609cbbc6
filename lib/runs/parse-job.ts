import * as z from 'zod';
import { InvalidInputError } from '../errors.ts';
import type { Job } from './ports.ts';
import { issuesOf } from './run-request.ts';

const count = z.int().min(0);
const job = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run'), run_id: z.string().min(1) }),
  z.object({
    type: z.literal('line'),
    file_id: z.string().min(1),
    block: count,
    line: count,
    start: count,
    end: count,
  }),
]);

/** A job from a queue message's body. Throws `InvalidInputError` (`bad_job`, final). */
export const parseJob = (body: string): Job => {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new InvalidInputError([{ path: '', message: 'the message is not JSON' }], { code: 'bad_job' });
  }
  const parsed = job.safeParse(value);
  if (!parsed.success) throw new InvalidInputError(issuesOf(parsed.error), { code: 'bad_job' });
  return parsed.data;
};
