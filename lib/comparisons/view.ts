import type { PassRate } from '../checks/check.ts';
import type { TextDiversity } from '../diversity/text.ts';
import type { Spread } from '../runs/generation.ts';
import type { SamplingReport } from '../sampling/setting.ts';
import type { Objectives } from './request.ts';

/**
 * `generated`: every output is there, embeddings follow. `completed_with_errors`: some generations failed; `failed`:
 * all did, or the comparison could not be taken in.
 */
export const COMPARISON_STATUSES = [
  'generating',
  'generated',
  'completed',
  'completed_with_errors',
  'failed',
] as const;
export type ComparisonStatus = (typeof COMPARISON_STATUSES)[number];

export type Interval = [number, number];

/** Diversity of one setting's samples: each figure is the mean over the prompts that have it. */
export type ComparedDiversity = TextDiversity & {
  /** Prompts with at least two outputs of this setting. */
  prompts: number;
  embedding_diversity: number | null;
  embedding_diversity_interval: Interval | null;
  vendi: number | null;
};

/** What a setting came to. Times are of warm generations; those of a cold start stand in `cold`. */
export type ComparedSetting = {
  label: string;
  model: string;
  requested: Record<string, unknown>;
  /** As one of its outputs reports it; null before the comparison is completed. */
  sampling: SamplingReport | null;
  n: number;
  failed: number;
  ttft_ms: Spread;
  tpot_ms: Spread;
  e2e_ms: Spread;
  tokens_per_second: Spread;
  cold: { n: number; ttft_ms: Spread; e2e_ms: Spread };
  completion_tokens: Spread;
  cost_usd: { total: number | null; mean: number | null; unpriced: number };
  objectives_met: number | null;
  goodput_per_s: number | null;
  pass_rate: PassRate | null;
  diversity: ComparedDiversity | null;
};

export const FIGURES = [
  'ttft_ms',
  'tpot_ms',
  'e2e_ms',
  'cost_usd',
  'completion_tokens',
  'pass_rate',
  'embedding_diversity',
] as const;
export type Figure = (typeof FIGURES)[number];

/** `difference` is a's mean minus b's, over `n` pairs (prompts, for diversity); `left_out` pairs lack one of the two. */
export type Difference = {
  a: string;
  b: string;
  figure: Figure;
  n: number;
  left_out: number;
  difference: number;
  interval: Interval | null;
  clear: boolean;
  finding: string;
};

export type ComparisonView = {
  id: string;
  object: 'comparison';
  status: ComparisonStatus;
  created_at: string;
  prompts: number;
  samples: number;
  objectives: Objectives | null;
  metadata: Record<string, string>;
  progress: { blocks: number; done: number; generations: number; completed: number; failed: number };
  settings: ComparedSetting[];
  differences: Difference[];
  warm_up: { runs: number; failed: number; cost_usd: number | null; excluded: true };
  cold_starts: { n: number };
  wall_time_ms: number | null;
  notes: string[];
  error: { code: string; message: string } | null;
};
