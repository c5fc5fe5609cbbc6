import * as z from 'zod';
import { parseMessage } from '../runs/queue-message.ts';

const pointer = z.object({
  index: z.int().min(0),
  label: z.string(),
  bucket: z.string(),
  key: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  chunks: z.int().min(0),
});

const envelope = z.object({
  source: z.literal('everytoken'),
  'detail-type': z.literal('RunGenerated'),
  detail: z.object({
    schema_version: z.literal(1, 'is a schema version that is not known here; 1 is'),
    run_id: z.string().regex(/^run_/),
    outputs: z.array(pointer),
    trace_id: z.string().optional(),
  }),
});

export type RunGenerated = z.output<typeof envelope>['detail'];

/** A RunGenerated event from a queue message's body. Throws `InvalidInputError` (final) naming what is wrong. */
export const parseRunGenerated = (body: string): RunGenerated =>
  parseMessage(body, envelope, 'bad_event').detail;
