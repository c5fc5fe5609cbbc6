import { type PassRate, passRateOf } from '../checks/check.ts';
import type { DiversityFigures, EmbeddingDiversity } from '../diversity/figures.ts';
import { textDiversityOf } from '../diversity/text.ts';
import { own, rounded } from '../json/value.ts';
import type { SamplingReport } from '../sampling/setting.ts';
import { toldFailure } from './failure.ts';
import { fitAnswer } from './fit-answer.ts';
import type { Generation, Usage } from './generation.ts';
import { vectorIdsOf } from './keys.ts';
import { listFiguresOf } from './list/figures.ts';
import { totalPart, wholeSum } from './list/parts.ts';
import type { ListedRun } from './ports.ts';
import type { Message, RunRequest } from './request.ts';
import type { GenerationFigures, Run, RunStatus } from './run.ts';

export type DiversityView = DiversityFigures & { by_label: Record<string, DiversityFigures> };

type ChecksView = { by_label: Record<string, PassRate> };

/** A run in lists. */
export type RunSummaryView = {
  id: string;
  object: 'run';
  status: RunStatus;
  created_at: string;
  model: string;
  /** The models of its settings, as for the whole run. */
  models: string[];
  labels: string[];
  store: boolean;
  metadata: Record<string, string>;
  conversation: string | null;
  previous_run: string | null;
  prompt_preview: string | null;
  text_preview: string | null;
  counts: { generations: number; completed: number; failed: number };
  /** Lists do not hold tokens that were read from a cache. */
  usage: Omit<Usage, 'cached_tokens'> & { cached_tokens: null };
  cost_usd: number | null;
  mean_ttft_ms: number | null;
  mean_tpot_ms: number | null;
  /** The mean over its completed outputs, and the longest time between two chunks of any. */
  e2e_ms: number | null;
  longest_gap_ms: number | null;
  error: { code: string; message: string } | null;
};

/** The whole run, as GET /runs/{id} and POST /runs return it. */
export type RunView = {
  id: string;
  object: 'run';
  status: RunStatus;
  created_at: string;
  model: string;
  /** The models of its settings, as it counts and is found by: `provider/model` for a configured provider. */
  models: string[];
  prompt: string | null;
  messages: Message[] | null;
  /** False: prompt, messages and texts are null once it has ended, but in the answer that it was generated for. */
  store: boolean;
  metadata: Record<string, string>;
  /** The conversation that it is a turn of: the name that a request gave it, or the id of its first run. */
  conversation: string | null;
  /** The run whose messages and answer it continues. */
  previous_run: string | null;
  generations: Generation[];
  diversity: DiversityView | null;
  /** Pass rate of each label's outputs; null for a run without checks. */
  checks: ChecksView | null;
  usage: Usage;
  cost_usd: number | null;
  error: { code: string; message: string } | null;
};

/**
 * Converts a run to its API representation. Vector ids appear once the run is `completed`, embedding diversity once the
 * vectors are stored, and text diversity as soon as there are two texts.
 */
export const viewRun = (
  run: Run,
  request: Pick<RunRequest, 'prompt' | 'messages' | 'checks'>,
  generations: Generation[],
): RunView => {
  const shown = generations.map((generation) => viewGeneration(run, generation));
  return {
    id: run.id,
    object: 'run',
    status: run.status,
    created_at: run.createdAt,
    model: run.model,
    models: [...new Set(run.models)],
    prompt: request.prompt,
    messages: request.prompt === null && request.messages.length > 0 ? request.messages : null,
    store: run.store,
    metadata: run.metadata,
    conversation: run.conversation,
    previous_run: run.previousRun,
    generations: shown,
    diversity: diversityOf(run, shown),
    checks: hasChecks(request, shown) ? checksOf(run, shown) : null,
    usage: totalUsage(shown.filter(({ status }) => status === 'completed').map(({ usage }) => usage)),
    cost_usd: totalCost(run.generations),
    error: toldFailure(run.error, generations),
  };
};

export const viewGeneration = (run: Run, generation: Generation): Generation => ({
  ...generation,
  // One that was stored by an earlier version is not rounded.
  cost_usd: generation.cost_usd === null ? null : rounded(generation.cost_usd),
  vector_ids: run.status === 'completed' ? vectorIdsOf(run, generation.index) : [],
  ...(run.index && hasNoText(run.generations[generation.index]) && { not_indexed: 'no_text' }),
});

const hasNoText = (figures: GenerationFigures | undefined): boolean =>
  figures?.status === 'completed' && figures.chunks === 0;

/**
 * A run as an answer shows it: at most 5 MB. Where it is larger, generations leave out long fields, texts last, and say
 * so in `left_out`.
 */
