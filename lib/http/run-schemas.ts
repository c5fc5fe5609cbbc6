import * as z from 'zod';
import type { CheckResult, PassRate } from '../checks/check.ts';
import type { DiversityFigures } from '../diversity/figures.ts';
import type {
  FailedAttempt,
  Generation,
  GenerationError,
  Price,
  Spread,
  Timing,
  Trace,
  TraceChunk,
  TraceMarks,
  Usage,
} from '../runs/generation.ts';
import { RUN_STATUSES } from '../runs/run.ts';
import type { DiversityView, RunSummaryView, RunView } from '../runs/view.ts';
import type { SamplingReport } from '../sampling/setting.ts';

// Response schemas: for openapi.json and for tests. No function's bundle carries them.

const ms = (description: string) => z.number().nullable().describe(`${description} Milliseconds.`);
const count = (description: string) => z.int().nullable().describe(description);
const instant = (description: string) => z.iso.datetime().describe(description);

export const usageSchema = z
  .object({
    prompt_tokens: count('By the server; null when it did not say.'),
    completion_tokens: count('N. By the server; null when it did not say.'),
    reasoning_tokens: count('R, part of completion_tokens.'),
    cached_tokens: count('Part of prompt_tokens that the server had cached.'),
  })
  .describe("Tokens by the server's own count; null is unknown, never zero.") satisfies z.ZodType<Usage>;

export const spreadSchema = z
  .object({
    n: z.int(),
    mean: z.number().nullable(),
    std: z.number().nullable().describe('Of the sample.'),
    min: z.number().nullable(),
    p50: z.number().nullable(),
    p90: z.number().nullable(),
    p95: z.number().nullable().describe('From 20 values on.'),
    p99: z.number().nullable().describe('From 100 values on.'),
    max: z.number().nullable(),
  })
  .describe(
    'A summary of times in milliseconds; percentiles by linear interpolation.',
  ) satisfies z.ZodType<Spread>;

export const timingSchema = z
  .object({
    started_at: instant('t0 on the wall clock: immediately before the request was dispatched.'),
    ttfr_ms: ms('tR - t0: until the first event of any kind.'),
    ttft_ms: ms('t1 - t0: time to first token, which is the first non-empty payload.'),
    ttfo_ms: ms('tO - t0: until the first visible content.'),
    ttlt_ms: ms('tL - t0: until the last non-empty payload.'),
    e2e_ms: z.number().describe('tE - t0: until the end of the stream. Milliseconds.'),
    connect_ms: ms(
      'DNS, TCP and TLS of a new connection, 0 on a reused one; part of ttft_ms. Null: not observable.',
    ),
    tpot_ms: ms(
      'Time per output token: (tL - t1)/(N - 1); with reasoning that is counted but not streamed (tL - tO)/(V - 1), V = N - R.',
    ),
    seconds_per_token: z.number().nullable().describe('e2e_ms / 1000 / N, waiting included. Seconds.'),
    decode_tokens_per_second: z.number().nullable().describe('1000 / tpot_ms.'),
    tokens_per_second: z.number().nullable().describe('1000 * N / e2e_ms.'),
    chunk_gaps_ms: spreadSchema.describe('Gaps between consecutive non-empty chunks, one fewer than chunks.'),
    itl_ms: spreadSchema
      .nullable()
      .describe(
        'Inter-token latency: a chunk of k tokens after a gap g gives k samples of g/k. Null: k is not known.',
      ),
    token_count_source: z
      .enum(['usage', 'logprobs', 'continuous_usage', 'tokenizer', 'none'])
      .describe('Where token counts come from.'),
    chunk_density: z.number().nullable().describe('(streamed tokens - 1)/(chunks - 1).'),
    cold_start: z.boolean().describe("Whether this was the execution environment's first invocation."),
  })
  .describe(
    'Every figure of one generation, on one monotonic clock; null is unknown.',
  ) satisfies z.ZodType<Timing>;

const report = (description: string) => z.record(z.string(), z.unknown()).describe(description);

export const samplingSchema = z
  .object({
    requested: report('As asked for.'),
    sent: report('As sent to the model server.'),
    effective: report('As the server applied it; null where it did not, or is not known to.'),
    warnings: z.array(z.string()).describe('What was left out or changed, and why; when the model ends.'),
  })
  .describe('Sampling as asked for, as sent and as applied.') satisfies z.ZodType<SamplingReport>;

export const failedAttemptSchema = z
  .object({
    error: z.string().describe('A problem code.'),
    status: count("The server's HTTP status, where there was one."),
    waited_ms: z.number().describe('Waited after it, before the next try. Milliseconds.'),
    ttft_ms: ms('As of this attempt.'),
    e2e_ms: ms('As of this attempt.'),
  })
  .describe('A failed try before the one that counts.') satisfies z.ZodType<FailedAttempt>;

export const errorSchema = z
  .object({ code: z.string(), message: z.string() })
  .describe('Why it failed.') satisfies z.ZodType<GenerationError>;

