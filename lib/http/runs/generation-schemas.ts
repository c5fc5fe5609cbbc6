import * as z from 'zod';
import type { CheckResult } from '../../checks/check.ts';
import {
  type FailedAttempt,
  type Generation,
  type GenerationError,
  type Price,
  type Spread,
  type Timing,
  type TraceChunk,
  type TraceMarks,
  UNCERTAIN_FIGURES,
  type Usage,
} from '../../runs/generation.ts';
import type { PlacedReasoning, ReasoningItem } from '../../runs/reasoning.ts';
import type { ScoredToken, TokenLogprob } from '../../runs/token-logprobs.ts';
import type { TraceView } from '../../runs/trace-view.ts';
import type { SamplingReport } from '../../sampling/setting.ts';
import { COMPONENTS, schemaOf } from '../openapi/schema.ts';

// Response schemas for openapi.json and tests. No function's bundle contains them.

export const ms = (description: string) => z.number().nullable().describe(`${description} Milliseconds.`);
const count = (description: string) => z.int().nullable().describe(description);
export const instant = (description: string) => z.iso.datetime().describe(description);

export const usageSchema = schemaOf<Usage>('Tokens as counted by the server; null is unknown, never zero.')({
  prompt_tokens: count('Null when the server did not report it.'),
  completion_tokens: count('N. Null when the server did not report it.'),
  reasoning_tokens: count('R, part of completion_tokens.'),
  cached_tokens: count('Part of prompt_tokens that the server read from its cache.'),
}).register(COMPONENTS, { id: 'Usage' });

export const spreadSchema = schemaOf<Spread>(
  'A summary of times in milliseconds; percentiles by linear interpolation.',
)({
  n: z.int(),
  mean: z.number().nullable(),
  std: z.number().nullable().describe('Sample standard deviation.'),
  min: z.number().nullable(),
  p50: z.number().nullable(),
  p90: z.number().nullable(),
  p95: z.number().nullable().describe('Needs 20 values.'),
  p99: z.number().nullable().describe('Needs 100 values.'),
  max: z.number().nullable(),
}).register(COMPONENTS, { id: 'Spread' });

export const timingSchema = schemaOf<Timing>(
  'All timing figures of one generation, from one monotonic clock; null is unknown.',
)({
  started_at: instant('t0 on the wall clock: immediately before the request was dispatched.'),
  ttfr_ms: ms('tR - t0: until the first event of any kind.'),
  ttft_ms: ms('t1 - t0: time to first token, which is the first non-empty payload.'),
  ttfo_ms: ms('tO - t0: until the first visible content.'),
  ttlt_ms: ms('tL - t0: until the last non-empty payload.'),
  e2e_ms: z.number().describe('tE - t0: until the end of the stream. Milliseconds.'),
  connect_ms: ms(
    'DNS, TCP and TLS of a new connection, 0 on a reused one; part of ttft_ms. Null when not observable.',
  ),
  tpot_ms: ms(
    'Time per output token: (tL - t1)/(N - 1); with reasoning that is counted but not streamed: (tL - tO)/(V - 1), V = N - R.',
  ),
  seconds_per_token: z
    .number()
    .nullable()
    .describe('e2e_ms / 1000 / N, including the wait for the first token. Seconds.'),
  decode_tokens_per_second: z.number().nullable().describe('1000 / tpot_ms.'),
  tokens_per_second: z.number().nullable().describe('1000 * N / e2e_ms.'),
  chunk_gaps_ms: spreadSchema.describe('Gaps between consecutive non-empty chunks, one fewer than chunks.'),
  itl_ms: spreadSchema
    .nullable()
    .describe(
      'Inter-token latency: a chunk of k tokens after a gap g gives k samples of g/k. Null when k is unknown.',
    ),
  token_count_source: z
    .enum(['usage', 'logprobs', 'continuous_usage', 'tokenizer', 'none'])
    .describe('The source of the token counts.'),
  longest_gap_ms: ms('The longest of the gaps; null with fewer than two chunks.'),
  longest_gap_chunk: count(
    'Index in the trace of the chunk after that gap; null in runs of before 2026-11-30, whose trace names it.',
  ),
  chunk_density: z.number().nullable().describe('(streamed tokens - 1)/(chunks - 1).'),
  cold_start: z.boolean().describe("Whether this was the execution environment's first invocation."),
  uncertainty_ms: ms(
    'The longest that bytes which had arrived can have waited to be read, over the marks t1, tO, tL and tE: in 99 of 100 generations no time is wrong by more. Null where it cannot be measured, and in runs of before 2026-11-29.',
  ),
  uncertain: z
    .array(z.enum(UNCERTAIN_FIGURES))
    .describe('The figures whose own bound exceeds 5 ms and 5 % of them; comparisons leave these out.'),
}).register(COMPONENTS, { id: 'Timing' });

