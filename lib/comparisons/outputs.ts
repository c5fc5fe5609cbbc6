import { inBatches } from '../async/in-batches.ts';
import { embeddingDiversityOf, normalisedMean } from '../diversity/embedding.ts';
import type { EmbeddingDiversity } from '../diversity/figures.ts';
import type { PromptFile } from '../files/prompt-file.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { vectorId } from '../runs/keys.ts';
import type { ContentStore } from '../runs/ports.ts';
import { outputsOf, requestOf } from '../runs/read-run.ts';
import type { SamplingReport } from '../sampling/setting.ts';
import type { VectorIndex } from '../vectors/ports.ts';
import type { MeasuredBlock } from './measured-block.ts';
import type { Plan } from './plan.ts';

/** Values of completed outputs, grouped by setting, then by prompt. */
type Grouped<T> = T[][][];

/**
 * Figures that need the outputs themselves. `vectors[block][setting]` is one vector of each output, undefined where there
 * is none; empty if none was asked for. `missingVectors` counts the outputs whose vectors were not found; null when
 * the vectors could not be read. `isFinal` means that no missing value can still appear.
 */
export type Outputs = {
  sampling: (SamplingReport | null)[];
  texts: Grouped<string> | null;
  isTooLong: boolean;
  diversities: EmbeddingDiversity[][];
  vectors: (Float32Array | undefined)[][];
  missingVectors: number | null;
  isFinal: boolean;
};

export type ReadOutputsDeps = {
  content: ContentStore;
  vectors: Pick<VectorIndex, 'fetch'>;
  namespace: (caller: string) => string;
  log: Log;
};

const RUNS_AT_ONCE = 8;
const IDS_AT_ONCE = 100;

/** Upper bound of the characters of output that one request reads. Beyond it, figures of the texts are left out. */
const MAX_CHARS = 4_000_000;

/** With log probabilities a stored output is about this many times as large, and with each alternative that they have. */
const LOGPROBS_FACTOR = 20;
const ALTERNATIVE_FACTOR = 8;

/** How many times as large as their texts a plan's stored outputs are, log probabilities considered. */
export const storedSizeFactor = ({ settings }: Pick<Plan, 'settings'>): number =>
  Math.max(
    1,
    ...settings
      .filter(({ requested }) => requested.logprobs === true)
      .map(({ requested }) => LOGPROBS_FACTOR + ALTERNATIVE_FACTOR * Number(requested.top_logprobs ?? 0)),
  );

/** Reads a comparison's outputs. */
export const readOutputs = async (
  { caller }: PromptFile,
  plan: Plan,
  blocks: MeasuredBlock[],
  deps: ReadOutputsDeps,
): Promise<Outputs> => {
  const chars = blocks.reduce(
    (sum, { cells }) => sum + cells.reduce((own, figures) => own + (figures?.chars ?? 0), 0),
    0,
  );
  const isTooLong = chars * storedSizeFactor(plan) > MAX_CHARS;
  const isRepeated = plan.samples > 1;
  const blocksToRead = isTooLong || !isRepeated ? oneCompleteBlock(blocks) : blocks;
  const { texts, sampling } = await readTexts(plan, blocksToRead, deps);
  const base = {
    sampling,
    texts: isRepeated && !isTooLong ? texts : null,
    isTooLong: isRepeated && isTooLong,
  };
  const none = { ...base, diversities: [], vectors: [] };
  if (!isRepeated || !plan.index) return { ...none, missingVectors: 0, isFinal: true };
  try {
    const { vectors, missing, awaited } = await readVectors(plan, blocks, {
      vectors: deps.vectors,
      namespace: deps.namespace(caller),
    });
    return {
      ...base,
      diversities: diversitiesOf(vectors, plan, blocks),
      vectors,
      missingVectors: missing,
      isFinal: awaited === 0,
    };
  } catch (error) {
    deps.log.warn('comparison.without_vectors', { comparison_id: plan.id, ...errorFields(error) });
    return { ...none, missingVectors: null, isFinal: false };
  }
};