export const fitRun = (run: RunView): RunView =>
  fitAnswer({
    items: run.generations,
    instead: { text: null, tool_calls: [], reasoning: [], vector_ids: [], sampling: NO_SAMPLING },
    readAt: (generation) => generationPath(run, generation),
    answerOf: (generations) => ({ ...run, generations }),
  });

/** Stands where a generation leaves its sampling out. */
export const NO_SAMPLING: SamplingReport = { requested: {}, sent: {}, effective: {}, warnings: [] };

/** The path of a whole generation in the API. */
export const generationPath = ({ id }: Pick<RunView, 'id'>, { index }: Pick<Generation, 'index'>): string =>
  `/runs/${id}/generations/${index}`;

export const summarizeRun = (run: ListedRun): RunSummaryView => {
  const total = totalPart(run.parts);
  const figures = listFiguresOf(run.parts);
  const models = run.parts.map(({ model }) => model).filter((model) => model !== null);
  return {
    id: run.id,
    object: 'run',
    status: run.status,
    created_at: run.createdAt,
    model: run.model,
    models: [...new Set(models)],
    labels: run.parts.map(({ label }) => label).filter((label) => label !== null),
    store: run.store,
    metadata: run.metadata,
    conversation: run.conversation,
    previous_run: run.previousRun,
    prompt_preview: run.promptPreview,
    text_preview: run.textPreview,
    counts: {
      generations: total.completed + total.failed,
      completed: total.completed,
      failed: total.failed,
    },
    usage: {
      prompt_tokens: wholeSum(total, 'promptTokens'),
      completion_tokens: figures.tokens,
      reasoning_tokens: wholeSum(total, 'reasoningTokens'),
      cached_tokens: null,
    },
    cost_usd: figures.cost_usd,
    mean_ttft_ms: figures.ttft_ms,
    mean_tpot_ms: figures.tpot_ms,
    e2e_ms: figures.e2e_ms,
    longest_gap_ms: total.longestGapMs,
    error: run.error && { code: run.error.code, message: run.error.message },
  };
};

/** Sum of the values; null when any value is unknown or there are none. */
const sum = (values: (number | null)[]): number | null =>
  values.length === 0 || values.includes(null)
    ? null
    : rounded(values.reduce<number>((total, value) => total + (value ?? 0), 0));

const totalUsage = (usages: Usage[]): Usage => ({
  prompt_tokens: sum(usages.map((usage) => usage.prompt_tokens)),
  completion_tokens: sum(usages.map((usage) => usage.completion_tokens)),
  reasoning_tokens: sum(usages.map((usage) => usage.reasoning_tokens)),
  cached_tokens: sum(usages.map((usage) => usage.cached_tokens)),
});

const totalCost = (generations: GenerationFigures[]): number | null =>
  sum(generations.filter(({ status }) => status === 'completed').map(({ costUsd }) => costUsd));

/** The request of a run without texts has no checks any more; their results have. */
const hasChecks = ({ checks }: Pick<RunRequest, 'checks'>, generations: Generation[]): boolean =>
  checks.length > 0 || generations.some((generation) => generation.checks.length > 0);

const checksOf = (run: Run, generations: Generation[]): ChecksView => ({
  by_label: Object.fromEntries(
    run.labels.map((label) => [
      label,
      passRateOf(
        generations
          .filter((generation) => generation.status === 'completed' && generation.label === label)
          .map(({ checks }) => checks),
      ),
    ]),
  ),
});

/** The diversity of a run's outputs with a text; null without any. An output of calls of tools alone has none. */
export const diversityOf = (run: Run, generations: Generation[]): DiversityView | null => {
  const completed = generations.filter(
    ({ status, not_stored, text, tool_calls }) =>
      status === 'completed' && !not_stored && !(text === '' && tool_calls),
  );
  if (completed.length === 0) return null;
  const figures = (texts: string[], embedded: EmbeddingDiversity | undefined): DiversityFigures => ({
    n: texts.length,
    embedding_diversity: embedded?.embedding_diversity ?? null,
    embedding_diversity_interval: embedded?.interval ?? null,
    vendi: embedded?.vendi ?? null,
    ...textDiversityOf(texts),
  });
  const textsOf = (label?: string) =>
    completed
      .filter((generation) => label === undefined || generation.label === label)
      .map(({ text }) => text ?? '');
  const all = figures(textsOf(), run.diversity?.all);
  // With a single label its texts are all texts. Reuse the figures: comparing many long texts is slow.
  const ofLabel = (label: string) =>
    run.labels.length === 1
      ? all
      : figures(textsOf(label), run.diversity ? own(run.diversity.byLabel, label) : undefined);
  return { ...all, by_label: Object.fromEntries(run.labels.map((label) => [label, ofLabel(label)])) };
};
