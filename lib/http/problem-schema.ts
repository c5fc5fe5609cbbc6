import * as z from 'zod';
import type { InputIssue } from '../errors.ts';
import { COMPONENTS, schemaOf } from './openapi/schema.ts';
import { runSchema } from './runs/schemas.ts';

export const problemSchema = z
  .object({
    type: z.string().describe('urn:everytoken:problem: followed by the code.'),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z
      .string()
      .describe('One of x-problem-codes; a failed run may have a code of its model server instead.'),
    errors: z
      .array(
        schemaOf<InputIssue>()({
          path: z.string().describe('Dotted path in the request: settings.0.top_p'),
          message: z.string(),
        }),
      )
      .exactOptional()
      .describe('The problems of the input, 20 at most; detail counts those beyond.'),
    run: runSchema.exactOptional().describe('The run that failed.'),
  })
  .describe('An error in the format of RFC 9457.')
  .register(COMPONENTS, { id: 'Problem' });
