import { InvalidInputError } from '../errors.ts';
import type { ComparisonSummary, FileLineEntry } from '../files/prompt-file.ts';
import type { PlannedLines, StoredComparison } from '../files/read/planned-lines.ts';
import { lineRunId } from '../files/work/line-run.ts';
import { dropAbsent, jsonBytes } from '../json/value.ts';
import { ID_CHARACTERS } from '../runs/keys.ts';
import type { ContentStore } from '../runs/ports.ts';
import type { ComparisonRequest, Objectives } from './request.ts';
import { seededRandom, shuffled } from './seeded-random.ts';

/** A block is one run: a prompt with every setting once. `order[i]` is the setting of its generation i. */
export type PlannedBlock = { run_id: string; prompt: number; order: number[] };

/** The plan of a comparison, fixed when it is accepted. It is stored as JSON. */
export type Plan = {
  schema_version: 1;
  id: string;
  /** The caller's name for it. Plans of earlier versions have none. */
  name?: string | null;
  created_at: string;
  prompts: number;
  samples: number;
  settings: { label: string; model: string; requested: Record<string, unknown> }[];
  objectives: Objectives | null;
  index: boolean;
  has_checks: boolean;
  metadata: Record<string, string>;
  warm_ups: string[];
  blocks: PlannedBlock[];
};

/** The runs of a plan's blocks, in their order. */
export const blockRuns = ({ blocks }: Pick<Plan, 'blocks'>): string[] => blocks.map(({ run_id }) => run_id);

/** Upper bound of the bytes of all lines of a comparison. */
const MAX_LINES_BYTES = 16 * 1024 * 1024;
const WARM_UP_PROMPT = 'Say hello.';
const WARM_UP_TOKENS = 16;

/** The key of the prompt file as which a comparison is processed. */
export const comparisonKey = (id: string): string => `comparisons/${id}`;
const COMPARISON_ID = new RegExp(`^cmp_${ID_CHARACTERS}$`);

export const isComparisonId = (id: string): boolean => COMPARISON_ID.test(id);

// The key has the request's hash, so that two bodies that race for one Idempotency-Key do not overwrite each other.
export const planKey = ({ id, etag }: StoredComparison): string => `files/${id}/plan.${etag}.json`;

export const readPlan = async (file: StoredComparison, content: Pick<ContentStore, 'get'>): Promise<Plan> =>
  JSON.parse(await content.get(planKey(file)));

/** A comparison in short, for its file. */
export const summaryOf = ({ name = null, prompts, samples, settings }: Plan): ComparisonSummary => ({
  name,
  prompts,
  samples,
  settings: settings.map(({ label, model }) => ({ label, model })),
  status: null,
});

/**
 * Plans a comparison: prompts x samples blocks in random order, with the settings in random order within each, and
 * before them a warm-up request to each distinct model. The random generator is seeded with the id, so the same request
 * and id make the same plan.
 * @throws {InvalidInputError} when its lines are over 16 MiB.
 */
export const makePlan = (
  request: ComparisonRequest,
  { id, createdAt, bucket }: { id: string; createdAt: string; bucket: string },
): { plan: Plan; lines: PlannedLines } => {
  requireSize(request);
  const random = seededRandom(`${id} order`);
  const places = shuffled(
    request.prompts.flatMap((_, prompt) => Array.from({ length: request.samples }, () => prompt)),
    random,
  );
  const warmUps = warmUpBodies(request, id);
  const blocks = places.map((prompt, at) => {
    const order = shuffled([...request.settings.keys()], random);
    return { prompt, order, body: blockBody(request, id, { number: at + 1, prompt, order }) };
  });
  const entry = (body: unknown, at: number): FileLineEntry => ({ line: at + 1, occurrence: 0, body });
  const lines = {
    warm_ups: warmUps.map(entry),
    blocks: blocks.map(({ body }, at) => entry(body, warmUps.length + at)),
  };
  const runId = (line: FileLineEntry) => lineRunId(bucket, { key: comparisonKey(id) }, line);
  const plan: Plan = {
    schema_version: 1,
    id,
    name: request.name,
    created_at: createdAt,
    prompts: request.prompts.length,
    samples: request.samples,
    settings: request.settings.map((own) => ({
      label: own.label,
      model: own.model,
      requested: requestedOf(request, own),
    })),
    objectives: request.objectives,
    index: request.index,
    has_checks: request.hasChecks,
    metadata: request.metadata,
    warm_ups: lines.warm_ups.map(runId),
    blocks: lines.blocks.map((line, at) => ({
      run_id: runId(line),
      prompt: blocks[at]?.prompt ?? 0,
      order: blocks[at]?.order ?? [],
    })),
  };
  return { plan, lines };
};

const requireSize = (request: ComparisonRequest): void => {
  const rest = jsonBytes([request.shared, request.settings, request.metadata]) + 500;
  const prompts = request.prompts.reduce((sum, prompt) => sum + jsonBytes(prompt), 0);
  const bytes = (prompts + rest * request.prompts.length) * request.samples;
  if (bytes > MAX_LINES_BYTES) {
    throw new InvalidInputError([
      {
        path: 'samples',
        message: `prompts and settings, repeated for each sample, are ${bytes} bytes, at most ${MAX_LINES_BYTES} are allowed; ask for fewer`,
      },
    ]);
  }
};

const blockBody = (
  { prompts, settings, shared, index, metadata }: ComparisonRequest,
  id: string,
  { number, prompt, order }: { number: number; prompt: number; order: number[] },
): unknown => ({
  ...prompts[prompt],
  ...shared,
  settings: order.map((at) => settings[at]),
  samples: 1,
  index,
  metadata: { ...metadata, comparison: id, block: String(number), prompt: String(prompt) },
});

/** Makes a small request for each model. It has no checks and no response format, which its prompt might not meet. */
const warmUpBodies = ({ settings, shared, metadata }: ComparisonRequest, id: string): unknown[] => {
  const firsts = [...new Map(settings.toReversed().map((own) => [own.model, own])).values()].toReversed();
  return firsts.map(({ model, reasoning_effort = shared.reasoning_effort }) =>
    dropAbsent({
      prompt: WARM_UP_PROMPT,
      model,
      max_tokens: WARM_UP_TOKENS,
      reasoning_effort,
      index: false,
      metadata: { ...metadata, comparison: id, warm_up: 'true' },
    }),
  );
};

const NOT_SAMPLING = ['label', 'model', 'checks', 'strict_sampling'];

const requestedOf = (
  { shared }: ComparisonRequest,
  own: ComparisonRequest['settings'][number],
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries({ ...shared, ...own }).filter(([field]) => !NOT_SAMPLING.includes(field)),
  );
