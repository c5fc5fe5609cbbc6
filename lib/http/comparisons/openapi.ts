import * as z from 'zod';
import type { ComparisonEstimate } from '../../comparisons/estimate.ts';
import type { ListedComparison } from '../../comparisons/list-entry.ts';
import { comparisonRequestSchema, MAX_COMPARED, MAX_RUNS } from '../../comparisons/request.ts';
import { type ComparedText, type ComparisonAnswer, TEXT_STATUSES } from '../../comparisons/texts.ts';
import {
  type Best,
  COMPARISON_STATUSES,
  type ComparedDiversity,
  type ComparedSetting,
  type ComparedSpread,
  type Difference,
  FIGURES,
  VERDICT_FIGURES,
  type Verdict,
} from '../../comparisons/view.ts';
import { budgetVerdictSchema, range, takenFields } from '../openapi/estimate-schemas.ts';
import {
  BODY,
  CURSOR,
  idempotencyKey,
  inPath,
  inQuery,
  LIMIT,
  locationOf,
  type Operation,
  type Operations,
  REPLAYED,
  SERVICES,
  SINCE,
  UNTIL,
  WAIT,
} from '../openapi/operation.ts';
import { COMPONENTS, changeAt, nextCursorSchema, requestSchema, schemaOf } from '../openapi/schema.ts';
import { errorSchema, samplingSchema, spreadSchema } from '../runs/generation-schemas.ts';
import { RUN_REQUEST_DESCRIPTIONS } from '../runs/openapi.ts';
import { figure, interval, outputFigures, passRateSchema } from '../runs/schemas.ts';

const comparedDiversitySchema = schemaOf<ComparedDiversity>(
  "How different a setting's outputs to the same prompt are; each figure is its mean over the prompts.",
)({
  prompts: z.int().describe('Prompts with at least two outputs of this setting.'),
  embedding_diversity: figure('1 - mean cosine similarity over the pairs of a prompt.'),
  embedding_diversity_interval: interval.describe(
    '95% interval for these prompts, from the combined jackknife errors of the prompts.',
  ),
  ...outputFigures,
}).register(COMPONENTS, { id: 'ComparedDiversity' });

const comparedSpreadSchema = schemaOf<ComparedSpread>(
  'A summary of times in milliseconds, with the intervals of two percentiles.',
)({
  ...spreadSchema.shape,
  p50_interval: interval.describe('95% interval of p50, whatever the distribution; null below 6 values.'),
  p90_interval: interval.describe('95% interval of p90, whatever the distribution; null below 29 values.'),
}).register(COMPONENTS, { id: 'ComparedSpread' });

const comparedSettingSchema = schemaOf<ComparedSetting>(
  'The figures of a setting. Times are in milliseconds.',
)({
  label: z.string(),
  model: z.string(),
  requested: z.record(z.string(), z.unknown()).describe('Sampling as requested.'),
  sampling: samplingSchema
    .nullable()
    .describe('As reported by one of its outputs; null until the comparison is completed.'),
  same_as: z
    .string()
    .nullable()
    .describe(
      'The label of an earlier setting that came to the same request: same model, same fields sent. This one is then in no difference.',
    ),
  n: z.int().describe('Completed generations.'),
  failed: z.int().describe('Failed generations; they are in none of the figures.'),
  errors: z
    .record(z.string(), z.int())
    .describe(
      'The failed generations by error code; not_generated for those that never began. Empty in comparisons that ended before 2026-11-29.',
    ),
  ttft_ms: comparedSpreadSchema,
  tpot_ms: comparedSpreadSchema,
  e2e_ms: comparedSpreadSchema,
  tokens_per_second: comparedSpreadSchema.describe('1000 * N / e2e_ms of each generation.'),
  uncertain: z
    .object({ ttft_ms: z.int(), tpot_ms: z.int(), e2e_ms: z.int() })
    .describe('Warm generations whose time is uncertain; the spread of that time excludes them.'),
  cold: z
    .object({ n: z.int(), ttft_ms: spreadSchema, e2e_ms: spreadSchema })
    .describe('Generations with a cold start; the spreads of times above exclude them.'),
  completion_tokens: spreadSchema.describe('Tokens of each generation.'),
  cost_usd: z.object({
    total: figure('Sum of the known costs. US dollars; null when none is known.'),
    mean: figure('Mean of a generation. US dollars.'),
    unpriced: z.int().describe('Generations whose price is unknown.'),
  }),
  objectives_met: z
    .int()
    .nullable()
    .describe('Generations that met every objective; null without objectives.'),
  goodput_per_s: figure(
    'objectives_met / wall time in seconds. The settings ran in the same time. Null without objectives.',
  ),
  pass_rate: passRateSchema.nullable().describe('Null without checks.'),
  diversity: comparedDiversitySchema.nullable(),
  left_out: z
    .object({
      fields: z.array(z.enum(['requested', 'sampling'])),
      read_at: z.string().describe("The path of the comparison's runs, below the API's address."),
    })
    .exactOptional()
    .describe(
      'In a comparison of more than 5 MB: the fields that are null or empty here only because of its size.',
    ),
}).register(COMPONENTS, { id: 'ComparedSetting' });

