import { own } from '../json/value.ts';
import type { Generation, Spread } from '../runs/generation.ts';
import { knownSum, type UsagePart } from '../runs/list/parts.ts';
import type { RunRequest } from '../runs/request.ts';
import type { GenerationFigures, Run } from '../runs/run.ts';
import type { ToolCall } from '../runs/tool-call.ts';
import type { DiversityView } from '../runs/view.ts';
import { reportedRequest, type Setting } from '../sampling/setting.ts';

/** The type of a column: an instant is ISO 8601 in UTC, a double or an integer a number, json any JSON value. */
export type ColumnKind = 'text' | 'integer' | 'double' | 'boolean' | 'instant' | 'json';

export type Column = {
  name: string;
  kind: ColumnKind;
  description: string;
  /** The value of a row; undefined is null. */
  read: (row: ExportRow) => unknown;
};

/** The facts that a row is made of. A run without generations has one row, whose `output` is null. */
export type ExportRow = {
  run: Pick<
    Run,
    'id' | 'status' | 'createdAt' | 'model' | 'store' | 'conversation' | 'previousRun' | 'file' | 'metadata'
  >;
  error: { code: string; message: string } | null;
  output: ExportedOutput | null;
  /** Of a deleted run: what its outputs of one setting used together. Its rows are one a setting. */
  used: UsagePart | null;
  prompt: string | null;
  messages: RunRequest['messages'] | null;
  text: string | null;
  toolCalls: ToolCall[] | null;
  /** The place of the row: an export with this cursor begins with the row after it. */
  cursor: string;
};

type ExportedOutput = {
  index: number;
  label: string;
  sample: number;
  requestedModel: string;
  /** Undefined where the request can no longer be read. */
  setting: Setting | undefined;
  figures: GenerationFigures;
  /** The stored output; undefined when its object is gone. */
  generation: Generation | undefined;
  diversity: DiversityView['by_label'][string] | undefined;
};

type Reader<T> = (from: T) => unknown;

const ofOutput =
  (read: Reader<ExportedOutput>): Column['read'] =>
  ({ output }) =>
    output && read(output);

/** A figure that is known of a deleted run, too. */
const counted =
  (read: Column['read'], ofUsed: Reader<UsagePart>): Column['read'] =>
  (row) =>
    row.used ? ofUsed(row.used) : read(row);

const ofGeneration = (read: Reader<Generation>) =>
  ofOutput(({ generation }) => generation && read(generation));

const ofTiming = (read: Reader<NonNullable<Generation['timing']>>) =>
  ofGeneration(({ timing }) => timing && read(timing));

/** A figure that the run's item has, too: its copy stands in where the output is gone. */
const kept = (read: Reader<Generation>, fallback: Reader<GenerationFigures>) =>
  ofOutput(({ generation, figures }) => (generation ? read(generation) : fallback(figures)));

/** A requested field of the settings; extra_body can hold fields of other types, which only `requested` shows. */
const ofRequested = (name: string, type: 'number' | 'integer' | 'string') =>
  ofOutput((output) => {
    const value = own(requestedOf(output), name);
    return typeof value === type || (type === 'integer' && Number.isSafeInteger(value)) ? value : null;
  });

const requestedOf = ({ generation, setting }: ExportedOutput): Record<string, unknown> =>
  generation?.sampling.requested ?? (setting ? reportedRequest(setting) : {});

const column = (name: string, kind: ColumnKind, read: Column['read'], description: string): Column => ({
  name,
  kind,
  description,
  read,
});

const SPREAD = [
  ['n', 'integer', 'Number of values.'],
  ['mean', 'double', 'Mean.'],
  ['std', 'double', 'Sample standard deviation.'],
  ['min', 'double', 'Least.'],
  ['p50', 'double', 'Median.'],
  ['p90', 'double', '90th percentile.'],
  ['p95', 'double', '95th percentile; needs 20 values.'],
  ['p99', 'double', '99th percentile; needs 100 values.'],
  ['max', 'double', 'Greatest.'],
] as const satisfies [keyof Spread, ColumnKind, string][];

