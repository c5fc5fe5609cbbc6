import * as z from 'zod';

/** Lowest, typical and highest value. */
export const range = (description: string) =>
  z
    .object({
      low: z.number(),
      typical: z.number().nullable().describe('Null without earlier outputs of the model.'),
      high: z.number(),
    })
    .describe(description);

/** Expected tokens and cost. */
export const takenFields = {
  prompt_tokens: range('Tokens.'),
  completion_tokens: range('Tokens; high is max_tokens for each output.'),
  tokens: range('Both together.'),
  cost_usd: range('US dollars; high is what a budget reserves.')
    .nullable()
    .describe('Null when a price is unknown.'),
};

/** Whether the rest of the caller's day covers an estimate. */
export const budgetVerdictSchema = z
  .object({
    fits: z
      .enum(['yes', 'maybe', 'no'])
      .describe('Whether the rest of the day covers the high values, the low values alone, or neither.'),
    tokens_left: z.int().nullable(),
    cost_usd_left: z.number().nullable(),
    resets_at: z.iso.datetime(),
  })
  .nullable()
  .describe('Null for a caller without a budget.');
