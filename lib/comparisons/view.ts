import type { PassRate } from '../checks/check.ts';
import type { TextDiversity } from '../diversity/text.ts';
import type { StopCode } from '../files/prompt-file.ts';
import type { LeftOut } from '../runs/fit-answer.ts';
import type { Spread } from '../runs/generation.ts';
import type { SamplingReport } from '../sampling/setting.ts';
import type { Objectives } from './request.ts';

/**
 * `generated`: every block is answered, embedding is still running. `completed_with_errors`: some generations failed.
 * `failed`: all generations failed, or the comparison could not be taken in.
 */
export const COMPARISON_STATUSES = [
  'generating',
  'generated',
  'completed',
  'completed_with_errors',
  'failed',
] as const;
export type ComparisonStatus = (typeof COMPARISON_STATUSES)[number];

/** Whether a comparison stays as it is. */
export const isFinalStatus = (
  status: ComparisonStatus,
): status is Exclude<ComparisonStatus, 'generating' | 'generated'> =>
  status !== 'generating' && status !== 'generated';

export type Interval = [number, number];

/** The diversity of one setting's samples. Each figure is the mean over the prompts that have it; null if none has. */
export type ComparedDiversity = TextDiversity & {
  /** Prompts with at least two outputs of this setting. */
  prompts: number;
  embedding_diversity: number | null;
  embedding_diversity_interval: Interval | null;
  vendi: number | null;
};

/** The figures of one setting. Times are of warm generations; those of cold starts are in `cold`. */
export type ComparedSetting = {
  label: string;
  model: string;
  requested: Record<string, unknown>;
  /** The sampling report of one of its outputs; null before the comparison has ended. */
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
  /** In a view that would be too large: the fields that this setting leaves out. */
  left_out?: LeftOut<'requested' | 'sampling'>;
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

/**
 * The difference of a figure between two settings: a's mean minus b's over `n` pairs (of blocks; of prompts for
 * diversity). `left_out` counts the other pairs: one of the two values is missing, or a latency had a cold start.
 * `interval` is the 95% interval; null with too few pairs.
 */
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
  name: string | null;
  status: ComparisonStatus;
  created_at: string;
  prompts: number;
  samples: number;
  objectives: Objectives | null;
  metadata: Record<string, string>;
  progress: { blocks: number; done: number; generations: number; completed: number; failed: number };
  settings: ComparedSetting[];
  differences: Difference[];
  stopped: { code: StopCode; at: string } | null;
  warm_up: { runs: number; failed: number; cost_usd: number | null; excluded: true };
  cold_starts: { n: number };
  wall_time_ms: number | null;
  notes: string[];
  error: { code: string; message: string } | null;
};