/** The columns of a summary: `chunk_gaps_n`, `chunk_gaps_mean_ms` and so on. */
const spreadColumns = (
  prefix: string,
  what: string,
  read: (timing: NonNullable<Generation['timing']>) => Spread | null,
): Column[] =>
  SPREAD.map(([field, kind, description]) =>
    column(
      field === 'n' ? `${prefix}_n` : `${prefix}_${field}_ms`,
      kind,
      ofTiming((timing) => read(timing)?.[field]),
      `${what}: ${description[0]?.toLowerCase()}${description.slice(1, -1)}${field === 'n' ? '.' : ', in ms.'}`,
    ),
  );

const GONE = {
  code: 'output_gone',
  message: "the stored output is gone; the row has the figures of its run's record",
};

const errorOf = ({ output, error }: ExportRow): { code: string; message: string } | null => {
  if (!output) return error;
  if (!output.generation) return GONE;
  return output.generation.error;
};

const diversity = (name: keyof NonNullable<ExportedOutput['diversity']>, description: string) =>
  column(
    name,
    'double',
    ofOutput(({ diversity: figures }) => figures?.[name]),
    description,
  );

/**
 * The columns of an export, in their order: keys of JSON Lines, header of CSV, schema of Parquet. The columns
 * `metadata.KEY` that a request asks for follow `metadata`; `cursor` is the last one.
 */