const differenceSchema = schemaOf<Difference>('The difference of two settings in a figure, block by block.')({
  a: z.string(),
  b: z.string(),
  figure: z.enum(FIGURES),
  n: z.int().describe('Pairs: blocks, or prompts for embedding_diversity.'),
  left_out: z.int().describe('Pairs that lack a value.'),
  left_out_by: z
    .object({ failed: z.int(), cold: z.int(), uncertain: z.int(), unknown: z.int() })
    .describe(
      'The pairs of left_out by the first reason that holds: a failed generation, a cold start (times only), an uncertain time of any setting in the block, a value that is not known.',
    ),
  difference: z
    .number()
    .nullable()
    .describe(
      'The median of a - b over the pairs; for pass_rate and embedding_diversity a - b. Null when no pair has both values.',
    ),
  interval: interval.describe(
    '95% interval of this difference alone, whatever the distribution; null with fewer than six pairs.',
  ),
  p: figure(
    'How often equal settings would show any difference as large, in any figure and pair. Null until the comparison has ended, and without a difference.',
  ),
  clear: z
    .boolean()
    .describe(
      'Whether the difference is larger than the noise: p is at most 0.045 and the interval excludes 0. Where all settings are equal, at most one comparison in twenty calls any difference clear.',
    ),
  finding: z.string().describe('The difference in words.'),
}).register(COMPONENTS, { id: 'Difference' });

const statusSchema = z
  .enum(COMPARISON_STATUSES)
  .describe('generated: every output exists and embeddings follow. The last three are final.');

const stoppedSchema = z
  .object({ code: z.enum(['cancelled', 'max_cost_reached']), at: z.iso.datetime() })
  .nullable()
  .describe('When its caller cancelled it; null otherwise.');

const listedComparisonSchema = schemaOf<ListedComparison>('A comparison without its figures.')({
  id: z.string(),
  object: z.literal('comparison'),
  name: z.string().nullable().describe('As given in the request.'),
  status: statusSchema,
  created_at: z.iso.datetime(),
  prompts: z.int(),
  samples: z.int(),
  settings: z
    .array(z.object({ label: z.string(), model: z.string() }))
    .describe('In the order of the request.'),
  models: z.array(z.string()).describe('The distinct models of the settings.'),
  progress: z.object({
    blocks: z.int().describe('Prompts x samples; each block is a run.'),
    done: z.int().describe('Blocks of which every generation has been answered or has failed.'),
    generations: z.int().describe('Blocks x settings.'),
  }),
  stopped: stoppedSchema,
  error: errorSchema
    .nullable()
    .describe('Why the comparison could not be taken in; null otherwise, also when generations failed.'),
}).register(COMPONENTS, { id: 'ComparisonSummary' });

export const comparisonListSchema = z
  .object({
    data: z.array(listedComparisonSchema),
    next_cursor: nextCursorSchema,
  })
  .register(COMPONENTS, { id: 'ComparisonList' });

