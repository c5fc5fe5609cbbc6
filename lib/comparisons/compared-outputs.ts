import { inBatches } from '../async/in-batches.ts';
import { embeddingDiversityOf } from '../diversity/embedding-diversity.ts';
import type { EmbeddingDiversity } from '../diversity/figures.ts';
import { normalisedMean } from '../diversity/normalised-mean.ts';
import { type TextDiversity, textDiversityOf } from '../diversity/text-diversity.ts';
import { vectorId } from '../runs/keys.ts';
import type { ContentStore } from '../runs/ports.ts';
import { outputsOf } from '../runs/read-run.ts';
import type { SamplingReport } from '../sampling/setting.ts';
import type { VectorIndex } from '../vectors/ports.ts';
import type { MeasuredBlock } from './measured-block.ts';
import type { Grouped } from './outputs.ts';
import type { Plan } from './plan.ts';

const RUNS_AT_ONCE = 8;
const IDS_AT_ONCE = 100;

/** The texts of all completed outputs, and how each setting's first one was sampled. Keeps no trace in memory. */
export const readTexts = async (
  plan: Plan,
  blocks: MeasuredBlock[],
  deps: { content: ContentStore },
): Promise<{ texts: Grouped<string>; sampling: (SamplingReport | null)[] }> => {
  const texts = emptyGroups<string>(plan);
  const sampling = plan.settings.map((): SamplingReport | null => null);
  const read = await inBatches(blocks, RUNS_AT_ONCE, async ({ prompt, run, cells }) => {
    if (!run || cells.every((figures) => figures === undefined)) return [];
    const outputs = await outputsOf(run, deps);
    return outputs
      .filter(({ generation }) => generation.status === 'completed')
      .map(({ generation: { label, text, sampling } }) => ({ prompt, label, text: text ?? '', sampling }));
  });
  for (const { prompt, label, text, sampling: own } of read.flat()) {
    const setting = plan.settings.findIndex((each) => each.label === label);
    texts[setting]?.[prompt]?.push(text);
    sampling[setting] ??= own;
  }
  return { texts, sampling };
};

/** One vector a completed output, the normalised mean of its chunks'; `missing` outputs have none (yet). */
export const readVectors = async (
  plan: Plan,
  blocks: MeasuredBlock[],
  { vectors, namespace }: { vectors: Pick<VectorIndex, 'fetch'>; namespace: string },
): Promise<{ vectors: Grouped<Float32Array>; missing: number }> => {
  const outputs = blocks.flatMap(({ prompt, run, cells }, block) =>
    cells.flatMap((figures, setting) => {
      const index = plan.blocks[block]?.order.indexOf(setting) ?? -1;
      if (!run || !figures || figures.chunks === 0) return [];
      const ids = Array.from({ length: figures.chunks }, (_, chunk) => vectorId(run.id, index, chunk));
      return [{ prompt, setting, ids }];
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
  const groups = emptyGroups<Float32Array>(plan);
  let missing = 0;
  for (const output of outputs) {
    const chunks = output.ids.flatMap((id) => found.get(id) ?? []);
    const vector = chunks.length === output.ids.length ? normalisedMean(chunks) : undefined;
    if (vector) groups[output.setting]?.[output.prompt]?.push(vector);
    else missing += 1;
  }
  return { vectors: groups, missing };
};

export const embeddingDiversities = (vectors: Grouped<Float32Array>): EmbeddingDiversity[][] =>
  vectors.map((ofSetting) => ofSetting.map(embeddingDiversityOf));

/** Mean over prompts of each text figure; null where no prompt has it. */
export const meanTextDiversity = (ofPrompts: string[][]): TextDiversity => {
  const figures = ofPrompts.map(textDiversityOf);
  const mean = (name: keyof TextDiversity): number | null => meanOf(figures.map((one) => one[name]));
  return {
    distinct_1: mean('distinct_1'),
    distinct_2: mean('distinct_2'),
    distinct_3: mean('distinct_3'),
    self_bleu_4: mean('self_bleu_4'),
    compression_ratio: mean('compression_ratio'),
    duplicate_rate: mean('duplicate_rate'),
    words_cut: mean('words_cut'),
    words_uncut: mean('words_uncut'),
  };
};

export const meanOf = (values: (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
};

const emptyGroups = <T>({ settings, prompts }: Pick<Plan, 'settings' | 'prompts'>): Grouped<T> =>
  settings.map(() => Array.from({ length: prompts }, () => []));
