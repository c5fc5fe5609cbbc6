import type { EmbeddingDiversity } from '../diversity/figures.ts';
import type { TraceContext } from '../observe/trace-context.ts';
import type { UncertainFigure } from './generation.ts';

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

/** A generation's figures in the run item (300 bytes at most); the rest is in the output object of its lease. */
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
  /** Number of vectors of this output; 0 for an empty text. */
  chunks: number;
  errorCode: string | null;
  /** Whether all checks passed; null without checks or without a text. */
  passed: boolean | null;
  /** t0 on the wall clock, epoch ms; null for a failed one. */
  startedAt: number | null;
  /** Whether the first invocation of its execution environment generated it; null for a failed one. */
  coldStart: boolean | null;
  /** The longest time between two chunks, in ms; null when it is unknown. */
  longestGapMs: number | null;
  /** The times among these figures whose bound of uncertainty is too large to compare them. */
  uncertain: UncertainTime[];
};

/** Times of the run item that have a bound of uncertainty. */
export const UNCERTAIN_TIMES = ['ttft_ms', 'tpot_ms', 'e2e_ms'] as const satisfies UncertainFigure[];
export type UncertainTime = (typeof UNCERTAIN_TIMES)[number];

export type Lease = { token: string; until: number };

/** The position of a run's line in a prompt file. */
export type FileLine = { fileId: string; block: number; line: number };

/**
 * A generation as a deletion leaves it: chunks, from which the ids of its vectors follow, its usage and its times. Nothing
 * that a caller or a model wrote, nor a hash of it.
 */
export const buriedFigures = (
  figures: GenerationFigures,
  { index }: Pick<Run, 'index'>,
): GenerationFigures => ({
  status: figures.status,
  lease: '',
  sha256: null,
  model: '',
  promptTokens: figures.promptTokens,
  completionTokens: figures.completionTokens,
  reasoningTokens: figures.reasoningTokens,
  ttftMs: figures.ttftMs,
  tpotMs: figures.tpotMs,
  e2eMs: figures.e2eMs,
  costUsd: figures.costUsd,
  chars: 0,
  chunks: index ? figures.chunks : 0,
  errorCode: null,
  passed: null,
  startedAt: null,
  coldStart: null,
  longestGapMs: figures.longestGapMs,
  uncertain: [],
});

/**
 * The authoritative record of a run: the run item in DynamoDB. Times are epoch ms, except `createdAt` (ISO 8601).
 * `dueAt` is when the sweep next looks at the run, null when no work is left. `pending` lists events that are committed
 * but may not have been sent.
 */
export type Run = {
  id: string;
  caller: string;
  status: RunStatus;
  createdAt: string;
  model: string;
  labels: string[];
  /** The model of each label, `provider/model` for a configured provider; an alias is resolved (`trueModel`). */
  models: string[];
  samples: number;
  index: boolean;
  /** False: its texts are for its client alone. Its request is deleted when it ends, and its outputs are stored without texts. */
  store: boolean;
  metadata: Record<string, string>;
  /** The conversation that it belongs to: its name, or the id of the run that began it; null for none, and in the first run. */
  conversation: string | null;
  /** The run before it in its conversation. */
  previousRun: string | null;
  /** The key under which its next turn finds it; null for a run that is no turn. A tombstone has it until it is purged. */
  turnKey: string | null;
  /** Identifies the body of the request, see `requestHashOf`. */
  requestHash: string;
  /**
   * The request's JSON up to 1 KiB; null when it is in `requests/{run_id}.json`, or the run was deleted. With a
   * `template` it is what the request adds to it. That of a run with `store: false` is never in the run item.
   */
  request: string | null;
  /** The key of the template that the request shares with others; null for a request that is stored whole. */
  template: string | null;
  /** Claims so far. `putBacks` of them ended with a put-back, for lack of time or because the provider throttled. */
  attempts: number;
  putBacks: number;
  /** Embeddings of its outputs that failed for a reason of their own, or were cut off with their worker. */
  embedAttempts: number;
  lease: Lease | null;
  generations: GenerationFigures[];
  pending: EventType[];
  dueAt: number | null;
  dueTries: number;
  file: FileLine | null;
  /** In our own words; those of a server are in the output object (`toldFailure`). `status` is its HTTP status. */
  error: { code: string; message: string; status?: number } | null;
  diversity: { all: EmbeddingDiversity; byLabel: Record<string, EmbeddingDiversity> } | null;
  chunkRule: number;
  /**
   * The reservation on the caller's budget and its file's; null without any and once it is settled. A run that ended
   * while a worker had it keeps it: the most that the worker may have used.
   */
  reserved: Reservation | null;
  /** The usage of its ended attempts, as it is counted on the day `chargedOn`; null: it was never counted. */
  charged: { tokens: number; nanoUsd: number } | null;
  /** The trace of the request that created the run; null in runs older than tracing. */
  trace: TraceContext | null;
  /** The UTC day whose budget the run was last counted on; null: never. */
  chargedOn: string | null;
};

export const hasEnded = ({ status }: Pick<Run, 'status'>): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled' || status === 'deleted';

/** Whether the client can be answered: the text is ready, or the run has ended without one. */
export const isAnswered = (run: Pick<Run, 'status'>): boolean => run.status === 'generated' || hasEnded(run);

/** Whether a run has ended without a text. One that failed only after it was generated still has its texts. */
export const endedWithoutText = ({
  status,
  generations,
}: Pick<Run, 'status'> & { generations: readonly Pick<GenerationFigures, 'status'>[] }): boolean =>
  status === 'deleted' ||
  status === 'cancelled' ||
  (status === 'failed' && !generations.some((generation) => generation.status === 'completed'));

/** The `max_cost_usd` of a prompt file, in billionths of a USD, which the runs of its lines are counted on. */
export type FileLimit = { id: string; maxNanoUsd: number };

/**
 * The upper bound of a run's usage, counted on its caller's UTC day (null: the caller has no budget) and on its file,
 * until the run settles its real usage; or of a request that is no run (`spentFor`).
 */
export type Reservation = {
  day: string | null;
  tokens: number;
  nanoUsd: number;
  file?: FileLimit;
  spentFor?: 'requests';
};
