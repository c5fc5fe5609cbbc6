import { MIN_PAIRS } from './differences.ts';
import { type Lack, reasonsOf, soleReason } from './lacking-values.ts';
import type { ComparedSetting, Difference, VerdictFigure } from './view.ts';

/** The words for a figure. `value` words the value of the settings that `whose` names, `lacks` the reason that none is known. */
type Words = {
  best: string;
  better: string;
  in: string;
  values: string;
  value: (value: number, whose: 'its' | 'their') => string;
  lacks: string;
};

const WORDS: Record<VerdictFigure, Words> = {
  e2e_ms: {
    best: 'the fastest',
    better: 'faster',
    in: 'speed',
    values: 'times',
    value: (ms, whose) =>
      `half of ${whose} answers end within ${ms < 10_000 ? `${digits(ms)} ms` : `${digits(ms / 1000)} s`}`,
    lacks: 'no time was measured',
  },
  cost_usd: {
    best: 'the cheapest',
    better: 'cheaper',
    in: 'cost',
    values: 'costs',
    value: (usd) => `$${digits(1000 * usd)} for a thousand answers`,
    lacks: 'no price is known',
  },
  embedding_diversity: {
    best: 'the most diverse',
    better: 'more diverse',
    in: 'diversity',
    values: 'vectors',
    value: (diversity) => `${digits(diversity)} on a scale from 0, always the same`,
    lacks: 'that needs two samples for a prompt, and their vectors',
  },
  pass_rate: {
    best: 'most often right',
    better: 'right more often',
    in: 'pass rate',
    values: 'results of checks',
    value: (rate, whose) => `${Math.round(100 * rate)}% of ${whose} answers pass the checks`,
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
export const listed = (labels: readonly string[], join = 'and'): string =>
  labels.length < 2 ? labels.join('') : `${labels.slice(0, -1).join(', ')} ${join} ${labels.at(-1)}`;

/** The failures of a setting by error code, as they stand in a sentence: model_not_found (12). */
export const errorCounts = (errors: Record<string, number>): string =>
  listed(Object.entries(errors).map(([code, n]) => `${code} (${n})`));

/** No setting to name among so many, equal ones, or the first. `lacking` are those with too few values. */
type Found = { lacking: Lack[] } & (
  | { settings: number }
  | { tied: string[]; value: number }
  | { label: string; value: number; better: string[]; untold: string[]; notCompared: string[] }
);

export const bestSentence = (figure: VerdictFigure, found: Found): string => {
  const { best, better, value } = WORDS[figure];
  const { lacking } = found;
  const lacks =
    lacking.length === 0
      ? ''
      : lackingClause(figure, lacking, 'settings' in found && found.settings === lacking.length);
  if ('settings' in found) {
    if (found.settings === 0) return `None is ${best}: no setting has an answer.`;
    return found.settings === 1
      ? `None is ${best}: there is no other setting to compare.`
      : `None is ${best}: ${lacks}.`;
  }
  const end = lacks === '' ? '' : ` Not compared: ${lacks}.`;
  if ('tied' in found) {
    return `None is ${best}: ${listed(found.tied)} are equal (${value(found.value, 'their')}).${end}`;
  }
  const { label, untold, notCompared } = found;
  const clearly = found.better.length > 0 ? `clearly ${better} than ${listed(found.better)}` : '';
  const doubts = [
    untold.length > 0 ? `cannot be told from ${listed(untold, 'or')}` : '',
    notCompared.length > 0 ? `was not compared with ${listed(notCompared, 'or')}` : '',
    lacking.length > 0 ? `too little is known of ${listed(lacking.map((own) => own.label))}` : '',
  ].filter((part) => part !== '');
  if (doubts.length === 0) return `${label} is ${best} (${value(found.value, 'its')}): it is ${clearly}.`;
  const told = clearly === '' ? '' : ` It is ${clearly}.`;
  return `${label} looks ${best} (${value(found.value, 'its')}), but ${listed(doubts)}.${told}${end}`;
};

/** Says why too few values are known of settings, `isAll` if that is so of each setting. */
const lackingClause = (figure: VerdictFigure, lacking: Lack[], isAll: boolean): string => {
  const { lacks, values } = WORDS[figure];
  const reasons = new Set(lacking.map(soleReason));
  const [sole] = reasons;
  if (figure === 'embedding_diversity' && isAll) return lacks;
  const isAlike = reasons.size === 1 && sole !== null && sole !== undefined;
  const labels = listed(lacking.map(({ label }) => label));
  const total = lacking.reduce((sum, { by }) => sum + (sole ? by[sole] : 0), 0);
  const of = isAll ? '' : ` of ${labels}`;
  if (figure === 'embedding_diversity') return `no diversity is known${of}`;
  if (isAlike && sole === 'unknown') return `${lacks}${of}`;
  if (isAlike && sole === 'uncertain') return `all ${total} times${of} are uncertain`;
  if (isAlike && sole === 'cold') return `all ${total} answers${of} came from a cold start`;
  const each = lacking.map((own) => {
    const why = reasonsOf(own.by);
    return `${own.label} has ${own.have} of ${own.total}${why === '' ? '' : ` (${why})`}`;
  });
  return `too few ${values} are known, since ${listed(each)}; six are needed`;
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
  const rest = better_in.length < Object.keys(WORDS).length ? ', and not clearly worse in anything else' : '';
  return `${by} beats ${label}: it is ${clearlyBetter(better_in)}${rest}.`;
};

const clearlyBetter = (figures: readonly VerdictFigure[]): string =>
  `clearly ${listed(figures.map((figure) => WORDS[figure].better))}`;

type Summed = {
  unbeaten: readonly string[];
  beaten: number;
  /** The unbeaten settings that are clearly better than another one in some figures. */
  cases: { label: string; figures: VerdictFigure[] }[];
  /** Whether no figure differs in any pair. */
  isEqual: boolean;
  /** The figures that no setting has, and those that too few settings have to compare. */
  unknown: VerdictFigure[];
  tooFew: VerdictFigure[];
  unanswered: readonly Pick<ComparedSetting, 'label' | 'errors'>[];
  blocks: number;
};

export const summarySentence = (summed: Summed): string => {
  const { unknown, tooFew, unanswered, unbeaten, beaten } = summed;
  const without = unanswered.map(({ label, errors }) => {
    const why = errorCounts(errors);
    return `${label} has no answer${why === '' ? '' : `: ${why}`}.`;
  });
  const names = listed(unknown.map((figure) => WORDS[figure].in));
  const isCompared = unbeaten.length + beaten > 1;
  return [
    resultSentence(summed),
    ...without,
    !isCompared || names === ''
      ? ''
      : `${names.charAt(0).toUpperCase()}${names.slice(1)} ${unknown.length === 1 ? 'is' : 'are'} not known.`,
    tooFew.length === 0 ? '' : `Too little is known of ${listed(tooFew.map((figure) => WORDS[figure].in))}.`,
  ]
    .filter((part) => part !== '')
    .join(' ');
};

const resultSentence = ({ unbeaten, beaten, cases, isEqual, unanswered, blocks }: Summed): string => {
  if (unbeaten.length === 0) return 'No setting has an answer, so there is nothing to tell.';
  if (unbeaten.length === 1 && beaten === 0) {
    return `${unbeaten[0]} is the only setting ${unanswered.length > 0 ? 'with an answer' : 'to compare'}.`;
  }
  if (beaten > 0) {
    return `Nothing beats ${listed(unbeaten, 'or')}: each other setting is clearly worse than another one in speed, cost or pass rate, and clearly better than that one in nothing.`;
  }
  const words = cases.map(({ label, figures }) => `${label} is ${clearlyBetter(figures)}`);
  const others = unbeaten.filter((label) => !cases.some((own) => own.label === label));
  if (cases.length === 0) {
    if (isEqual) return `No setting beats another: ${listed(unbeaten)} do not differ at all.`;
    const few = blocks < MIN_PAIRS ? ', since nothing is told below six blocks' : '';
    return `No setting beats another: ${listed(unbeaten)} cannot be told apart${few}.`;
  }
  if (others.length === 0) return `No setting beats another; each has a case: ${listed(words)}.`;
  const isDiversity = cases.every(({ figures }) => figures.every((own) => own === 'embedding_diversity'));
  return `No setting beats another: ${listed(words)}${isDiversity ? ', which alone beats nothing' : ''}.`;
};

type Untold = {
  a: string;
  b: string;
  figure: VerdictFigure;
  more_blocks: number | null;
  /** The pairs, if these are too few to tell anything. */
  few: Pick<Difference, 'n' | 'left_out_by'> | null;
  blocks: number;
};

export const untoldSentence = ({ a, b, figure, more_blocks, few, blocks }: Untold): string => {
  const untold = `${a} and ${b} cannot be told apart in ${WORDS[figure].in}`;
  if (few !== null && figure === 'embedding_diversity') return `${untold}: nothing is told below six blocks.`;
  if (few !== null) {
    const why = reasonsOf(few.left_out_by);
    const compared = few.n === 0 ? 'none' : few.n === blocks ? 'only' : `only ${few.n}`;
    const number = `${compared}${few.n === blocks ? '' : ' of'} ${blocks} ${blocks === 1 ? 'block' : 'blocks'}`;
    return `${untold}: ${number} can be compared${why === '' ? '' : ` (${why})`}.`;
  }
  return more_blocks === null
    ? `${untold}: the difference is too small to say how many blocks would tell.`
    : `${untold}; if the difference stays as it is, about ${more_blocks} more ${more_blocks === 1 ? 'block' : 'blocks'} would probably tell.`;
};