export const COLUMNS: readonly Column[] = [
  column('run_id', 'text', ({ run }) => run.id, 'The id of the run.'),
  column(
    'index',
    'integer',
    ofOutput(({ index }) => index),
    'setting index x samples + sample index.',
  ),
  column(
    'label',
    'text',
    counted(
      ofOutput(({ label }) => label),
      ({ label }) => label,
    ),
    'The label of its setting.',
  ),
  column(
    'sample',
    'integer',
    ofOutput(({ sample }) => sample),
    'The index of the sample.',
  ),
  column('run_status', 'text', ({ run }) => run.status, 'The status of the run.'),
  column(
    'generations',
    'integer',
    ({ output, used }) => (used ? used.completed + used.failed : output ? 1 : 0),
    'How many generations the row stands for: 1; 0 for a run without any; of a deleted run all of a setting.',
  ),
  column(
    'status',
    'text',
    ofOutput(({ figures }) => figures.status),
    'completed or failed.',
  ),
  column('created_at', 'instant', ({ run }) => run.createdAt, 'When the run was accepted.'),
  column(
    'started_at',
    'instant',
    kept(
      ({ timing }) => timing?.started_at,
      ({ startedAt }) => (startedAt === null ? null : new Date(startedAt).toISOString()),
    ),
    't0 on the wall clock: immediately before the request was dispatched.',
  ),
  column(
    'finish_reason',
    'text',
    ofGeneration((generation) => generation.finish_reason),
    'Why it ended.',
  ),
  column('file_id', 'text', ({ run }) => run.file?.fileId, 'The prompt file or comparison of the run.'),
  column('file_line', 'integer', ({ run }) => run.file?.line, 'The line of that file.'),
  column(
    'requested_model',
    'text',
    ({ output, used, run }) => (used ? used.model : (output?.requestedModel ?? run.model)),
    'The requested model, provider/model for a configured provider.',
  ),
  column(
    'model',
    'text',
    kept(
      ({ model }) => model,
      (figures) => figures.model || null,
    ),
    'The model that answered.',
  ),
  column(
    'provider',
    'text',
    ofGeneration(({ provider }) => provider),
    'The configured provider that served it; null for the default model server.',
  ),
  column('temperature', 'double', ofRequested('temperature', 'number'), 'As requested.'),
  column('top_p', 'double', ofRequested('top_p', 'number'), 'As requested.'),
  column('top_k', 'integer', ofRequested('top_k', 'integer'), 'As requested.'),
  column('frequency_penalty', 'double', ofRequested('frequency_penalty', 'number'), 'As requested.'),
  column('presence_penalty', 'double', ofRequested('presence_penalty', 'number'), 'As requested.'),
  column('seed', 'integer', ofRequested('seed', 'integer'), 'As requested.'),
  column('max_tokens', 'integer', ofRequested('max_tokens', 'integer'), 'As requested.'),
  column('reasoning_effort', 'text', ofRequested('reasoning_effort', 'string'), 'As requested.'),
  column('requested', 'json', ofOutput(requestedOf), 'All requested sampling.'),
  column(
    'sent',
    'json',
    ofGeneration(({ sampling }) => sampling.sent),
    'Sampling as sent.',
  ),
  column(
    'effective',
    'json',
    ofGeneration(({ sampling }) => sampling.effective),
    'Sampling as the server applied it; null for fields that it did not apply, or is not known to.',
  ),
  column(
    'sampling_warnings',
    'json',
    ofGeneration(({ sampling }) => sampling.warnings),
    'Fields that were left out or changed, with the reason: a list of texts.',
  ),
  column(
    'prompt_tokens',
    'integer',
    counted(
      kept(
        ({ usage }) => usage.prompt_tokens,
        ({ promptTokens }) => promptTokens,
      ),
      (part) => knownSum(part, 'promptTokens'),
    ),
    'As counted by the server.',
  ),
  column(
    'completion_tokens',
    'integer',
    counted(
      kept(
        ({ usage }) => usage.completion_tokens,
        ({ completionTokens }) => completionTokens,
      ),
      (part) => knownSum(part, 'completionTokens'),
    ),
    'N, as counted by the server.',
  ),
  column(
    'reasoning_tokens',
    'integer',
    counted(
      kept(
        ({ usage }) => usage.reasoning_tokens,
        ({ reasoningTokens }) => reasoningTokens,
      ),
      (part) => knownSum(part, 'reasoningTokens'),
    ),
    'R, part of completion_tokens.',
  ),
  column(
    'cached_tokens',
    'integer',
    ofGeneration(({ usage }) => usage.cached_tokens),
    'Part of prompt_tokens that the server read from its cache.',
  ),
  column(
    'ttfr_ms',
    'double',
    ofTiming((timing) => timing.ttfr_ms),
    'tR - t0.',
  ),
  column(
    'ttft_ms',
    'double',
    kept(
      ({ timing }) => timing?.ttft_ms,
      ({ ttftMs }) => ttftMs,
    ),
    't1 - t0: time to first token.',
  ),
  column(
    'ttfo_ms',
    'double',
    ofTiming((timing) => timing.ttfo_ms),
    'tO - t0.',
  ),
  column(
    'ttlt_ms',
    'double',
    ofTiming((timing) => timing.ttlt_ms),
    'tL - t0.',
  ),
  column(
    'e2e_ms',
    'double',
    kept(
      ({ timing }) => timing?.e2e_ms,
      ({ e2eMs }) => e2eMs,
    ),
    'tE - t0.',
  ),
  column(
    'connect_ms',
    'double',
    ofTiming((timing) => timing.connect_ms),
    'DNS, TCP and TLS of a new connection; part of ttft_ms.',
  ),
  column(
    'tpot_ms',
    'double',
    kept(
      ({ timing }) => timing?.tpot_ms,
      ({ tpotMs }) => tpotMs,
    ),
    'Time per output token: (tL - t1)/(N - 1).',
  ),
  column(
    'seconds_per_token',
    'double',
    ofTiming((timing) => timing.seconds_per_token),
    'e2e_ms / 1000 / N.',
  ),
  column(
    'decode_tokens_per_second',
    'double',
    ofTiming((timing) => timing.decode_tokens_per_second),
    '1000 / tpot_ms.',
  ),
  column(
    'tokens_per_second',
    'double',
    ofTiming((timing) => timing.tokens_per_second),
    '1000 * N / e2e_ms.',
  ),
  ...spreadColumns('chunk_gaps', 'Gaps between non-empty chunks', (timing) => timing.chunk_gaps_ms),
  ...spreadColumns('itl', 'Inter-token latency', (timing) => timing.itl_ms),
  column(
    'token_count_source',
    'text',
    ofTiming((timing) => timing.token_count_source),
    'usage, logprobs, continuous_usage, tokenizer or none.',
  ),
  column(
    'chunk_density',
    'double',
    ofTiming((timing) => timing.chunk_density),
    '(streamed tokens - 1)/(chunks - 1).',
  ),
  column(
    'cold_start',
    'boolean',
    kept(
      ({ timing }) => timing?.cold_start,
      ({ coldStart }) => coldStart,
    ),
    "Whether it was the execution environment's first invocation.",
  ),
  column(
    'uncertainty_ms',
    'double',
    ofTiming((timing) => timing.uncertainty_ms),
    'The longest that bytes of a mark waited to be read.',
  ),
  column(
    'uncertain',
    'json',
    kept(
      ({ timing }) => timing?.uncertain,
      (figures) => figures.uncertain,
    ),
    'Names of the figures whose own bound exceeds 5 ms and 5 % of them: a list of texts.',
  ),
  column(
    'longest_gap_ms',
    'double',
    ofOutput(({ figures, generation }) => figures.longestGapMs ?? generation?.timing?.chunk_gaps_ms.max),
    'The longest time between two chunks.',
  ),
  column(
    'attempts',
    'integer',
    ofGeneration(({ attempts }) => attempts.length),
    'Failed attempts before the one that counts.',
  ),
  column(
    'checks_passed',
    'boolean',
    ofOutput(({ figures }) => figures.passed),
    'Whether all checks passed; null without checks.',
  ),
  column(
    'cost_usd',
    'double',
    counted(
      kept(
        (generation) => generation.cost_usd,
        ({ costUsd }) => costUsd,
      ),
      (part) => knownSum(part, 'costUsd'),
    ),
    'US dollars; null when the price is unknown.',
  ),
  column(
    'price_source',
    'text',
    ofGeneration(({ price }) => price?.source),
    'Where the price is from.',
  ),
  column(
    'price_as_of',
    'text',
    ofGeneration(({ price }) => price?.as_of),
    'The date of the price.',
  ),
  column(
    'diversity_n',
    'integer',
    ofOutput(({ diversity: figures }) => figures?.n),
    "Texts of this label in the run, which the run's diversity figures compare.",
  ),
  diversity('embedding_diversity', '1 - mean cosine similarity over all pairs of the label.'),
  diversity('vendi', 'Vendi score of the label; from 1 to n.'),
  diversity('distinct_1', 'Unique words / all words of the label.'),
  diversity('distinct_2', 'Unique 2-grams / all 2-grams of the label.'),
  diversity('distinct_3', 'Unique 3-grams / all 3-grams of the label.'),
  diversity('self_bleu_4', 'Mean BLEU-4 of each text of the label against the others.'),
  diversity('compression_ratio', 'UTF-8 bytes of the texts of the label / their gzip bytes.'),
  diversity('duplicate_rate', '1 - unique texts / n of the label.'),
  column(
    'output_sha256',
    'text',
    ofOutput(({ figures }) => figures.sha256),
    'SHA-256 of the text in UTF-8, in hex.',
  ),
  column(
    'error_code',
    'text',
    (row) => errorOf(row)?.code,
    'Why the generation failed, or the run without generations; output_gone when the output is no longer stored.',
  ),
  column('error_message', 'text', (row) => errorOf(row)?.message, 'The same in words.'),
  column(
    'store',
    'boolean',
    ({ run }) => run.store,
    'False: the run was asked for with store: false, and has no texts once it has ended.',
  ),
  column(
    'conversation',
    'text',
    ({ run }) => run.conversation,
    'The conversation that the run is a turn of: its name, or the id of its first run, in which it is null.',
  ),
  column('previous_run', 'text', ({ run }) => run.previousRun, 'The run before it in its conversation.'),
  column('metadata', 'json', ({ run }) => run.metadata, 'The metadata of the run.'),
  column(
    'prompt',
    'text',
    ({ prompt }) => prompt,
    'The first 120 characters of the prompt, or of the last message; with texts=true the whole prompt.',
  ),
  column(
    'messages',
    'json',
    ({ messages }) => messages,
    'With texts=true: the messages of a run that has messages instead of a prompt; else null.',
  ),
  column(
    'text',
    'text',
    ({ text }) => text,
    'The first 120 characters of the output; with texts=true all of it.',
  ),
  column(
    'tool_calls',
    'json',
    ({ toolCalls }) => toolCalls,
    'With texts=true: the calls of tools that the model asked for; null without any.',
  ),
  column(
    'cursor',
    'text',
    ({ cursor }) => cursor,
    'The place of the row: cursor= with this value goes on after it.',
  ),
];

/** The columns of a request: those of metadata keys that it asks for stand behind `metadata`. */
export const columnsWith = (metadataKeys: readonly string[]): Column[] =>
  COLUMNS.flatMap((each) =>
    each.name === 'metadata' ? [each, ...metadataKeys.map(metadataColumn)] : [each],
  );

const metadataColumn = (key: string): Column =>
  column(`metadata.${key}`, 'text', ({ run }) => own(run.metadata, key), `The metadata value of ${key}.`);