/** One block in which every setting completed, if any: enough to show how each setting was sampled. */
const oneCompleteBlock = (blocks: MeasuredBlock[]): MeasuredBlock[] => {
  const complete = blocks.find(({ cells }) => cells.every((figures) => figures !== undefined));
  return complete ? [complete] : blocks.slice(0, 1);
};

/**
 * Reads the texts of all completed outputs but those that only call tools, and the sampling of each setting's first one.
 * Keeps no traces.
 */
const readTexts = async (
  plan: Plan,
  blocks: MeasuredBlock[],
  deps: { content: ContentStore },
): Promise<{ texts: Grouped<string>; sampling: (SamplingReport | null)[] }> => {
  const texts = emptyGroups<string>(plan);
  const sampling = plan.settings.map((): SamplingReport | null => null);
  const read = await inBatches(blocks, RUNS_AT_ONCE, async ({ prompt, run, cells }) => {
    if (!run || cells.every((figures) => figures === undefined)) return [];
    const outputs = await outputsOf(run, await requestOf(run, deps), deps);
    return outputs.filter(({ status }) => status === 'completed').map((output) => ({ prompt, ...output }));
  });
  for (const { prompt, label, text, tool_calls, sampling: own } of read.flat()) {
    const setting = plan.settings.findIndex((each) => each.label === label);
    if (text || !tool_calls) texts[setting]?.[prompt]?.push(text ?? '');
    sampling[setting] ??= own;
  }
  return { texts, sampling };
};

/**
 * Reads one vector for each completed output, by block and setting: the normalised mean of its chunks' vectors.
 * `missing` counts the outputs that have none, `awaited` those of them whose run may still be indexed.
 */
const readVectors = async (
  plan: Plan,
  blocks: MeasuredBlock[],
  { vectors, namespace }: { vectors: Pick<VectorIndex, 'fetch'>; namespace: string },
): Promise<{ vectors: (Float32Array | undefined)[][]; missing: number; awaited: number }> => {
  const outputs = blocks.flatMap(({ run, cells }, block) =>
    cells.flatMap((figures, setting) => {
      const index = plan.blocks[block]?.order.indexOf(setting) ?? -1;
      if (!run || !figures || figures.chunks === 0) return [];
      const ids = Array.from({ length: figures.chunks }, (_, chunk) => vectorId(run.id, index, chunk));
      return [{ block, setting, ids, isRefused: run.status === 'failed' }];
    }),
  );
  const found = new Map<string, Float32Array>();
  const ids = outputs.flatMap((output) => output.ids);
  const batches = Array.from({ length: Math.ceil(ids.length / IDS_AT_ONCE) }, (_, at) =>
    ids.slice(at * IDS_AT_ONCE, (at + 1) * IDS_AT_ONCE),
  );
  await inBatches(batches, 4, async (batch) => {
    for (const { id, values } of await vectors.fetch(namespace, batch)) found.set(id, values);
  });
  const rows = blocks.map(() => plan.settings.map((): Float32Array | undefined => undefined));
  let missing = 0;
  let awaited = 0;
  for (const output of outputs) {
    const chunks = output.ids.flatMap((id) => found.get(id) ?? []);
    const vector = chunks.length === output.ids.length ? normalisedMean(chunks) : undefined;
    const row = rows[output.block];
    if (row) row[output.setting] = vector;
    if (vector) continue;
    missing += 1;
    if (!output.isRefused) awaited += 1;
  }
  return { vectors: rows, missing, awaited };
};

/** The embedding diversity of each setting's outputs to each prompt. */
export const diversitiesOf = (
  vectors: Outputs['vectors'],
  { settings, prompts }: Pick<Plan, 'prompts'> & { settings: readonly unknown[] },
  blocks: readonly Pick<MeasuredBlock, 'prompt'>[],
): EmbeddingDiversity[][] =>
  settings.map((_, setting) =>
    Array.from({ length: prompts }, (_, prompt) => {
      const own = blocks.flatMap((block, at) =>
        block.prompt === prompt ? (vectors[at]?.[setting] ?? []) : [],
      );
      return embeddingDiversityOf(own);
    }),
  );

const emptyGroups = <T>({ settings, prompts }: Pick<Plan, 'settings' | 'prompts'>): Grouped<T> =>
  settings.map(() => Array.from({ length: prompts }, () => []));
