import { inBatches } from '../async/in-batches.ts';
import { codeOf } from '../errors.ts';
import type { PromptFile } from '../files/prompt-file.ts';
import { fitAnswer, type LeftOut } from '../runs/fit-answer.ts';
import { outputKey } from '../runs/keys.ts';
import { decodeText } from '../runs/output-object.ts';
import type { GenerationFigures, Run } from '../runs/run.ts';
import { storedSizeFactor } from './outputs.ts';
import { blockRuns, type Plan, readPlan } from './plan.ts';
import { type ReadComparisonDeps, readRuns } from './read.ts';
import { type ComparisonView, isFinalStatus } from './view.ts';

/**
 * `pending`: not generated yet. `absent`: never generated, since the comparison was stopped before, or its run is no
 * longer kept.
 */
export const TEXT_STATUSES = ['completed', 'failed', 'pending', 'absent', 'deleted'] as const;
type TextStatus = (typeof TEXT_STATUSES)[number];

/** The output of one setting in a block. `text` is null unless the output is completed and not left out. */
export type ComparedText = {
  label: string;
  run_id: string;
  index: number;
  status: TextStatus;
  text: string | null;
  /** Whether all checks passed; null without checks or without a text. */
  passed: boolean | null;
  /** In an answer that would be too large: that the text is null for this reason alone. */
  left_out?: LeftOut<'text'>;
};

/** The outputs of a block, in the order of the settings. Blocks count from 1 and prompts from 0, as in metadata. */
type BlockTexts = { block: number; prompt: number; outputs: ComparedText[] };

/** A comparison as it is answered. The texts are read from the runs' outputs each time and stored nowhere else. */
export type ComparisonAnswer = ComparisonView & { texts: BlockTexts[] | null };

const OUTPUTS_AT_ONCE = 16;
/** Upper bound of the characters of stored outputs that one answer reads: no more of them fit into it. */
const MAX_CHARS = 5_000_000;

/**
 * Adds the texts of a comparison to its view, or null for them: `when` it has `ended`, `always` or `never`. An answer of
 * more than 5 MB leaves out the later texts.
 */
export const withTexts = async (
  file: PromptFile,
  view: ComparisonView,
  when: 'ended' | 'always' | 'never',
  deps: ReadComparisonDeps,
): Promise<ComparisonAnswer> => {
  if (when === 'never' || (when === 'ended' && !isFinalStatus(view.status))) return { ...view, texts: null };
  const plan = await readPlan(file, deps.content);
  const runs = await readRuns(file, blockRuns(plan), deps);
  const planned = plan.blocks.flatMap(({ run_id, order }, block) =>
    plan.settings.map(({ label }, setting) => {
      const index = order.indexOf(setting);
      return { label, run_id, index, ...stateOf(file, runs[block], index) };
    }),
  );
  const outputs = await readTexts(planned, plan, deps);
  return fitAnswer({
    items: outputs,
    instead: { text: null },
    readAt: outputPath,
    answerOf: (shown) => ({ ...view, texts: inBlocks(shown, plan) }),
  });
};

type State = { status: TextStatus; figures: GenerationFigures | undefined };
type Planned = State & Pick<ComparedText, 'label' | 'run_id' | 'index'>;

const stateOf = ({ status }: Pick<PromptFile, 'status'>, run: Run | undefined, index: number): State => {
  const isOpen = status === 'reading' || status === 'generating';
  if (!run) return { status: isOpen ? 'pending' : 'absent', figures: undefined };
  if (run.status === 'deleted') return { status: 'deleted', figures: undefined };
  const figures = run.generations[index];
  if (figures) return { status: figures.status, figures };
  const isUnderWay = run.status === 'queued' || run.status === 'generating';
  return { status: isUnderWay ? 'pending' : 'failed', figures: undefined };
};

/** Reads the texts of completed outputs, in order and as many as may fit into an answer. */
const readTexts = async (
  planned: Planned[],
  plan: Plan,
  { content }: Pick<ReadComparisonDeps, 'content'>,
): Promise<ComparedText[]> => {
  const factor = storedSizeFactor(plan);
  let chars = 0;
  const isRead = planned.map(({ figures }) => {
    chars += (figures?.chars ?? 0) * factor;
    return chars <= MAX_CHARS;
  });
  return inBatches([...planned.entries()], OUTPUTS_AT_ONCE, async ([at, { figures, ...output }]) => {
    const passed = figures?.passed ?? null;
    if (output.status !== 'completed' || !figures) return { ...output, text: null, passed: null };
    if (!isRead[at]) {
      const left_out = { fields: ['text' as const], read_at: outputPath(output) };
      return { ...output, text: null, passed, left_out };
    }
    try {
      const json = await content.get(outputKey(output.run_id, output.index, figures.lease));
      return { ...output, text: decodeText(json), passed };
    } catch (error) {
      if (codeOf(error) !== 'missing_object') throw error;
      // Its run was deleted since it was read.
      return { ...output, status: 'deleted', text: null, passed: null };
    }
  });
};

const outputPath = ({ run_id, index }: Pick<ComparedText, 'run_id' | 'index'>): string =>
  `/runs/${run_id}/generations/${index}`;

const inBlocks = (outputs: ComparedText[], { blocks, settings }: Plan): BlockTexts[] =>
  blocks.map(({ prompt }, at) => ({
    block: at + 1,
    prompt,
    outputs: outputs.slice(at * settings.length, (at + 1) * settings.length),
  }));