const comparedTextSchema = schemaOf<ComparedText>('The output of one setting in a block.')({
  label: z.string(),
  run_id: z.string(),
  index: z.int().describe('Of the generation in its run.'),
  status: z
    .enum(TEXT_STATUSES)
    .describe(
      'pending: not generated yet. absent: never generated, since the comparison was stopped before, or its run is no longer kept. deleted: its run was deleted.',
    ),
  text: z.string().nullable().describe('Null unless it is completed and not left out.'),
  passed: z
    .boolean()
    .nullable()
    .describe('Whether all checks passed; null without checks or without a text.'),
  left_out: z
    .object({
      fields: z.array(z.enum(['text'])),
      read_at: z.string().describe("The path of the generation, below the API's address."),
    })
    .exactOptional()
    .describe('In an answer of more than 5 MB: the text is null here only because of its size.'),
}).register(COMPONENTS, { id: 'ComparedText' });

const blockTextsSchema = z.object({
  block: z.int().describe('From 1 on, in the order in which they began.'),
  prompt: z.int().describe("The prompt's place in the request, from 0 on."),
  outputs: z.array(comparedTextSchema).describe('One for each setting, in the order of the request.'),
});

const bestSchema = schemaOf<Best>('The setting that is best in a figure.')({
  label: z
    .string()
    .nullable()
    .describe('Null when the best ones are equal, or fewer than two settings have six known values.'),
  figure: z.enum(VERDICT_FIGURES).describe('The figure that this rests on.'),
  clear: z.boolean().describe('Whether it is clearly better than every other setting.'),
  not_told_from: z
    .array(z.string())
    .describe('The settings that it is not clearly better than, and those with too few known values.'),
  sentence: z.string().describe('The same in words, with the reason where no setting is named.'),
}).register(COMPONENTS, { id: 'Best' });

const verdictSchema = schemaOf<Verdict>(
  'The result of the comparison, in words and as data. Speed is the time to the end of an answer.',
)({
  summary: z
    .string()
    .describe(
      'The result in words: the unbeaten settings, those without an answer and why, and the figures that are not known.',
    ),
  fastest: bestSchema,
  cheapest: bestSchema,
  most_diverse: bestSchema,
  most_often_right: bestSchema,
  unbeaten: z
    .array(z.string())
    .describe(
      'The settings that nothing beats. One setting beats another when it is clearly better in speed, cost or pass rate and clearly worse in none of these nor in diversity; diversity alone beats nothing. Where settings beat each other in a circle, none of them counts as beaten by it.',
    ),
  beaten: z.array(
    z.object({
      label: z.string(),
      by: z.string(),
      better_in: z.array(z.enum(VERDICT_FIGURES)).describe('The figures in which `by` is clearly better.'),
      sentence: z.string().describe('The same in words.'),
    }),
  ),
  untold: z
    .array(
      z.object({
        a: z.string(),
        b: z.string(),
        figure: z.enum(VERDICT_FIGURES),
        more_blocks: z
          .int()
          .nullable()
          .describe(
            'More blocks of which eight in ten comparisons would tell the difference, if it stays as it is; null where no sensible number would.',
          ),
        sentence: z
          .string()
          .describe('The same in words, with the reason where too few blocks can be compared.'),
      }),
    )
    .describe(
      'The pairs that cannot be told apart in a figure of the verdict; not those that are the same in every block.',
    ),
}).register(COMPONENTS, { id: 'Verdict' });

