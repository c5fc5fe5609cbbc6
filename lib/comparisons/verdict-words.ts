import type { VerdictFigure } from './view.ts';

/** The words for a figure. `value` words a setting's own value, `lacks` the reason that none is known. */
type Words = { best: string; better: string; in: string; value: (value: number) => string; lacks: string };

const WORDS: Record<VerdictFigure, Words> = {
  e2e_ms: {
    best: 'the fastest',
    better: 'faster',
    in: 'speed',
    value: (ms) =>
      `half of its answers end within ${ms < 10_000 ? `${digits(ms)} ms` : `${digits(ms / 1000)} s`}`,
    lacks: 'no time was measured with a warm start',
  },
  cost_usd: {
    best: 'the cheapest',
    better: 'cheaper',
    in: 'cost',
    value: (usd) => `$${digits(1000 * usd)} for a thousand answers`,
    lacks: 'no price is known',
  },
  embedding_diversity: {
    best: 'the most diverse',
    better: 'more diverse',
    in: 'diversity',
    value: (diversity) => `${digits(diversity)} on a scale from 0, always the same`,
    lacks: 'that needs two samples for a prompt, and their vectors',
  },
  pass_rate: {
    best: 'most often right',
    better: 'right more often',
    in: 'pass rate',
    value: (rate) => `${Math.round(100 * rate)}% of its answers pass the checks`,
    lacks: 'no answer was checked',
  },
};

/** Three digits, without zeros at the end. */
const digits = (value: number): string => {
  const rounded = Number(value.toPrecision(3));
  return Math.abs(rounded) < 1e-6
    ? rounded.toString()
    : rounded.toLocaleString('en-US', { maximumSignificantDigits: 3 });
};

/** Labels as they stand in a sentence: a, b and c. */
const listed = (labels: readonly string[], join = 'and'): string =>
  labels.length < 2 ? labels.join('') : `${labels.slice(0, -1).join(', ')} ${join} ${labels.at(-1)}`;

type Found =
  | { tied: string[]; value: number | null }
  | { label: string; value: number; better: string[]; untold: string[]; notCompared: string[] };

export const bestSentence = (figure: VerdictFigure, found: Found): string => {
  const { best, better, value, lacks } = WORDS[figure];
  if ('tied' in found) {
    if (found.value === null) return `None is ${best}: ${lacks}.`;
    return found.tied.length < 2
      ? `None is ${best}: there is no other setting to compare.`
      : `None is ${best}: ${listed(found.tied)} are equal (${value(found.value)}).`;
  }
  const { label, untold, notCompared } = found;
  const clearly = found.better.length > 0 ? `clearly ${better} than ${listed(found.better)}` : '';
  if (untold.length === 0 && notCompared.length === 0) {
    return `${label} is ${best} (${value(found.value)}): it is ${clearly}.`;
  }
  const doubts = [
    untold.length > 0 ? `cannot be told from ${listed(untold, 'or')}` : '',
    notCompared.length > 0 ? `was not compared with ${listed(notCompared, 'or')}` : '',
  ].filter((part) => part !== '');
  const end = clearly === '' ? '' : ` It is ${clearly}.`;
  return `${label} looks ${best} (${value(found.value)}), but ${doubts.join(' and ')}.${end}`;
};

export const beatenSentence = ({
  label,
  by,
  better_in,
}: {
  label: string;
  by: string;
  better_in: VerdictFigure[];
}): string => {
  const better = listed(better_in.map((figure) => WORDS[figure].better));
  const rest = better_in.length < Object.keys(WORDS).length ? ', and not clearly worse in anything else' : '';
  return `${by} beats ${label}: it is clearly ${better}${rest}.`;
};

export const summarySentence = (unbeaten: readonly string[], beaten: number): string => {
  if (unbeaten.length === 0) return 'No setting has an answer, so there is nothing to tell.';
  if (unbeaten.length === 1 && beaten === 0) return `${unbeaten[0]} is the only setting to compare.`;
  if (beaten === 0)
    return `No setting beats another: ${listed(unbeaten)} each have a case, or cannot be told apart.`;
  return `Nothing beats ${listed(unbeaten, 'or')}: each other setting is clearly worse than another one in something, and clearly better in nothing.`;
};

export const untoldSentence = ({
  a,
  b,
  figure,
  more_blocks,
  few,
  blocks,
}: {
  a: string;
  b: string;
  figure: VerdictFigure;
  more_blocks: number | null;
  /** The blocks that can be compared, if these are too few to tell anything. */
  few: number | null;
  blocks: number;
}): string => {
  const untold = `${a} and ${b} cannot be told apart in ${WORDS[figure].in}`;
  if (few !== null) return `${untold}: only ${few} of ${blocks} blocks can be compared.`;
  return more_blocks === null
    ? `${untold}: the difference is too small to say how many blocks would tell.`
    : `${untold}; if the difference stays as it is, about ${more_blocks} more ${more_blocks === 1 ? 'block' : 'blocks'} would probably tell.`;
};
