import { MAX_PAIRED_SETTINGS } from './differences.ts';
import type { MeasuredBlock } from './measured-block.ts';
import type { Outputs } from './outputs.ts';
import type { Plan } from './plan.ts';
import type { ComparisonView } from './view.ts';

type Noted = Omit<ComparisonView, 'notes'>;
type Sources = { plan: Plan; blocks: MeasuredBlock[]; outputs: Outputs | null };

/** Notes for a reader of the figures, in sentences: how they were measured, and which values are missing. */
export const notesOf = (view: Noted, sources: Sources): string[] =>
  [...methodNotes(view), ...missingNotes(view, sources)].filter((note) => note !== '');

const methodNotes = ({ settings, differences, warm_up, cold_starts, progress, status }: Noted): string[] => {
  const intervals = differences.filter(({ interval }) => interval).length;
  const models = new Set(settings.map(({ model }) => model)).size;
  return [
    `${progress.blocks} blocks in random order; each is one prompt with every setting once, in random order and at most 8 at a time.`,
    `${count(warm_up.runs, 'warm-up request')} (${models === 1 ? 'the model' : 'each model'} once) went first and ${warm_up.runs === 1 ? 'is' : 'are'} in none of the figures.`,
    cold_starts.n === 0
      ? ''
      : `${count(cold_starts.n, 'generation')} came from a cold start; their times stand apart, in cold.`,
    status === 'generating' ? 'Figures so far; differences follow when every block is done.' : '',
    intervals === 0
      ? ''
      : `${intervals} intervals at 95%: where nothing differs, one in twenty excludes 0 all the same.`,
    settings.length > MAX_PAIRED_SETTINGS
      ? `With more than ${MAX_PAIRED_SETTINGS} settings each is compared with the first, ${settings[0]?.label}, alone.`
      : '',
  ];
};

const missingNotes = (
  { settings, progress, samples, status }: Noted,
  { plan, blocks, outputs }: Sources,
): string[] => {
  const deleted = blocks.filter(({ run }) => run?.status === 'deleted').length;
  const unpriced = settings.reduce((sum, { cost_usd }) => sum + cost_usd.unpriced, 0);
  return [
    progress.failed > 0 ? `${count(progress.failed, 'failed generation')} left out, with their pairs.` : '',
    deleted > 0 ? `${count(deleted, 'block')} left out: their runs were deleted.` : '',
    unpriced > 0 ? `The price of ${count(unpriced, 'generation')} is not known.` : '',
    samples === 1 ? 'One sample a prompt has no diversity; ask for two or more.' : '',
    samples > 1 && !plan.index ? 'No embedding diversity: index is false.' : '',
    status === 'generated' && samples > 1 ? 'Diversity follows when everything is indexed.' : '',
    outputs?.isTooLong ? 'Figures of the texts are left out: the outputs are too long to read at once.' : '',
    outputs?.missingVectors === null ? 'The vectors could not be read now; ask again.' : '',
    outputs?.missingVectors ? `${count(outputs.missingVectors, 'output')} without a vector.` : '',
  ];
};

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
