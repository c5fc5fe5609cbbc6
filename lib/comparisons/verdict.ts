import { type Findings, MIN_PAIRS } from './differences.ts';
import { beatenSentence, bestSentence, summarySentence, untoldSentence } from './verdict-words.ts';
import type { Best, ComparedSetting, Verdict, VerdictFigure } from './view.ts';

/** A figure that the verdict rests on. `value` is the setting's own, as its summary shows it. */
type Aspect = {
  figure: VerdictFigure;
  isLowBest: boolean;
  value: (setting: ComparedSetting) => number | null;
};

const SPEED: Aspect = { figure: 'e2e_ms', isLowBest: true, value: ({ e2e_ms }) => e2e_ms.p50 };
const COST: Aspect = { figure: 'cost_usd', isLowBest: true, value: ({ cost_usd }) => cost_usd.mean };
const DIVERSITY: Aspect = {
  figure: 'embedding_diversity',
  isLowBest: false,
  value: ({ diversity }) => diversity?.embedding_diversity ?? null,
};
const RIGHT: Aspect = {
  figure: 'pass_rate',
  isLowBest: false,
  value: ({ pass_rate }) => pass_rate?.rate ?? null,
};
const ASPECTS = [SPEED, COST, DIVERSITY, RIGHT];

/** Of ten comparisons with so many more blocks eight tell a difference that stays as it is: 0.84 standard deviations. */
const EIGHT_OF_TEN = 0.84;
/** A statistic below this is as likely to be noise alone, so it says nothing of how many blocks are needed. */
const LEAST_STATISTIC = 1;
/** More blocks than this are no advice: four times the most that one comparison may have. */
const MOST_BLOCKS = 1_000;

/**
 * Sums up a comparison that has ended, in words and as data. `settings` are the compared ones that have
 * outputs. One beats another when it is clearly better in a figure and clearly worse in none. The unbeaten are those
 * that nothing beats, save settings that they beat themselves, directly or through others: where settings beat each
 * other in a circle, none of them is worse.
 */
export const verdictOf = (
  settings: readonly ComparedSetting[],
  { tested, critical }: Findings,
  blocks: number,
): Verdict => {
  const clear = tested.flatMap(({ difference: { a, b, figure, difference, clear: isClear } }) => {
    const aspect = ASPECTS.find((own) => own.figure === figure);
    if (!isClear || !aspect) return [];
    const [better, worse] = difference < 0 === aspect.isLowBest ? [a, b] : [b, a];
    return [{ better, worse, figure: aspect.figure }];
  });
  const betterIn = (better: string, worse: string): VerdictFigure[] =>
    clear.flatMap((own) => (own.better === better && own.worse === worse ? own.figure : []));
  const labels = settings.map(({ label }) => label);
  const isCompared = (a: string, b: string, figure: VerdictFigure): boolean =>
    tested.some(
      ({ difference: own }) =>
        own.figure === figure && ((own.a === a && own.b === b) || (own.a === b && own.b === a)),
    );
  const best = (aspect: Aspect): Best => bestOf(aspect, settings, betterIn, isCompared);
  const { unbeaten, beaten } = frontOf(labels, betterIn);
  return {
    summary: summarySentence(unbeaten, beaten.length),
    fastest: best(SPEED),
    cheapest: best(COST),
    most_diverse: best(DIVERSITY),
    most_often_right: best(RIGHT),
    unbeaten,
    beaten: beaten.map((own) => ({ ...own, sentence: beatenSentence(own) })),
    untold: tested.flatMap(({ difference: own, statistic }) => {
      const figure = ASPECTS.find((aspect) => aspect.figure === own.figure)?.figure;
      if (own.clear || figure === undefined) return [];
      const isFew = figure !== 'embedding_diversity' && own.n < MIN_PAIRS;
      const more_blocks =
        isFew || own.difference === 0 ? null : moreBlocks(Math.abs(statistic), critical, blocks);
      const told = { a: own.a, b: own.b, figure, more_blocks };
      return [{ ...told, sentence: untoldSentence({ ...told, few: isFew ? own.n : null, blocks }) }];
    }),
  };
};

type BetterIn = (better: string, worse: string) => VerdictFigure[];

const bestOf = (
  aspect: Aspect,
  settings: readonly ComparedSetting[],
  betterIn: BetterIn,
  isCompared: (a: string, b: string, figure: VerdictFigure) => boolean,
): Best => {
  const { figure, value, isLowBest } = aspect;
  const known = settings
    .flatMap((setting) => {
      const own = value(setting);
      return own === null ? [] : [{ label: setting.label, value: own }];
    })
    .toSorted((a, b) => (isLowBest ? a.value - b.value : b.value - a.value));
  const labels = known.map(({ label }) => label);
  const isBetter = (better: string, worse: string) => betterIn(better, worse).includes(figure);
  // A clear winner of all pairs wins, even where an outlier in its own mean says otherwise.
  const winner = known.find(({ label }) =>
    labels.every((other) => other === label || isBetter(label, other)),
  );
  const first = winner ?? known[0];
  const tied = known.filter((own) => own.value === first?.value).map(({ label }) => label);
  const others = labels.filter((label) => label !== first?.label);
  if (!first || others.length === 0 || (!winner && tied.length > 1)) {
    const sentence = bestSentence(figure, {
      tied: others.length === 0 ? [] : tied,
      value: first?.value ?? null,
    });
    return { label: null, figure, clear: false, not_told_from: [], sentence };
  }
  const label = first.label;
  const better = others.filter((other) => isBetter(label, other));
  const not_told_from = others.filter((other) => !better.includes(other));
  const sentence = bestSentence(figure, {
    label,
    value: first.value,
    better,
    untold: not_told_from.filter((other) => isCompared(label, other, figure)),
    notCompared: not_told_from.filter((other) => !isCompared(label, other, figure)),
  });
  return { label, figure, clear: not_told_from.length === 0, not_told_from, sentence };
};

const frontOf = (
  labels: readonly string[],
  betterIn: BetterIn,
): { unbeaten: string[]; beaten: { label: string; by: string; better_in: VerdictFigure[] }[] } => {
  const beats = (a: string, b: string) => betterIn(a, b).length > 0 && betterIn(b, a).length === 0;
  const below = new Map(labels.map((label) => [label, reached(label, labels, beats)]));
  const isBeaten = (label: string) =>
    labels.some((other) => below.get(other)?.has(label) && !below.get(label)?.has(other));
  return {
    unbeaten: labels.filter((label) => !isBeaten(label)),
    beaten: labels.filter(isBeaten).flatMap((label) => {
      const by = labels.find((other) => beats(other, label));
      return by === undefined ? [] : [{ label, by, better_in: betterIn(by, label) }];
    }),
  };
};

/** The settings that one beats, directly or through others. */
const reached = (
  from: string,
  labels: readonly string[],
  beats: (a: string, b: string) => boolean,
): Set<string> => {
  const found = new Set<string>();
  const waiting = [from];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const label of labels) {
      if (found.has(label) || !beats(at, label)) continue;
      found.add(label);
      waiting.push(label);
    }
  }
  return found;
};

/**
 * The blocks that would probably tell a difference that stays as it is, besides those there were: the statistic of a true
 * difference grows with the root of the blocks. Null where that is no sensible number.
 */
const moreBlocks = (statistic: number, critical: number | null, blocks: number): number | null => {
  if (critical === null || statistic < LEAST_STATISTIC) return null;
  const more = Math.ceil(blocks * (((critical + EIGHT_OF_TEN) / statistic) ** 2 - 1));
  return more > MOST_BLOCKS ? null : Math.max(1, more);
};