const report = (description: string) => z.record(z.string(), z.unknown()).describe(description);

export const samplingSchema = schemaOf<SamplingReport>('Sampling as requested, as sent and as applied.')({
  requested: report('As requested.'),
  sent: report('As sent to the model server.'),
  effective: report('As the server applied it; null for fields that it did not apply, or is not known to.'),
  warnings: z
    .array(z.string())
    .describe('Fields that were left out or changed, with the reason, and the shutdown date of the model.'),
}).register(COMPONENTS, { id: 'Sampling' });

const failedAttemptSchema = schemaOf<FailedAttempt>('A failed attempt before the final one.')({
  error: z.string().describe('A problem code.'),
  status: count("The server's HTTP status; null without a response."),
  waited_ms: z.number().describe('Wait after this attempt, before the next one. Milliseconds.'),
  ttft_ms: ms('Of this attempt.'),
  e2e_ms: ms('Of this attempt.'),
}).register(COMPONENTS, { id: 'FailedAttempt' });

export const errorSchema = schemaOf<{ code: string; message: string }>('The reason of a failure.')({
  code: z.string(),
  message: z.string(),
});

const generationErrorSchema = schemaOf<GenerationError>('The reason of a failure.')({
  code: z.string(),
  message: z.string(),
  server_code: z
    .string()
    .exactOptional()
    .describe("The code in the model server's own error, if it has one."),
  param: z
    .string()
    .exactOptional()
    .describe("The field that the model server's own error names, if it does."),
});

const priceSchema = schemaOf<Price>('The price behind the cost: its source, its date and its rates.')({
  source: z.string(),
  as_of: z.string(),
  input: z.number().exactOptional().describe('US dollars per million tokens.'),
  cached: z.number().exactOptional().describe('US dollars per million tokens.'),
  output: z.number().exactOptional().describe('US dollars per million tokens.'),
});

const checkResultSchema = schemaOf<CheckResult>('The result of one check of an output.')({
  type: z.enum(['contains', 'regex', 'json_schema', 'min_length', 'max_length']),
  passed: z.boolean(),
  message: z.string().nullable().describe('Why the check failed; null when it passed.'),
}).register(COMPONENTS, { id: 'CheckResult' });

export const toolCallSchema = z
  .union([
    z.object({
      id: z.string(),
      type: z.literal('function'),
      function: z.object({
        name: z.string(),
        arguments: z.string().describe('JSON as the model wrote it, which need not be valid.'),
      }),
    }),
    z.object({
      id: z.string(),
      type: z.literal('custom'),
      custom: z.object({ name: z.string(), input: z.string() }),
    }),
  ])
  .describe("A call of a tool, in the shape of OpenAI's chat completions.")
  .register(COMPONENTS, { id: 'ToolCall' });

const REASONING = {
  id: z.string(),
  summary: z
    .array(z.string())
    .describe(
      'Summaries of the reasoning, which its server writes beside the output: they are no tokens of it.',
    ),
  encrypted_content: z
    .string()
    .exactOptional()
    .describe('The reasoning as its server alone can read it: send it back in the next turn.'),
};

export const reasoningItemSchema = schemaOf<ReasoningItem>(
  'A reasoning item of a model server that speaks the Responses API.',
)(REASONING).register(COMPONENTS, { id: 'ReasoningItem' });

const placedReasoningSchema = schemaOf<PlacedReasoning>(
  'A reasoning item of an answer by the Responses API, and its place in it.',
)({
  ...REASONING,
  at: z
    .int()
    .describe('Its place among the items of the answer: reasoning, message and calls of tools, from 0.'),
}).register(COMPONENTS, { id: 'PlacedReasoning' });

