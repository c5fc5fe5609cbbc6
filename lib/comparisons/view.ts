import type { PassRate } from '../checks/check.ts';
import type { TextDiversity } from '../diversity/text.ts';
import type { StopCode } from '../files/prompt-file.ts';
import type { LeftOut } from '../runs/fit-answer.ts';
import type { Spread } from '../runs/generation.ts';
import type { UncertainTime } from '../runs/run.ts';
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

/**
 * Why a pair has no difference: a generation failed; it started cold (times only); this time of it, or of another
 * setting in the block, is uncertain; or a value is not known. The first that is true counts.
 */
export const ABSENCES = ['failed', 'cold', 'uncertain', 'unknown'] as const;
export type Absence = (typeof ABSENCES)[number];

/** The diversity of one setting's samples. Each figure is the mean over the prompts that have it; null if none has. */
export type ComparedDiversity = TextDiversity & {
  /** Prompts with at least two outputs of this setting. */
  prompts: number;
  embedding_diversity: number | null;
  embedding_diversity_interval: Interval | null;
  vendi: number | null;
};

/** A spread with the 95% intervals of two percentiles; null with too few values (below 6 and 29). */
export type ComparedSpread = Spread & { p50_interval: Interval | null; p90_interval: Interval | null };

/** The figures of one setting. Times are of warm generations; those of cold starts are in `cold`. */
export type ComparedSetting = {
  label: string;
  model: string;
  requested: Record<string, unknown>;
  /** The sampling report of one of its outputs; null before the comparison has ended. */
  sampling: SamplingReport | null;
  /** The label of an earlier setting that came to the same request; this one is then not compared. */
  same_as: string | null;
  n: number;
  failed: number;
  /** The failed generations by error code; `not_generated` for those that never began. */
  errors: Record<string, number>;
  ttft_ms: ComparedSpread;
  tpot_ms: ComparedSpread;
  e2e_ms: ComparedSpread;
  tokens_per_second: ComparedSpread;
  /** Warm generations whose time is uncertain; the spread of that time leaves them out. */
  uncertain: Record<UncertainTime, number>;
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
 * The difference of a figure between two settings, over `n` pairs (of blocks; of prompts for diversity): the median of
 * a - b, for pass rates and diversity the difference of the two. `left_out` counts the other pairs, `left_out_by` the
 * reasons; `difference` is null where there is no pair. `interval` is the 95% interval of this difference alone; null with too few pairs. `p` is how often equal
 * settings would show any difference as large; null before the comparison has ended.
 */
export type Difference = {
  a: string;
  b: string;
  figure: Figure;
  n: number;
  left_out: number;
  left_out_by: Record<Absence, number>;
  difference: number | null;
  interval: Interval | null;
  p: number | null;
  clear: boolean;
  finding: string;
};

/** The figures that a verdict rests on: speed, cost, diversity, and how often the checks pass. */
export const VERDICT_FIGURES = ['e2e_ms', 'cost_usd', 'embedding_diversity', 'pass_rate'] as const;
export type VerdictFigure = (typeof VERDICT_FIGURES)[number];

/**
 * The setting that is best in a figure; null if it is equal, or known of too few settings to compare. `clear`: it is clearly
 * better than every other one. `not_told_from` are the others, those of which too little is known included.
 */
export type Best = {
  label: string | null;
  figure: VerdictFigure;
  clear: boolean;
  not_told_from: string[];
  sentence: string;
};

/** A comparison's verdict, in words and as data. `more_blocks` is null where no sensible number would tell. */
export type Verdict = {
  summary: string;
  fastest: Best;
  cheapest: Best;
  most_diverse: Best;
  most_often_right: Best;
  unbeaten: string[];
  beaten: { label: string; by: string; better_in: VerdictFigure[]; sentence: string }[];
  untold: { a: string; b: string; figure: VerdictFigure; more_blocks: number | null; sentence: string }[];
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
  /** Null until the comparison has ended. */
  verdict: Verdict | null;
  stopped: { code: StopCode; at: string } | null;
  warm_up: { runs: number; failed: number; cost_usd: number | null; excluded: true };
  cold_starts: { n: number };
  wall_time_ms: number | null;
  notes: string[];
  error: { code: string; message: string } | null;
};
