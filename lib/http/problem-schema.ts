import * as z from 'zod';
import type { InputIssue } from '../errors.ts';
import { COMPONENTS, schemaOf } from './openapi/schema.ts';
import { runSchema } from './runs/schemas.ts';

export const problemSchema = z
  .object({
    type: z.string().describe('urn:everytoken:problem: and the code.'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z
      .string()
      .describe('One of x-problem-codes; a failed run may carry a code of its model server instead.'),
    errors: z
      .array(
        schemaOf<InputIssue>()({
          path: z.string().describe('Dotted, as it was sent: settings.0.top_p'),
          message: z.string(),
        }),
      )
      .exactOptional()
      .describe('Every wrong place of the input.'),
    run: runSchema.exactOptional().describe('The run that failed.'),
  })
  .describe('An error, as RFC 9457 has it.')
  .register(COMPONENTS, { id: 'Problem' });
