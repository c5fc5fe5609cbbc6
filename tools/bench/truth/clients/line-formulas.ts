import type { Arrival, OwnGap } from '../reported.ts';
import type { Reading } from './timed-lines.ts';

/**
 * The figures that a benchmark tool makes of one stream, in ms; null where it reports none. `e2eMs` is its total time.
 * `gaps` are its times between tokens or chunks, one for each that it takes for one.
 */
export type ToolFigures = {
  ttftMs: number | null;
  tpotMs: number | null;
  e2eMs: number | null;
  gaps: OwnGap[] | null;
  text: string;
};

type Formula = (reading: Reading) => ToolFigures;

/**
 * `vllm bench serve` with the backend openai-chat. TTFT ends at the first event with choices, which may hold only the
 * role; each later event with choices ends an inter-token latency, also an empty one and the one with the finish reason;
 * the latency ends at the last of them; TPOT = (latency - TTFT) / (tokens of the usage - 1). Older versions let the
 * usage event end the latency.
 *
 * Read on 2026-11-29:
 * https://github.com/vllm-project/vllm/blob/02cfb534df5674737558730b10f23d1b7aef9b7c/vllm/benchmarks/lib/endpoint_request_func.py
 * https://github.com/vllm-project/vllm/blob/009e6d4a1cd6ba3fb2a9fc00f4ec06f5297232a1/vllm/benchmarks/serve.py
 *
 * It splits the stream in its own way: a comment that is read alone joins the next events and is skipped with them.
 * That is an error of a reader, not of a formula, so it is left out here.
 */
export const vllmFigures: Formula = ({ lines }) => {
  const gaps: OwnGap[] = [];
  let text = '';
  let tokens = 0;
  let ttftMs: number | null = null;
  let lastMs: number | null = null;
  for (const line of lines) {
    if (line.kind !== 'chunk') continue;
    const { choices, usage } = line.chunk;
    if (choices[0]) {
      text += choices[0].delta.content ?? '';
      if (lastMs === null) ttftMs = line.tMs;
      else gaps.push({ ms: line.tMs - lastMs, chars: text.length });
      lastMs = line.tMs;
    } else if (usage) tokens = usage.completion_tokens;
  }
  const tpotMs = ttftMs === null || lastMs === null || tokens < 2 ? null : (lastMs - ttftMs) / (tokens - 1);
  return { ttftMs, tpotMs, e2eMs: lastMs, gaps, text };
};

/** The two figures per token of guidellm; the first is the one that it names time per output token. */
export type GuidellmFigures = ToolFigures & { itlMs: number | null };

/**
 * guidellm. Its first and last token are the first and last event with text or reasoning; its time per output token is
 * (last token - request) / tokens of the usage, so it contains TTFT; its inter-token latency is
 * (last - first token) / (tokens of the usage - 1), one a request.
 *
 * Read on 2026-11-29:
 * https://github.com/vllm-project/guidellm/blob/ee7a77457ba668b4b5ccb40f110518829893b36a/src/guidellm/schemas/request_stats.py
 * https://github.com/vllm-project/guidellm/blob/ee7a77457ba668b4b5ccb40f110518829893b36a/docs/guides/metrics.md
 */
export const guidellmFigures = (reading: Reading): GuidellmFigures => {
  const { arrivals, text, tokens } = contentOf(reading);
  const [first, last] = [arrivals[0], arrivals.at(-1)];
  const counted = first !== undefined && last !== undefined && tokens > 0;
  return {
    ttftMs: first?.tMs ?? null,
    tpotMs: counted ? last.tMs / tokens : null,
    itlMs: counted && tokens > 1 ? (last.tMs - first.tMs) / (tokens - 1) : null,
    e2eMs: reading.endMs,
    gaps: null,
    text,
  };
};

/**
 * AIPerf. TTFT ends at the first response with content, its request latency at the last; inter-chunk latencies are
 * between consecutive ones. Its inter-token latency, (request latency - TTFT) / (tokens - 1), counts tokens with a
 * tokenizer of its own, so it is null here.
 *
 * Read on 2026-11-29:
 * https://docs.nvidia.com/aiperf/v0.14.0/reference/ai-perf-metrics-reference
 * https://github.com/ai-dynamo/aiperf/blob/58028d5ba1cb33b0e135e18f1cc8833556a3639e/src/aiperf/metrics/types/inter_chunk_latency_metric.py
 */
export const aiperfFigures: Formula = (reading) => {
  const { arrivals, text } = contentOf(reading);
  const gaps = arrivals
    .slice(1)
    .map(({ tMs, chars }, at) => ({ ms: tMs - (arrivals[at]?.tMs ?? tMs), chars }));
  const lastMs = arrivals.at(-1)?.tMs ?? null;
  return { ttftMs: arrivals[0]?.tMs ?? null, tpotMs: null, e2eMs: lastMs, gaps, text };
};

/**
 * llmperf. TTFT ends at the first line with content. Each line but `[DONE]` is one token, the role and the finish reason
 * too; the inter-token latency, one a request, is (last content - request) / lines, so it contains TTFT. The end-to-end
 * latency lasts until the body's end. A comment, or an event without choices, fails the request, which then has no
 * figures; llmperf does not ask for usage, so servers send no such event unasked.
 *
 * Read on 2026-11-29:
 * https://github.com/ray-project/llmperf/blob/f1d6bed47e4501b0e371082b41601b59ab55269f/src/llmperf/ray_clients/openai_chat_completions_client.py
 * https://github.com/ray-project/llmperf/blob/f1d6bed47e4501b0e371082b41601b59ab55269f/token_benchmark_ray.py
 */
export const llmperfFigures: Formula = ({ lines, endMs }) => {
  let text = '';
  let tokens = 0;
  let ttftMs: number | null = null;
  let lastMs: number | null = null;
  for (const line of lines) {
    if (line.kind === 'done') continue;
    const choice = line.kind === 'chunk' ? line.chunk.choices[0] : undefined;
    if (!choice) return { ttftMs: null, tpotMs: null, e2eMs: null, gaps: null, text };
    tokens += 1;
    if (!choice.delta.content) continue;
    text += choice.delta.content;
    ttftMs ??= line.tMs;
    lastMs = line.tMs;
  }
  return { ttftMs, tpotMs: lastMs === null ? null : lastMs / tokens, e2eMs: endMs, gaps: null, text };
};

/** The events with text or reasoning, and the usage's tokens (0: unknown). */
const contentOf = ({ lines }: Reading): { arrivals: Arrival[]; text: string; tokens: number } => {
  const arrivals: Arrival[] = [];
  let text = '';
  let tokens = 0;
  for (const line of lines) {
    if (line.kind !== 'chunk') continue;
    tokens = line.chunk.usage?.completion_tokens ?? tokens;
    const { content, reasoning_content: reasoning } = line.chunk.choices[0]?.delta ?? {};
    text += content ?? '';
    if (content || reasoning) arrivals.push({ tMs: line.tMs, chars: text.length });
  }
  return { arrivals, text, tokens };
};
