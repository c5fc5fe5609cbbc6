import * as z from 'zod';
import type { RunFigures } from '../../openai/run-figures.ts';
import type { textCompletionOf } from '../../openai/text-completion.ts';
import { COMPONENTS, schemaOf } from '../openapi/schema.ts';
import { chatUsageSchema, runFiguresSchema } from './chat-schemas.ts';

// Response schemas for openapi.json and tests. No function's bundle contains them.

const logprobs = z
  .object({
    tokens: z.array(z.string()),
    token_logprobs: z.array(z.number().nullable()),
    top_logprobs: z
      .array(z.record(z.string(), z.number().nullable()).nullable())
      .nullable()
      .describe('Null unless alternatives were asked for.'),
    text_offset: z.array(z.int()).describe('Where a token begins in the output, in characters.'),
  })
  .nullable()
  .describe('Null unless requested with logprobs.');

const choice = z.object({
  index: z.int(),
  text: z.string(),
  logprobs,
  finish_reason: z.string().nullable(),
});

/** A whole answer. */
export type TextAnswer = ReturnType<typeof textCompletionOf> & { everytoken: RunFigures };

export const textCompletionSchema = schemaOf<TextAnswer>(
  "A run in the format of OpenAI's completions, with a choice for each of its generations.",
)({
  id: z.string().describe("cmpl- followed by the run's id."),
  object: z.literal('text_completion'),
  created: z.int().describe('When the run was accepted, in seconds since 1970.'),
  model: z.string().describe('The model that answered.'),
  choices: z.array(choice),
  usage: chatUsageSchema
    .exactOptional()
    .describe('The sum over all choices; absent when the model server did not report it.'),
  everytoken: runFiguresSchema,
}).register(COMPONENTS, { id: 'Completion' });

/** One event of a streamed response. */
export const textChunkSchema = z
  .object({
    id: z.string(),
    object: z.literal('text_completion'),
    created: z.int(),
    model: z.string(),
    choices: z.array(choice),
    usage: chatUsageSchema.nullable().exactOptional(),
    everytoken: runFiguresSchema.exactOptional().describe('In the last chunk, beside its usage.'),
  })
  .describe('An event of a streamed completion; its text adds to that of its choice.')
  .register(COMPONENTS, { id: 'CompletionChunk' });
