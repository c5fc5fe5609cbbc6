import * as z from 'zod';
import type { Upload } from '../../files/create-upload.ts';
import { FILE_STATUSES } from '../../files/prompt-file.ts';
import type { FileView } from '../../files/view.ts';
import { errorSchema } from '../runs/generation-schemas.ts';
import { schemaOf } from '../schema-of.ts';

// Response schemas: for openapi.json and for tests. No function's bundle carries them.

const lines = (description: string) => z.int().describe(description);
const known = (description: string) =>
  z.int().nullable().describe(`${description} Null until the file is read.`);

export const fileSchema = schemaOf<FileView>()({
  id: z.string(),
  object: z.literal('file'),
  key: z.string().describe('Of its object in the bucket.'),
  size_bytes: z.int(),
  status: z.enum(FILE_STATUSES),
  created_at: z.iso.datetime(),
  generating_at: z.iso.datetime().nullable(),
  ended_at: z.iso.datetime().nullable(),
  dry_run: z.boolean(),
  max_cost_usd: z.number().nullable(),
  stopped: z
    .object({ code: z.enum(['cancelled', 'max_cost_reached']), at: z.iso.datetime() })
    .nullable()
    .describe('Lines that had not begun by then are not generated.'),
  error: errorSchema.nullable().describe('Why the file could not be read as prompts.'),
  counts: z
    .object({
      lines: known('All of the file.'),
      accepted: known('Valid run requests.'),
      refused: known('Lines that are none.'),
      reused: lines('Taken from an earlier file: not generated and not paid for again.'),
      generated: lines('Made for this file.'),
      completed: lines('With text.'),
      failed: lines('Without: refused and not begun ones included.'),
      not_begun: lines('Left out by a stop.'),
      remaining: known('Still to come.'),
      generations: lines('Outputs.'),
    })
    .describe('Lines.'),
  usage: z.object({ prompt_tokens: z.int(), completion_tokens: z.int() }),
  cost_usd: z.number().nullable().describe('US dollars; null where a price is not known.'),
  reused_cost_usd: z.number().describe('The part of cost_usd that an earlier file paid for.'),
  lines_per_second: z.number().nullable(),
  seconds_left: z.number().nullable().describe('An estimate, at that rate.'),
  results: z
    .object({ jsonl: z.string(), summary: z.string(), partial: z.string() })
    .describe('Keys in the bucket.'),
});

export const fileAnswerSchema = fileSchema.extend({
  downloads: z
    .object({
      expires_at: z.iso.datetime(),
      jsonl: z.string().exactOptional(),
      csv: z.string().exactOptional(),
      txt: z.string().exactOptional(),
      summary: z.string().exactOptional(),
      partial: z
        .string()
        .exactOptional()
        .describe('There once it was asked for by POST /files/{id}/results.'),
    })
    .nullable()
    .describe('URLs of what can be read now; null before anything was generated.'),
});

export const fileListSchema = z.object({
  data: z.array(fileSchema),
  next_cursor: z.string().nullable().describe('For the next page; null on the last one.'),
});

export const uploadSchema = schemaOf<Upload>()({
  id: z.string().describe("The file's: GET /files/{id} tells how far it is."),
  upload: z
    .object({
      url: z.string(),
      method: z.literal('PUT'),
      headers: z.record(z.string(), z.string()),
      expires_at: z.iso.datetime(),
    })
    .describe("Send the file's bytes so; no key of ours is needed."),
});
