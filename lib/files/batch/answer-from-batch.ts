import type { Clock } from '../../async/clock.ts';
import { NOTHING } from '../../budget/amount.ts';
import { usedBy } from '../../budget/charges.ts';
import type { GenerateOne } from '../../generate/generate-one.ts';
import { sha256Hex } from '../../json/canonical-json.ts';
import { costOf, type Prices } from '../../pricing/prices.ts';
import type { Generation, Trace } from '../../runs/generation.ts';
import type { ContentStore } from '../../runs/ports.ts';
import type { RequestDefaults } from '../../runs/request.ts';
import type { FileLine } from '../../runs/run.ts';
import type { Setting } from '../../sampling/setting.ts';
import { batchBodyOf } from './input.ts';
import type { BatchAnswer, ReadAnswer } from './ports.ts';
import { loadAnswer } from './stored-answers.ts';

export type AnswerDeps = {
  content: Pick<ContentStore, 'get'>;
  clock: Clock;
  defaults: RequestDefaults;
  /**
   * For a line that was not part of the batch: it is asked by another endpoint, or it had a run then, which has since
   * failed.
   */
  generateOne: GenerateOne;
  batchAnswers: { read: ReadAnswer; pricesOf(setting: Setting): Prices };
};

/**
 * Makes a `GenerateOne` that returns the batch's answer to this line and asks the model only if there is none. Such an
 * answer was not measured, so it has no timing. Its cost is computed at half the listed prices.
 */
export const answerFromBatch =
  (place: FileLine, deps: AnswerDeps): GenerateOne =>
  async (one) => {
    const { setting, index, sample, messages, signal } = one;
    signal.throwIfAborted();
    const { endpoint, sampling, model } = batchBodyOf(setting, deps.defaults);
    const stored = await loadAnswer(place, deps);
    // A line of another endpoint is in no batch, so what became of the batch is not its error.
    const wasAsked = stored !== undefined && (endpoint === undefined || 'text' in stored);
    if (!wasAsked) return deps.generateOne(one);
    const answer: BatchAnswer =
      'error' in stored ? stored : deps.batchAnswers.read(stored.text, { model, messages });
    const outcome = 'error' in answer ? failed(answer, model) : completed(answer, setting, deps);
    // The batch was paid before this run began: its usage is counted, and nothing had to be reserved for it.
    await one.meter?.begin(NOTHING);
    one.meter?.end((bound) => ('error' in answer ? NOTHING : usedBy(outcome, bound)));
    const which = { index, label: setting.label, sample };
    const unmeasured = { sampling, timing: null, attempts: [], checks: [], vector_ids: [] };
    const generation: Generation = { ...which, ...outcome, ...unmeasured };
    return { generation, trace: traceOf(answer, deps.clock) };
  };

type Outcome = Omit<
  Generation,
  'index' | 'label' | 'sample' | 'sampling' | 'timing' | 'attempts' | 'checks' | 'vector_ids'
>;

const failed = ({ error }: Extract<BatchAnswer, { error: unknown }>, model: string): Outcome => ({
  status: 'failed',
  text: null,
  finish_reason: null,
  model,
  usage: { prompt_tokens: null, completion_tokens: null, reasoning_tokens: null, cached_tokens: null },
  cost_usd: null,
  price: null,
  output_sha256: null,
  error,
});

const completed = (
  { text, toolCalls, finishReason, model, usage }: Extract<BatchAnswer, { text: string }>,
  setting: Setting,
  { batchAnswers, clock }: AnswerDeps,
): Outcome => {
  const { costUsd, price } = costOf(model, usage, halved(batchAnswers.pricesOf(setting)), clock.now());
  return {
    status: 'completed',
    text,
    ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
    finish_reason: finishReason,
    model,
    usage,
    cost_usd: costUsd,
    price,
    output_sha256: sha256Hex(text),
    error: null,
  };
};

/** Prices at the Batch API's discount of 50%; `source` says so. https://platform.openai.com/docs/guides/batch */
const halved = (prices: Prices): Prices => ({
  priceOf: (model, promptTokens, at) => {
    const found = prices.priceOf(model, promptTokens, at);
    if (!found) return undefined;
    const { input, cached, output, price } = found;
    return {
      input: input / 2,
      cached: cached / 2,
      output: output / 2,
      price: { ...price, source: `${price.source}, half of it for a batch` },
    };
  },
});

/** A trace without marks, since the text was not streamed. t0 is when the server says it made the answer. */
const traceOf = (answer: BatchAnswer, clock: Clock): Trace => {
  const createdAt = 'error' in answer ? null : answer.createdAt;
  return {
    marks: {
      t0_utc: new Date(createdAt ?? clock.now()).toISOString(),
      t0_monotonic_ms: clock.monotonic(),
      completion_id: 'error' in answer ? null : answer.completionId,
      tH: null,
      tR: null,
      t1: null,
      tO: null,
      tL: null,
      tE: null,
    },
    chunks: [],
  };
};
