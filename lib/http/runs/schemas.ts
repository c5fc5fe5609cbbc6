import * as z from 'zod';
import type { PassRate } from '../../checks/check.ts';
import type { DiversityFigures } from '../../diversity/figures.ts';
import { RUN_STATUSES } from '../../runs/run.ts';
import type { DiversityView, RunSummaryView, RunView } from '../../runs/view.ts';
import { COMPONENTS, schemaOf } from '../openapi/schema.ts';
import { errorSchema, generationSchema, instant, ms, usageSchema } from './generation-schemas.ts';

// Response schemas: for openapi.json and for tests. No function's bundle carries them.

export const figure = (description: string) => z.number().nullable().describe(description);
export const interval = z.tuple([z.number(), z.number()]).nullable();

export const passRateSchema = schemaOf<PassRate>("How many of a setting's outputs passed.")({
  n: z.int().describe('Outputs that ended with a text.'),
  passed: z.int().describe('Of these, those that passed every check.'),
  rate: figure('passed / n; null without any.'),
  interval: interval.describe("95% interval of the rate (Wilson's); null without any."),
}).register(COMPONENTS, { id: 'PassRate' });

/** Figures of several outputs beside their embedding diversity; a run and a comparison have them alike. */
export const outputFigures = {
  vendi: figure('exp of the entropy of the eigenvalues of the cosine matrix / n; from 1 to n.'),
  distinct_1: figure('Unique words / all words.'),
  distinct_2: figure('Unique 2-grams / all 2-grams.'),
  distinct_3: figure('Unique 3-grams / all 3-grams.'),
  self_bleu_4: figure('Mean BLEU-4 of each text against the others; high is alike.'),
  compression_ratio: figure('UTF-8 bytes of the joined texts / their gzip bytes; high is repetitive.'),
  duplicate_rate: figure('1 - unique texts / n.'),
  words_cut: figure('Words of each text that the n-gram figures looked at: the shortest text has as many.'),
  words_uncut: figure('Mean words of a text before that cut.'),
};

const diversityFiguresSchema = schemaOf<DiversityFigures>(
  'How different the texts are; null below two texts, or unknown.',
)({
  n: z.int().describe('Texts.'),
  embedding_diversity: figure('1 - mean cosine similarity over all pairs.'),
  embedding_diversity_interval: interval.describe('95% interval, by the jackknife; null below three texts.'),
  ...outputFigures,
}).register(COMPONENTS, { id: 'DiversityFigures' });

const diversitySchema = schemaOf<DiversityView>("Of all outputs, and of each setting's.")({
  ...diversityFiguresSchema.shape,
  by_label: z.record(z.string(), diversityFiguresSchema),
}).register(COMPONENTS, { id: 'Diversity' });

const status = z
  .enum(RUN_STATUSES)
  .describe(
    'generated: text is ready, being indexed. completed: indexed too, or indexing was not asked for.',
  );

const cost = figure('Sum of the known costs. US dollars; null when none is known.');

export const runSchema = schemaOf<RunView>('One prompt x settings x samples.')({
  id: z.string(),
  object: z.literal('run'),
  status,
  created_at: instant('When it was accepted.'),
  model: z.string().describe("The request's."),
  prompt: z.string().nullable(),
  messages: z
    .array(z.object({ role: z.string(), content: z.string(), name: z.string().exactOptional() }))
    .nullable(),
  metadata: z.record(z.string(), z.string()),
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

const runSummarySchema = schemaOf<RunSummaryView>('A run as lists show it.')({
  id: z.string(),
  object: z.literal('run'),
  status,
  created_at: instant('When it was accepted.'),
  model: z.string(),
  labels: z.array(z.string()),
  metadata: z.record(z.string(), z.string()),
  counts: z.object({ generations: z.int(), completed: z.int(), failed: z.int() }),
  usage: usageSchema,
  cost_usd: cost,
  mean_ttft_ms: ms('Mean ttft_ms of its completed generations.'),
  mean_tpot_ms: ms('Mean tpot_ms of its completed generations.'),
  error: errorSchema.nullable(),
}).register(COMPONENTS, { id: 'RunSummary' });

export const runListSchema = z
  .object({
    data: z.array(runSummarySchema),
    next_cursor: z.string().nullable().describe('For the next page; null on the last one.'),
  })
  .register(COMPONENTS, { id: 'RunList' });
