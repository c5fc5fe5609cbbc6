import * as z from 'zod';
import { parseMessage } from '../runs/parse-message.ts';
import type { Job } from '../runs/ports.ts';

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
export const parseJob = (body: string): Job => parseMessage(body, job, 'bad_job');
