import { rounded } from '../json/value.ts';
import {
  type Timing,
  type TraceChunk,
  UNCERTAIN_FIGURES,
  type UncertainFigure,
  type Usage,
} from '../runs/generation.ts';
import { longestGapsOf } from '../runs/trace-view.ts';
import type { ReadDelays } from './read-delays.ts';
import { spreadOf } from './spread.ts';
import { streamedTokens } from './token-counts.ts';

/**
 * Instants of one request, in ms on one monotonic clock. `t0` dispatch, `tH` response headers, `tR` first data
 * event, `t1` first non-empty payload, `tO` first visible content, `tL` last non-empty payload, `tE` end of stream.
 */
export type Marks = {
  t0: number;
  tH?: number;
  tR?: number;
  t1?: number;
  tO?: number;
  tL?: number;
  tE?: number;
};

/** Facts beside the marks. `startedAt`: t0 in UTC (ISO 8601). `connectMs`: 0 on a reused connection, null: unknown. */
export type Circumstances = {
  startedAt: string;
  connectMs: number | null;
  coldStart: boolean;
  /** Null where it cannot be measured. */
  readDelays: ReadDelays | null;
};

/**
 * Computes every figure of one finished generation, in ms unless the name says otherwise; null is unknown, never zero.
 *
 * - `ttfr_ms` tR - t0, `ttft_ms` t1 - t0, `ttfo_ms` tO - t0, `ttlt_ms` tL - t0; null without that mark
 * - `e2e_ms` tE - t0
 * - `tpot_ms` (tL - t1) / (N - 1), or of the visible part when reasoning is hidden: see `tpotMs`
 * - `seconds_per_token` e2e_ms / 1000 / N, the time to the first token included; null when N is 0 or unknown
 * - `decode_tokens_per_second` 1000 / tpot_ms; null when that is null or 0
 * - `tokens_per_second` 1000 * N / e2e_ms; null when N is unknown
 * - `chunk_gaps_ms` spread of the gaps between non-empty chunks; `itl_ms` the same per token, null when the tokens of
 *   a chunk are unknown
 * - `chunk_density` (streamed tokens - 1) / (chunks - 1); null below two chunks or without usage
 * - `uncertainty_ms` the longest that the bytes of t1, tO, tL and tE can have waited to be read; null where not measured
 * - `uncertain` the figures whose own bound exceeds 5 ms and 5 % of the figure
 *
 * N = `usage.completion_tokens`. `chunks` are the non-empty payloads, in order, `t_ms` after t0.
 *
 * @throws {TypeError} when the marks have no `tE`
 *
 * @example
 * figuresOf({ t0: 0, t1: 100, tL: 500, tE: 510 }, usage, chunks, circumstances).tpot_ms // 100 with 5 tokens
 */
export const figuresOf = (
  marks: Marks,
  usage: Usage,
  chunks: readonly TraceChunk[],
  { startedAt, connectMs, coldStart, readDelays }: Circumstances,
): Timing => {
  if (marks.tE === undefined) throw new TypeError('a generation without an end has no figures');
  const e2eMs = marks.tE - marks.t0;
  const n = usage.completion_tokens;
  const reasoningStreamed = chunks.some(({ kind }) => kind === 'reasoning');
  const tpot = tpotMs(marks, usage, reasoningStreamed);
  const itl = interTokenLatenciesMs(chunks);
  const times = {
    ttfr_ms: since(marks.t0, marks.tR),
    ttft_ms: since(marks.t0, marks.t1),
    ttfo_ms: since(marks.t0, marks.tO),
    ttlt_ms: since(marks.t0, marks.tL),
    e2e_ms: e2eMs,
    tpot_ms: tpot,
  };
  const [longest] = longestGapsOf(chunks);
  return withoutFractionErrors({
    started_at: startedAt,
    ...times,
    connect_ms: connectMs,
    seconds_per_token: n === null || n === 0 ? null : e2eMs / 1000 / n,
    decode_tokens_per_second: tpot === null || tpot === 0 ? null : 1000 / tpot,
    tokens_per_second: n === null || e2eMs === 0 ? null : (1000 * n) / e2eMs,
    chunk_gaps_ms: spreadOf(chunkGapsMs(chunks)),
    itl_ms: itl === null ? null : spreadOf(itl),
    token_count_source: tokenCountSource(usage, chunks),
    longest_gap_ms: longest?.gap_ms ?? null,
    longest_gap_chunk: longest?.chunk ?? null,
    chunk_density: chunkDensity(streamedTokens(usage, reasoningStreamed), chunks.length),
    cold_start: coldStart,
    uncertainty_ms: readDelays && uncertaintyMs(marks, readDelays),
    uncertain: readDelays ? uncertainOf(times, readDelays, streamedTokens(usage, reasoningStreamed)) : [],
  });
};

