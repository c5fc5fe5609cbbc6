import type { EmbeddingDiversity } from '../diversity/figures.ts';
import type { TraceContext } from '../observe/trace-context.ts';

export const RUN_STATUSES = [
  'queued',
  'generating',
  'generated',
  'completed',
  'failed',
  'cancelled',
  'deleted',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];
export type EventType = 'RunGenerated' | 'RunCompleted' | 'RunFailed';

/** What RUN keeps of a generation (300 bytes at most); the rest is in the output object under its lease's key. */
export type GenerationFigures = {
  status: 'completed' | 'failed';
  lease: string;
  sha256: string | null;
  model: string;
  promptTokens: number | null;
  completionTokens: number | null;
  reasoningTokens: number | null;
  ttftMs: number | null;
  tpotMs: number | null;
  e2eMs: number | null;
  costUsd: number | null;
  chars: number;
  /** Vectors this output becomes; 0 for an empty one. */
  chunks: number;
  errorCode: string | null;
  /** Whether all checks passed; null without checks or without a text. */
  passed: boolean | null;
  /** t0 on the wall clock, epoch ms; null for a failed one. */
  startedAt: number | null;
  /** Whether its environment's first invocation made it; null for a failed one. */
  coldStart: boolean | null;
};

export type Lease = { token: string; until: number };

/** Where a run's line stands in a prompt file. */
export type FileLine = { fileId: string; block: number; line: number };

/**
 * The truth about a run. Times are epoch ms but for `createdAt` (ISO 8601). `dueAt` is present while work is left:
 * the sweep looks at the run then. `pending` are events that are committed but not known to be sent.
 */
export type Run = {
  id: string;
  caller: string;
  status: RunStatus;
  createdAt: string;
  model: string;
  labels: string[];
  samples: number;
  index: boolean;
  metadata: Record<string, string>;
  requestHash: string;
  /** The request's canonical JSON when it is at most 1 KB; else it is `requests/{run_id}.json`. */
  request: string | null;
  /** Claims so far; `putBacks` of them ended by giving the run back, for lack of time or of the provider's patience. */
  attempts: number;
  putBacks: number;
  lease: Lease | null;
  generations: GenerationFigures[];
  pending: EventType[];
  dueAt: number | null;
  dueTries: number;
  file: FileLine | null;
  error: { code: string; message: string; status?: number } | null;
  diversity: { all: EmbeddingDiversity; byLabel: Record<string, EmbeddingDiversity> } | null;
  chunkRule: number;
  /** What is set aside on its caller's budget until it is settled; null without a budget, and once it is. */
  reserved: Reservation | null;
  /** The trace of the call that it was accepted in; null in runs of before there were any. */
  trace: TraceContext | null;
  /** The UTC day on whose budget it was last counted; null: never. */
  chargedOn: string | null;
};

export const hasEnded = ({ status }: Pick<Run, 'status'>): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled' || status === 'deleted';

/** The caller's part is over: text is there, or there will be none. */
export const isAnswered = (run: Pick<Run, 'status'>): boolean => run.status === 'generated' || hasEnded(run);

/** What a run has set aside on its caller's day; a day's sum holds it until the run settles it. */
export type Reservation = { day: string; tokens: number; nanoUsd: number };