export const comparisonSchema = schemaOf<ComparisonAnswer>('Prompts x settings x samples, compared.')({
  id: z.string(),
  object: z.literal('comparison'),
  name: z.string().nullable().describe('As given in the request.'),
  status: statusSchema,
  created_at: z.iso.datetime(),
  prompts: z.int(),
  samples: z.int(),
  objectives: z
    .object({
      max_ttft_ms: z.number().exactOptional(),
      max_e2e_ms: z.number().exactOptional(),
      max_tpot_ms: z.number().exactOptional(),
    })
    .nullable(),
  metadata: z.record(z.string(), z.string()),
  progress: z.object({
    blocks: z.int().describe('Prompts x samples; each block is a run.'),
    done: z.int().describe('Blocks of which every generation has been answered or has failed.'),
    generations: z.int().describe('Blocks x settings.'),
    completed: z.int().describe('Generations with an answer, of all settings.'),
    failed: z.int().describe('Generations without one, of all settings; the errors of each setting say why.'),
  }),
  settings: z.array(comparedSettingSchema).describe('In the order of the request.'),
  differences: z.array(differenceSchema).describe('Empty until every block is done.'),
  verdict: verdictSchema
    .nullable()
    .describe('Null until the comparison has ended and its vectors are there.'),
  warm_up: z
    .object({
      runs: z.int(),
      failed: z.int(),
      cost_usd: figure('US dollars; null when unknown.'),
      excluded: z.literal(true),
    })
    .describe('A small request to each model before the first block; it is in none of the figures.'),
  cold_starts: z.object({
    n: z.int().describe('Generations of all settings with a cold start; the times exclude them.'),
  }),
  wall_time_ms: figure('From the first dispatch to the last end of the measured generations. Milliseconds.'),
  stopped: stoppedSchema,
  notes: z.array(z.string()).describe('Notes on how the figures were obtained and what they lack.'),
  error: errorSchema
    .nullable()
    .describe('Why the comparison could not be taken in; null otherwise, also when generations failed.'),
  texts: z
    .array(blockTextsSchema)
    .nullable()
    .describe(
      'The outputs, block by block; null until the comparison has ended, unless `texts=true`. Read from the runs each time, so that a deleted run leaves no text here.',
    ),
}).register(COMPONENTS, { id: 'Comparison' });

export const estimateSchema = schemaOf<ComparisonEstimate>(
  'The expected tokens, cost and time of a comparison.',
)({
  object: z.literal('comparison.estimate'),
  blocks: z.int(),
  generations: z.int().describe('Blocks x settings.'),
  warm_ups: z.int().describe('In the tokens and the cost, but neither in the settings nor in the time.'),
  ...takenFields,
  unpriced: z.array(z.string()).describe('The models whose price is unknown.'),
  wall_time_ms: range('From the first dispatch to the last end of the measured generations. Milliseconds.'),
  blocks_at_once: z.int(),
  settings: z.array(
    z.object({
      label: z.string(),
      model: z.string(),
      generations: z.int(),
      ...takenFields,
      e2e_ms: range('Of one generation. Milliseconds.'),
      earlier_outputs: z.int().describe("The caller's earlier outputs of the model that this rests on."),
    }),
  ),
  budget: budgetVerdictSchema,
  based_on: z.array(z.string()).describe('The sources of the figures, in sentences.'),
}).register(COMPONENTS, { id: 'ComparisonEstimate' });

/** Field descriptions of POST /comparisons; the fields of a run keep theirs. */
const DESCRIPTIONS: Record<string, string> = {
  ...RUN_REQUEST_DESCRIPTIONS,
  name: 'A name for people; up to 200 characters.',
  prompts: 'The prompts for every setting: texts, or objects with messages.',
  settings: 'Labelled choices of model and sampling to compare; each overrides the fields of the request.',
  samples: 'Outputs of each setting for each prompt; 1 by default. Diversity needs two.',
  index: 'Whether outputs are embedded for search; true by default. Embedding diversity needs it.',
  objectives: 'Limits that a generation must all keep to count for goodput_per_s.',
  max_ttft_ms: 'Maximum milliseconds to the first token.',
  max_e2e_ms: 'Maximum milliseconds to the end.',
  max_tpot_ms: 'Maximum milliseconds per output token.',
  metadata:
    'Up to 12 pairs of your own, given to every run; comparison, block, prompt and warm_up are added.',
};

/** A prompt may also be a plain text; the parser wraps it into an object. */
const orText = (prompt: object) => ({ anyOf: [{ type: 'string' }, prompt] });

