import { NOTHING } from '../../lib/budget/amount.ts';
import { boundOfAttempt, usedBy } from '../../lib/budget/charges.ts';
import { UpstreamError } from '../../lib/errors.ts';
import type { GenerateOne, GenerationTask } from '../../lib/generate/generate-one.ts';
import { sha256Hex } from '../../lib/json/canonical-json.ts';
import type { Generation, OutputObject, Spread, Timing, Trace } from '../../lib/runs/generation.ts';
import type { TokenLogprob } from '../../lib/runs/token-logprobs.ts';
import { bodyOfSetting } from '../../lib/sampling/chat-body.ts';
import { makeServer } from '../../lib/sampling/server.ts';
import { upstreamBody } from '../../lib/sampling/upstream-body.ts';

const spread = (n: number, mean: number): Spread => ({
  n,
  mean,
  std: 0.4,
  min: mean - 1,
  p50: mean,
  p90: null,
  p95: null,
  p99: null,
  max: mean + 1,
});

const timing = (tokens: number): Timing => ({
  started_at: '2026-11-22T13:00:00.000Z',
  ttfr_ms: null,
  ttft_ms: 142.25,
  ttfo_ms: 142.25,
  ttlt_ms: 142.25 + (tokens - 1) * 11.1,
  e2e_ms: 143 + (tokens - 1) * 11.1,
  connect_ms: 1.5,
  tpot_ms: 11.1,
  seconds_per_token: (143 + (tokens - 1) * 11.1) / tokens / 1000,
  decode_tokens_per_second: 90,
  tokens_per_second: 80,
  chunk_gaps_ms: spread(tokens - 1, 11.1),
  itl_ms: null,
  token_count_source: 'usage',
  longest_gap_ms: null,
  longest_gap_chunk: null,
  chunk_density: 1,
  cold_start: false,
  uncertainty_ms: 0.75,
  uncertain: [],
});

/** A generation as the model adapter and the timing would make it of `text`; failed without a text. */
export const makeGeneration = ({
  text = 'A vector database stores embeddings and finds the nearest ones.',
  ...own
}: Partial<Omit<Generation, 'text'>> & { text?: string | null } = {}): Generation => {
  const tokens = Math.max(2, (text ?? '').split(' ').length);
  const isFailed = text === null;
  return {
    index: 0,
    label: 'default',
    sample: 0,
    status: isFailed ? 'failed' : 'completed',
    text,
    finish_reason: isFailed ? null : 'stop',
    model: 'gpt-6-luna-2026-10-01',
    sampling: { requested: {}, sent: { max_completion_tokens: 1024 }, effective: {}, warnings: [] },
    usage: isFailed
      ? { prompt_tokens: null, completion_tokens: null, reasoning_tokens: null, cached_tokens: null }
      : { prompt_tokens: 9, completion_tokens: tokens, reasoning_tokens: 0, cached_tokens: 0 },
    timing: isFailed ? null : timing(tokens),
    attempts: [],
    checks: [],
    cost_usd: isFailed ? null : tokens * 5e-7,
    price: isFailed ? null : { source: 'genai-prices', as_of: '2026-11-01' },
    output_sha256: isFailed ? null : sha256Hex(text),
    vector_ids: [],
    error: isFailed ? { code: 'server_error', message: 'the model server answered 500' } : null,
    ...own,
  };
};

/** The token timeline of a text that came word by word. */
/** An entry of `logprobs`, without alternatives. */
export const makeTokenLogprob = (token: string): TokenLogprob => ({
  token,
  logprob: -0.5,
  bytes: [...Buffer.from(token)],
  top_logprobs: [],
});

export const makeTrace = (text: string | null): Trace => {
  const words = text === null ? [] : text.split(/(?<= )/);
  const last = 142.25 + (words.length - 1) * 11.1;
  return {
    marks: {
      t0_utc: '2026-11-22T13:00:00.000Z',
      t0_monotonic_ms: 1_000,
      completion_id: 'chatcmpl-1',
      tH: 140,
      tR: null,
      t1: 142.25,
      tO: 142.25,
      tL: last,
      tE: last + 1,
    },
    chunks: words.map((word, at) => ({ t_ms: 142.25 + at * 11.1, text: word, tokens: 1 })),
  };
};

export const makeOutput = (runId: string, generation: Generation): OutputObject => ({
  run_id: runId,
  generation,
  trace: makeTrace(generation.text),
});

/** Counts an attempt as the real thing does, at no price. */
export const beginAttempt = async ({ meter, setting, messages }: GenerationTask): Promise<void> => {
  const server = makeServer('');
  const body = bodyOfSetting(setting, messages, server);
  await meter?.begin(boundOfAttempt(body, { server, setting }, () => undefined));
};

/**
 * A `generateOne` that returns the text of `textOf` at once (`null`: a failed generation; an exception is passed on)
 * and streams it word by word. `calls` are the requested generations, in order.
 */
export const makeGenerateOne = (
  textOf: (input: GenerationTask) => string | null | Promise<string | null> = ({ index, messages }) =>
    `Answer ${index} to: ${messages.at(-1)?.content ?? ''}`,
): GenerateOne & { calls: { index: number; prompt: string }[] } => {
  const calls: { index: number; prompt: string }[] = [];
  const generateOne: GenerateOne = async (input) => {
    const { setting, index, sample, messages, signal, onChunk } = input;
    calls.push({ index, prompt: messages.at(-1)?.content ?? '' });
    await beginAttempt(input);
    const text = await textOf(input);
    signal.throwIfAborted();
    const trace = makeTrace(text);
    for (const chunk of trace.chunks) onChunk?.(chunk, 0);
    const generation = makeGeneration({ index, label: setting.label, sample, text });
    input.meter?.end((bound) => (text === null ? NOTHING : usedBy(generation, bound)));
    return { generation, trace };
  };
  return Object.assign(generateOne, { calls });
};

/** A `generateOne` whose outputs report their sampling as a server at this URL would apply it. */
export const withSampling =
  (generateOne: GenerateOne, baseUrl: string): GenerateOne =>
  async (task) => {
    const { generation, ...output } = await generateOne(task);
    const { sampling } = upstreamBody(task.setting, makeServer(baseUrl));
    return { ...output, generation: { ...generation, sampling } };
  };

export const serverError = (): UpstreamError =>
  new UpstreamError('s3', 'the service answered 503', { status: 503 });