/** Differences of instants have errors of binary fractions: 610.3252349998802 ms for 610.325235. */
const withoutFractionErrors = (timing: Timing): Timing => {
  const figures = Object.entries(timing).map(([name, value]) => [
    name,
    typeof value === 'number' ? rounded(value) : value,
  ]);
  return Object.fromEntries(figures);
};

/** Null when a mark has no bound: it was not set by a read, such as the end of a stream that broke off. */
const uncertaintyMs = (marks: Marks, delays: ReadDelays): number | null => {
  const bounds = (['t1', 'tO', 'tL', 'tE'] as const)
    .filter((mark) => marks[mark] !== undefined)
    .map((mark) => delays[mark]);
  return bounds.includes(undefined) ? null : Math.max(...bounds.map((bound) => bound ?? 0));
};

const MOST_MS = 5;
const MOST_SHARE = 0.05;

type Times = Record<UncertainFigure, number | null>;

const uncertainOf = (
  times: Times,
  { tR, t1, tO, tL, tE }: ReadDelays,
  tokens: number | null,
): UncertainFigure[] => {
  // Both ends are late by at most their bounds, so the time between them is wrong by at most the larger one.
  const betweenTokens = Math.max(t1 ?? 0, tO ?? 0, tL ?? 0) / ((tokens ?? 2) - 1);
  const bounds: Record<UncertainFigure, number | undefined> = {
    ttfr_ms: tR,
    ttft_ms: t1,
    ttfo_ms: tO,
    ttlt_ms: tL,
    e2e_ms: tE,
    tpot_ms: betweenTokens,
  };
  return UNCERTAIN_FIGURES.filter((figure) => {
    const [time, bound = 0] = [times[figure], bounds[figure]];
    return time !== null && bound > Math.max(MOST_MS, MOST_SHARE * time);
  });
};

const since = (t0: number, mark: number | undefined): number | null =>
  mark === undefined ? null : mark - t0;

/**
 * Time per output token, in ms: (tL - t1) / (N - 1); when reasoning is counted but not streamed, (tL - tO) / (V - 1).
 * `null` when the denominator is below 1, when all payloads arrived at one instant (as a whole completion does), or
 * without usage or the marks it needs.
 */
const tpotMs = ({ t1, tO, tL }: Marks, usage: Usage, reasoningStreamed: boolean): number | null => {
  const tokens = streamedTokens(usage, reasoningStreamed);
  const first = tokens === usage.completion_tokens ? t1 : tO;
  if (tokens === null || tokens < 2 || first === undefined || tL === undefined || tL === first) return null;
  return (tL - first) / (tokens - 1);
};

/** Times between consecutive non-empty chunks, in ms. */
const chunkGapsMs = (chunks: readonly Pick<TraceChunk, 't_ms'>[]): number[] => {
  const gaps: number[] = [];
  let before: number | undefined;
  for (const { t_ms } of chunks) {
    if (before !== undefined) gaps.push(t_ms - before);
    before = t_ms;
  }
  return gaps;
};

/**
 * Inter-token latency samples in ms: a chunk of k tokens that arrived g ms after the previous one gives k samples of
 * g / k. `null` if any k is unknown: a chunk is never counted as one token.
 */
export const interTokenLatenciesMs = (
  chunks: readonly Pick<TraceChunk, 't_ms' | 'tokens'>[],
): number[] | null => {
  const samples: number[] = [];
  for (const [at, { t_ms, tokens }] of chunks.entries()) {
    if (tokens === null) return null;
    const before = chunks[at - 1];
    if (before === undefined) continue;
    const share = (t_ms - before.t_ms) / tokens;
    for (let token = 0; token < tokens; token++) samples.push(share);
  }
  return samples;
};

/** The source of the finest token counts: of each chunk, else of the whole output (`usage`), else `none`. */
const tokenCountSource = (usage: Usage, chunks: readonly TraceChunk[]): Timing['token_count_source'] => {
  if (chunks.length > 0 && chunks.every(({ tokens }) => tokens !== null)) {
    return chunks.every(({ logprobs }) => logprobs !== undefined) ? 'logprobs' : 'continuous_usage';
  }
  return usage.completion_tokens === null ? 'none' : 'usage';
};

const chunkDensity = (tokens: number | null, chunks: number): number | null =>
  tokens === null || chunks < 2 ? null : (tokens - 1) / (chunks - 1);