const REQUEST = {
  name: 'ComparisonRequest',
  schema: {
    ...changeAt(requestSchema(comparisonRequestSchema, DESCRIPTIONS), 'properties.prompts.items', orText),
    description: `Prompts x settings x samples, at most ${MAX_COMPARED} generations in ${MAX_RUNS} runs. Null means absent.`,
  },
};

const ID = inPath('id', "The comparison's.");

const NO_COMPARISON: Operation['problems'] = { 404: ['not_found'], 410: ['gone'] };

export const COMPARISON_OPERATIONS: Operations<'/comparisons'> = {
  'POST /comparisons': {
    operationId: 'createComparison',
    summary: 'Compares settings and models over prompts and samples',
    description:
      'Every prompt runs with every setting, samples times, in complete blocks in random order. A warm-up request to each model goes first and is excluded.',
    parameters: [idempotencyKey('comparison')],
    body: REQUEST,
    answers: {
      202: {
        description: 'Accepted; read it at the URL in Location.',
        headers: { ...locationOf('comparison'), ...REPLAYED },
        json: comparisonSchema,
      },
    },
    problems: {
      ...BODY,
      400: ['invalid_input', 'sampling_not_applied', 'empty_body', 'invalid_json'],
      410: ['gone'],
      413: ['body_too_large', 'prompt_too_large', 'fields_too_large'],
      422: ['idempotency_key_reused'],
      ...SERVICES,
    },
  },
  'POST /comparisons/estimate': {
    operationId: 'estimateComparison',
    summary: 'Estimates the tokens, cost and time of a comparison',
    description:
      "Takes the body of POST /comparisons and refuses what that would refuse; generates and stores nothing. The caller's last runs tell the typical length and speed of outputs.",
    body: REQUEST,
    answers: { 200: { description: 'The estimate.', json: estimateSchema } },
    problems: {
      ...BODY,
      400: ['invalid_input', 'sampling_not_applied', 'empty_body', 'invalid_json'],
      413: ['body_too_large', 'prompt_too_large', 'fields_too_large'],
      ...SERVICES,
    },
  },
  'GET /comparisons': {
    operationId: 'listComparisons',
    summary: "Lists the caller's comparisons, newest first",
    parameters: [
      LIMIT,
      CURSOR,
      inQuery('status', 'Comparisons with this status.', { type: 'string', enum: COMPARISON_STATUSES }),
      SINCE,
      UNTIL,
    ],
    answers: { 200: { description: 'A page.', json: comparisonListSchema } },
    problems: { 400: ['invalid_input'], ...SERVICES },
  },
  'GET /comparisons/{id}': {
    operationId: 'readComparison',
    summary: 'Reads a comparison: summaries, the differences that are larger than the noise, and the texts',
    parameters: [
      ID,
      inQuery(
        'texts',
        'Whether the answer has the texts of the outputs: by default once the comparison has ended; `true` also has those so far, `false` leaves them null.',
        { type: 'string', enum: ['true', 'false'] },
      ),
      ...WAIT,
    ],
    answers: { 200: { description: 'The comparison.', json: comparisonSchema } },
    problems: { 400: ['invalid_input'], ...NO_COMPARISON, ...SERVICES },
  },
  'DELETE /comparisons/{id}': {
    operationId: 'deleteComparison',
    summary: 'Deletes a comparison with its runs, their outputs and their vectors',
    description:
      'It can no longer be read and nothing more of it begins; within half an hour everything of it is gone. Runs under way are deleted with it. Its usage stays counted.',
    parameters: [ID],
    answers: { 204: { description: 'Deleted.' } },
    problems: { 400: ['invalid_input'], ...NO_COMPARISON, ...SERVICES },
  },
  'POST /comparisons/{id}/cancel': {
    operationId: 'stopComparison',
    summary: 'Stops a comparison',
    description:
      'Ends within a minute. Blocks that had not begun are not generated and count as failed; blocks under way are cancelled after 30 s. What was generated stays. Does nothing when the comparison has ended. The answer has no texts.',
    parameters: [ID],
    answers: { 200: { description: 'The comparison.', json: comparisonSchema } },
    problems: { ...NO_COMPARISON, ...SERVICES },
  },
};