export const priceSchema = z
  .object({
    source: z.string(),
    as_of: z.string(),
    input: z.number().exactOptional().describe('US dollars per million tokens.'),
    cached: z.number().exactOptional().describe('US dollars per million tokens.'),
    output: z.number().exactOptional().describe('US dollars per million tokens.'),
  })
  .describe(
    'What the cost was computed with: where the price comes from, of which date, and the rates.',
  ) satisfies z.ZodType<Price>;

export const checkResultSchema = z
  .object({
    type: z.enum(['contains', 'regex', 'json_schema', 'min_length', 'max_length']),
    passed: z.boolean(),
    message: z.string().nullable().describe('Why it did not pass; null when it did.'),
  })
  .describe('How an output did in one check.') satisfies z.ZodType<CheckResult>;

export const passRateSchema = z
  .object({
    n: z.int().describe('Outputs that ended with a text.'),
    passed: z.int().describe('Of these, those that passed every check.'),
    rate: z.number().nullable().describe('passed / n; null without any.'),
    interval: z
      .tuple([z.number(), z.number()])
      .nullable()
      .describe("95% interval of the rate (Wilson's); null without any."),
  })
  .describe("How many of a setting's outputs passed.") satisfies z.ZodType<PassRate>;

export const generationSchema = z
  .object({
    index: z.int().describe('setting x samples + sample.'),
    label: z.string().describe("The setting's."),
    sample: z.int(),
    status: z.enum(['completed', 'failed']),
    text: z.string().nullable(),
    finish_reason: z.string().nullable(),
    model: z.string().describe('The model that answered.'),
    provider: z
      .string()
      .exactOptional()
      .describe('The configured provider that was asked. Absent: the default model server.'),
    sampling: samplingSchema,
    usage: usageSchema,
    timing: timingSchema.nullable(),
    attempts: z.array(failedAttemptSchema),
    checks: z.array(checkResultSchema).describe("In the order of the request's; empty when it failed."),
    cost_usd: z
      .number()
      .nullable()
      .describe(
        '(prompt - cached)*pIn + cached*pCached + N*pOut. US dollars; null when the price is not known.',
      ),
    price: priceSchema.nullable(),
    output_sha256: z.string().nullable().describe('Of the text in UTF-8, in hex.'),
    vector_ids: z.array(z.string()),
    error: errorSchema.nullable(),
  })
  .describe('One output.') satisfies z.ZodType<Generation>;

const figure = (description: string) => z.number().nullable().describe(description);

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

export const diversityFiguresSchema = z
  .object({
    n: z.int().describe('Texts.'),
    embedding_diversity: figure('1 - mean cosine similarity over all pairs.'),
    embedding_diversity_interval: z
      .tuple([z.number(), z.number()])
      .nullable()
      .describe('95% interval, by the jackknife; null below three texts.'),
    ...outputFigures,
  })
  .describe(
    'How different the texts are; null below two texts, or unknown.',
  ) satisfies z.ZodType<DiversityFigures>;

export const diversitySchema = diversityFiguresSchema
  .extend({ by_label: z.record(z.string(), diversityFiguresSchema) })
  .describe("Of all outputs, and of each setting's.") satisfies z.ZodType<DiversityView>;

const status = z
  .enum(RUN_STATUSES)
  .describe(
    'generated: text is ready, being indexed. completed: indexed too, or indexing was not asked for.',
  );
const cost = z.number().nullable().describe('Sum of the known costs. US dollars; null when none is known.');

export const runSchema = z
  .object({
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
  })
  .describe('One prompt x settings x samples.') satisfies z.ZodType<RunView>;

export const runSummarySchema = z
  .object({
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
  })
  .describe('A run as lists show it.') satisfies z.ZodType<RunSummaryView>;

const mark = (description: string) => ms(`${description} After t0.`);

export const traceMarksSchema = z.object({
  t0_utc: instant('t0 on the wall clock.'),
  t0_monotonic_ms: z.number().describe("t0 on the machine's monotonic clock. Milliseconds."),
  completion_id: z.string().nullable().describe("The server's id of the completion."),
  tH: mark('Response headers.'),
  tR: mark('First event of any kind.'),
  t1: mark('First non-empty payload.'),
  tO: mark('First visible content.'),
  tL: mark('Last non-empty payload.'),
  tE: mark('End of the stream.'),
}) satisfies z.ZodType<TraceMarks>;

export const traceChunkSchema = z.object({
  t_ms: z.number().describe('When it arrived. Milliseconds after t0.'),
  text: z.string(),
  tokens: count('Tokens in it, where that is known.'),
  kind: z.enum(['reasoning', 'refusal', 'tool']).exactOptional().describe('Absent: visible content.'),
  logprobs: z.unknown().optional(),
}) satisfies z.ZodType<TraceChunk>;

export const traceSchema = z
  .object({ marks: traceMarksSchema, chunks: z.array(traceChunkSchema) })
  .describe('A generation token by token.') satisfies z.ZodType<Trace>;
