import { UNCERTAIN_TIMES } from '../runs/run.ts';
import { MAX_PAIRED_SETTINGS, MIN_PAIRS } from './differences.ts';
import type { MeasuredBlock } from './measured-block.ts';
import type { Outputs } from './outputs.ts';
import type { Plan } from './plan.ts';
import { errorCounts, listed } from './verdict-words.ts';
import type { ComparisonView } from './view.ts';

type Noted = Omit<ComparisonView, 'notes'>;
type Sources = { plan: Plan; blocks: MeasuredBlock[]; outputs: Outputs | null };

/** Notes for a reader of the figures, in sentences: how they were measured, and which values are missing. */
export const notesOf = (view: Noted, sources: Sources): string[] =>
  [...methodNotes(view), ...missingNotes(view, sources)].filter((note) => note !== '');

const methodNotes = ({ settings, differences, warm_up, cold_starts, progress, status }: Noted): string[] => {
  const tested = differences.filter(({ p }) => p !== null).length;
  const models = new Set(settings.map(({ model }) => model)).size;
  return [
    `${count(progress.blocks, 'block')} in random order; each is one prompt with every setting once, in random order and at most 8 at a time.`,
    `${count(warm_up.runs, 'warm-up request')} (${models === 1 ? 'the model' : 'each model'} once) went first and ${warm_up.runs === 1 ? 'is' : 'are'} in none of the figures.`,
    cold_starts.n === 0
      ? ''
      : `${count(cold_starts.n, 'generation')} came from a cold start; ${cold_starts.n === 1 ? 'its' : 'their'} times stand apart, in cold, and differences of times leave them out.`,
    status === 'generating' ? 'Figures so far; differences follow when every block is done.' : '',
    tested > 0 && progress.blocks < MIN_PAIRS
      ? 'Nothing is told below six blocks (prompts x samples): add prompts or samples.'
      : '',
    tested === 0 || progress.blocks < MIN_PAIRS
      ? ''
      : `One test decides which of ${count(tested, 'difference')} ${tested === 1 ? 'is' : 'are'} clear: were all settings equal, at most one comparison in twenty would call any of them clear. The intervals hold one by one.`,
    ...settings.flatMap(({ label, same_as }) =>
      same_as === null
        ? []
        : [
            `${label} came to the same request as ${same_as}, so the two are one setting: ${label} is not compared.`,
          ],
    ),
    settings.filter(({ same_as }) => same_as === null).length > MAX_PAIRED_SETTINGS
      ? `With more than ${MAX_PAIRED_SETTINGS} settings each is compared with the first, ${settings[0]?.label}, alone.`
      : '',
  ];
};

const missingNotes = (
  { settings, progress, samples, status, stopped }: Noted,
  { plan, blocks, outputs }: Sources,
): string[] => {
  const deleted = blocks.filter(({ run }) => run?.status === 'deleted').length;
  const uncertain = UNCERTAIN_TIMES.flatMap((time) => {
    const n = settings.reduce((sum, own) => sum + own.uncertain[time], 0);
    return n === 0 ? [] : [`${time} of ${count(n, 'generation')}`];
  });
  const unpriced = settings.reduce((sum, { cost_usd }) => sum + cost_usd.unpriced, 0);
  return [
    stopped ? `Cancelled at ${stopped.at}: generations of blocks that had not begun count as failed.` : '',
    progress.failed > 0
      ? `${count(progress.failed, 'failed generation')} ${progress.failed === 1 ? 'is left out, with its' : 'are left out, with their'} pairs.`
      : '',
    ...settings.flatMap(({ label, n, errors }) =>
      Object.keys(errors).length === 0
        ? []
        : [
            n === 0
              ? `${label} has no answer: ${errorCounts(errors)}.`
              : `${label} failed: ${errorCounts(errors)}.`,
          ],
    ),
    deleted > 0
      ? `${count(deleted, 'block')} left out: ${deleted === 1 ? 'its run was' : 'their runs were'} deleted.`
      : '',
    uncertain.length > 0
      ? `Some times are uncertain, since the process that read them was too busy to read them at once: ${listed(uncertain)}. Each is left out, and with it its block in differences of that time.`
      : '',
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