export const generationSchema = schemaOf<Generation>('One output.')({
  index: z.int().describe('setting index x samples + sample index.'),
  label: z.string().describe('The label of its setting.'),
  sample: z.int(),
  status: z.enum(['completed', 'failed']),
  text: z.string().nullable(),
  tool_calls: z
    .array(toolCallSchema)
    .exactOptional()
    .describe(
      'The calls of tools that the model asks for; absent without any. everytoken executes none. The text beside them is often empty, and then has no vector.',
    ),
  reasoning: z
    .array(placedReasoningSchema)
    .exactOptional()
    .describe('Reasoning items, of a model server that speaks the Responses API; absent without any.'),
  not_stored: z
    .literal(true)
    .exactOptional()
    .describe(
      'The run has store: false, and has ended: text, output_sha256 and the texts of the trace are not stored. sampling has its numbers and switches, and error the words of its code.',
    ),
  finish_reason: z.string().nullable(),
  model: z.string().describe('The model that answered.'),
  provider: z
    .string()
    .exactOptional()
    .describe('The configured provider that served it; absent for the default model server.'),
  sampling: samplingSchema,
  usage: usageSchema,
  timing: timingSchema.nullable(),
  attempts: z.array(failedAttemptSchema),
  checks: z
    .array(checkResultSchema)
    .describe("In the order of the request's checks; empty for a failed generation."),
  cost_usd: z
    .number()
    .nullable()
    .describe('(prompt - cached)*pIn + cached*pCached + N*pOut. US dollars; null when the price is unknown.'),
  price: priceSchema.nullable(),
  output_sha256: z.string().nullable().describe('SHA-256 of the text in UTF-8, in hex.'),
  vector_ids: z.array(z.string()),
  not_indexed: z
    .literal('no_text')
    .exactOptional()
    .describe(
      'Why the output has no vector, though its run is indexed: it has no text, such as one that only calls tools. Absent for any other.',
    ),
  error: generationErrorSchema.nullable(),
  left_out: z
    .object({
      fields: z.array(z.enum(['text', 'tool_calls', 'reasoning', 'vector_ids', 'sampling'])),
      read_at: z.string().describe("The path of the whole generation, below the API's address."),
    })
    .exactOptional()
    .describe(
      'In a run of more than 5 MB, and in results of files: the fields that are null or empty here only because they are large.',
    ),
}).register(COMPONENTS, { id: 'Generation' });

const mark = (description: string) => ms(`${description} After t0.`);

const traceMarksSchema = schemaOf<TraceMarks>()({
  t0_utc: instant('t0 on the wall clock.'),
  t0_monotonic_ms: z.number().describe("t0 on the machine's monotonic clock. Milliseconds."),
  completion_id: z.string().nullable().describe("The server's id of the completion."),
  tH: mark('Response headers.'),
  tR: mark('First event of any kind.'),
  t1: mark('First non-empty payload.'),
  tO: mark('First visible content.'),
  tL: mark('Last non-empty payload.'),
  tE: mark('End of the stream.'),
});

const scoredTokenShape = {
  token: z.string(),
  logprob: z
    .number()
    .nullable()
    .describe('Natural logarithm of its probability; null when the server sent none.'),
  bytes: z
    .array(z.int())
    .nullable()
    .describe('Its bytes in UTF-8; null when it has none, or the server sent none.'),
};
const scoredTokenSchema = schemaOf<ScoredToken>('A token and its probability.')(scoredTokenShape).register(
  COMPONENTS,
  { id: 'ScoredToken' },
);

export const tokenLogprobSchema = schemaOf<TokenLogprob>(
  "A token of an output, in the shape of OpenAI's logprobs.",
)({
  ...scoredTokenShape,
  top_logprobs: z
    .array(scoredTokenSchema)
    .describe(
      'The most probable tokens at its place, up to top_logprobs of them; empty without it, and after the first 100,000 of an output.',
    ),
}).register(COMPONENTS, { id: 'TokenLogprob' });

const traceChunkSchema = schemaOf<TraceChunk>()({
  t_ms: z.number().describe('Arrival time. Milliseconds after t0.'),
  text: z.string(),
  tokens: count('Number of tokens; null when unknown.'),
  kind: z.enum(['reasoning', 'refusal', 'tool']).exactOptional().describe('Absent for visible content.'),
  call: z.int().exactOptional().describe('Of kind tool: the place of its call in tool_calls.'),
  logprobs: z
    .array(tokenLogprobSchema)
    .exactOptional()
    .describe('An entry for each of its tokens; absent unless logprobs were requested and sent.'),
}).register(COMPONENTS, { id: 'TraceChunk' });

export const traceSchema = schemaOf<TraceView>('The token timeline of a generation.')({
  marks: traceMarksSchema,
  longest_gaps: z
    .array(
      z.object({
        chunk: z.int().describe('Index of the chunk after the gap, from 0, in the whole trace.'),
        gap_ms: z.number().describe('Milliseconds.'),
      }),
    )
    .describe('Up to five of the longest gaps between chunks of the whole trace, longest first.'),
  chunks: z.array(traceChunkSchema).describe('Those that were asked for, as many as fit into 5 MB.'),
  next_after: count('The value of after for the next chunks; null when these are the last.'),
}).register(COMPONENTS, { id: 'Trace' });
