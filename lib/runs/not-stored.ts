import type { SamplingReport } from '../sampling/setting.ts';
import { failureOf } from './failure.ts';
import type { Generation, OutputObject, Trace, TraceChunk } from './generation.ts';
import type { RunRequest } from './request.ts';
import { hasEnded, type Run } from './run.ts';

/** Whether a run no longer has texts: it was asked for with `store: false`, and it has ended. */
export const isTextless = (run: Pick<Run, 'store' | 'status'>): boolean => !run.store && hasEnded(run);

/** The request of a run that no longer has its texts: its settings are in the reports of its outputs. */
export const textlessRequest = ({ model, samples, index, metadata, conversation }: Run): RunRequest => ({
  ...{ model, samples, index, metadata, conversation },
  prompt: null,
  messages: [],
  settings: [],
  stream: false,
  background: false,
  store: false,
  strictSampling: false,
  checks: [],
});

/** Requested fields whose values are words that OpenAI's API defines. All other words are the caller's own. */
const WORDS = new Set(['reasoning_effort', 'reasoning_summary', 'verbosity']);

/** Fields with numbers, booleans and defined words: no value that can hold a text of the caller. */
const withoutOwnWords = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([name, value]) =>
        value === null ||
        typeof value === 'number' ||
        typeof value === 'boolean' ||
        (typeof value === 'string' && WORDS.has(name)),
    ),
  );

const textlessSampling = ({ requested, sent, effective, warnings }: SamplingReport): SamplingReport => ({
  requested: withoutOwnWords(requested),
  sent: withoutOwnWords(sent),
  effective: withoutOwnWords(effective),
  warnings,
});

/**
 * A generation with its figures, and without anything that the caller or the model wrote, or a hash of it. Fields are
 * named one by one, so that a new one is not kept unless it stands here.
 */
export const withoutTexts = (generation: Generation): Generation => ({
  index: generation.index,
  label: generation.label,
  sample: generation.sample,
  status: generation.status,
  text: null,
  not_stored: true,
  finish_reason: generation.finish_reason,
  model: generation.model,
  ...(generation.provider !== undefined && { provider: generation.provider }),
  sampling: textlessSampling(generation.sampling),
  usage: generation.usage,
  timing: generation.timing,
  attempts: generation.attempts,
  checks: generation.checks,
  cost_usd: generation.cost_usd,
  price: generation.price,
  output_sha256: null,
  vector_ids: [],
  error: failureOf(generation),
});

/** The times of a trace, with an empty text for each chunk. */
const textlessTrace = ({ marks, chunks }: Trace): Trace => ({
  marks,
  chunks: chunks.map(
    ({ t_ms, tokens, kind }): TraceChunk => ({ t_ms, text: '', tokens, ...(kind && { kind }) }),
  ),
});

/** An output as a run stores it: without texts for a run with `store: false`. */
export const storedOutput = (run: Pick<Run, 'store'>, output: OutputObject): OutputObject =>
  run.store
    ? output
    : {
        run_id: output.run_id,
        generation: withoutTexts(output.generation),
        trace: textlessTrace(output.trace),
      };
