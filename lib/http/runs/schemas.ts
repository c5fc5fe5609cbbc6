import * as z from 'zod';
import type { PassRate } from '../../checks/check.ts';
import type { DiversityFigures } from '../../diversity/figures.ts';
import { RUN_STATUSES } from '../../runs/run.ts';
import type { DiversityView, RunSummaryView, RunView } from '../../runs/view.ts';
import { COMPONENTS, nextCursorSchema, schemaOf } from '../openapi/schema.ts';
import {
  errorSchema,
  generationSchema,
  instant,
  ms,
  reasoningItemSchema,
  toolCallSchema,
  usageSchema,
} from './generation-schemas.ts';

// Response schemas for openapi.json and tests. No function's bundle contains them.

export const figure = (description: string) => z.number().nullable().describe(description);
export const interval = z.tuple([z.number(), z.number()]).nullable();

export const passRateSchema = schemaOf<PassRate>("The share of a setting's outputs that passed.")({
  n: z.int().describe('Outputs with a text.'),
  passed: z.int().describe('Outputs that passed every check.'),
  rate: figure('passed / n; null without outputs.'),
  interval: interval.describe('95% Wilson interval of the rate; null without outputs.'),
}).register(COMPONENTS, { id: 'PassRate' });

/** Diversity figures that runs and comparisons share, next to embedding diversity. */
export const outputFigures = {
  vendi: figure('Vendi score: exp of the entropy of the eigenvalues of the cosine matrix / n; from 1 to n.'),
  distinct_1: figure('Unique words / all words.'),
  distinct_2: figure('Unique 2-grams / all 2-grams.'),
  distinct_3: figure('Unique 3-grams / all 3-grams.'),
  self_bleu_4: figure('Mean BLEU-4 of each text against the others; high means similar.'),
  compression_ratio: figure('UTF-8 bytes of the joined texts / their gzip bytes; high means repetitive.'),
  duplicate_rate: figure('1 - unique texts / n.'),
  words_cut: figure('Words of each text that the n-gram figures use: the length of the shortest text.'),
  words_uncut: figure('Mean number of words of a text before that cut.'),
};

const diversityFiguresSchema = schemaOf<DiversityFigures>(
  'How different the texts are; null with fewer than two texts, or when unknown. Of more than 4,000,000 characters, only the figures of the vectors are known.',
)({
  n: z.int().describe('Number of texts.'),
  embedding_diversity: figure('1 - mean cosine similarity over all pairs.'),
  embedding_diversity_interval: interval.describe(
    '95% jackknife interval; null with fewer than three texts.',
  ),
  ...outputFigures,
}).register(COMPONENTS, { id: 'DiversityFigures' });

const diversitySchema = schemaOf<DiversityView>('Diversity of all outputs, and of those of each setting.')({
  ...diversityFiguresSchema.shape,
  by_label: z.record(z.string(), diversityFiguresSchema),
}).register(COMPONENTS, { id: 'Diversity' });

const status = z
  .enum(RUN_STATUSES)
  .describe(
    'generated: the text is ready and is being indexed. completed: it is indexed, or the run has index: false. A failed run with texts could not be indexed (index_refused).',
  );

const cost = figure('Cost of the completed generations. US dollars; null when any of it is unknown.');

const models = z
  .array(z.string())
  .describe(
    'The models of its settings: provider/model for a configured provider, else the name at the default server. An alias is resolved.',
  );

const store = z
  .boolean()
  .describe(
    'False where the request said so: once the run has ended, prompt, messages and texts are null in every later answer.',
  );

const conversation = z
  .string()
  .nullable()
  .describe(
    'The conversation that it is a turn of: the name that the request gave, or the id of its first run, in which it is null.',
  );
const previousRun = z.string().nullable().describe('The run before it in its conversation.');

export const runSchema = schemaOf<RunView>('One prompt x settings x samples.')({
  id: z.string(),
  object: z.literal('run'),
  status,
  created_at: instant('When it was accepted.'),
  model: z.string().describe('The requested model.'),
  models,
  prompt: z.string().nullable(),
  messages: z
    .array(
      z.object({
        role: z.string(),
        content: z.string(),
        name: z.string().exactOptional(),
        tool_calls: z.array(toolCallSchema).exactOptional(),
        reasoning: z.array(reasoningItemSchema).exactOptional(),
        tool_call_id: z.string().exactOptional(),
      }),
    )
    .nullable(),
  store,
  metadata: z.record(z.string(), z.string()),
  conversation,
  previous_run: previousRun,
  generations: z.array(generationSchema),
  diversity: diversitySchema.nullable(),
  checks: z
    .object({ by_label: z.record(z.string(), passRateSchema) })
    .nullable()
    .describe('Null for a run without checks.'),
  usage: usageSchema,
  cost_usd: cost,
  error: errorSchema.nullable(),
}).register(COMPONENTS, { id: 'Run' });

const listUsageSchema = schemaOf<RunSummaryView['usage']>('Sums over its completed generations.')({
  ...usageSchema.shape,
  cached_tokens: z.null().describe('Always null: lists do not hold it. GET /runs/{id} has it.'),
});

const runSummarySchema = schemaOf<RunSummaryView>('A run in lists.')({
  id: z.string(),
  object: z.literal('run'),
  status,
  created_at: instant('When it was accepted.'),
  model: z.string(),
  models,
  labels: z.array(z.string()),
  store,
  metadata: z.record(z.string(), z.string()),
  conversation,
  previous_run: previousRun,
  prompt_preview: z
    .string()
    .nullable()
    .describe('Up to 120 characters of the prompt, or of the last message.'),
  text_preview: z
    .string()
    .nullable()
    .describe(
      'Up to 120 characters of its first text, once it has ended; of its calls of tools where that is empty.',
    ),
  counts: z.object({ generations: z.int(), completed: z.int(), failed: z.int() }),
  usage: listUsageSchema,
  cost_usd: cost,
  mean_ttft_ms: ms('Mean ttft_ms of its completed generations.'),
  mean_tpot_ms: ms('Mean tpot_ms of its completed generations.'),
  e2e_ms: ms('Mean e2e_ms of its completed generations.'),
  longest_gap_ms: ms('The longest time between two chunks of any of its completed generations.'),
  error: errorSchema.nullable(),
}).register(COMPONENTS, { id: 'RunSummary' });

export const runListSchema = z
  .object({
    data: z.array(runSummarySchema),
    next_cursor: nextCursorSchema,
  })
  .register(COMPONENTS, { id: 'RunList' });
