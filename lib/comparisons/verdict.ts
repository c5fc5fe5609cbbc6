import { type Findings, MIN_PAIRS } from './differences.ts';
import { type Lack, lackIn } from './lacking-values.ts';
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
 * Sums up a comparison that has ended, in words and as data. `settings` are the compared ones; those without an answer
 * are in the summary alone. One beats another when it is clearly better in speed, cost or pass rate and clearly worse in
 * no figure: less diverse texts are not worse for everyone, so that diversity alone beats nothing. The unbeaten are those
 * that nothing beats, save settings that they beat themselves, directly or through others: where settings beat each
 * other in a circle, none of them is worse.
 */
export const verdictOf = (
  compared: readonly ComparedSetting[],
  { tested, critical }: Findings,
  blocks: number,
): Verdict => {
  const settings = compared.filter(({ n }) => n > 0);
  const clear = tested.flatMap(({ difference: { a, b, figure, difference, clear: isClear } }) => {
    const aspect = ASPECTS.find((own) => own.figure === figure);
    if (!isClear || !aspect || difference === null) return [];
    const [better, worse] = difference < 0 === aspect.isLowBest ? [a, b] : [b, a];
    return [{ better, worse, figure: aspect.figure }];
  });
  const betterIn = (better: string, worse: string): VerdictFigure[] =>
    clear.flatMap((own) => (own.better === better && own.worse === worse ? own.figure : []));
  const labels = labelsOf(settings);
  const isCompared = (a: string, b: string, figure: VerdictFigure): boolean =>
    tested.some(
      ({ difference: own }) =>
        own.figure === figure && ((own.a === a && own.b === b) || (own.a === b && own.b === a)),
    );
  const best = (aspect: Aspect): Best => bestOf(aspect, settings, betterIn, isCompared);
  const { unbeaten, beaten } = frontOf(labels, betterIn);
  return {
    summary: summarySentence({
      unbeaten,
      beaten: beaten.length,
      cases: unbeaten.flatMap((label) => {
        const figures = ASPECTS.map(({ figure }) => figure).filter((figure) =>
          labels.some((other) => betterIn(label, other).includes(figure)),
        );
        return figures.length === 0 ? [] : [{ label, figures }];
      }),
      isEqual: isEqualInAll(tested, labels),
      unknown: ASPECTS.flatMap((aspect) =>
        settings.every((own) => aspect.value(own) === null) ? aspect.figure : [],
      ),
      tooFew: ASPECTS.flatMap((aspect) =>
        settings.length > 1 &&
        settings.some((own) => aspect.value(own) !== null) &&
        settings.filter((own) => lackIn(aspect.figure, own) === null).length < 2
          ? aspect.figure
          : [],
      ),
      unanswered: compared.filter(({ n }) => n === 0),
      blocks,
    }),
    fastest: best(SPEED),
    cheapest: best(COST),
    most_diverse: best(DIVERSITY),
    most_often_right: best(RIGHT),
    unbeaten,
    beaten: beaten.map((own) => ({ ...own, sentence: beatenSentence(own) })),
    untold: tested.flatMap(({ difference: own, statistic, isEqual }) => {
      const figure = ASPECTS.find((aspect) => aspect.figure === own.figure)?.figure;
      if (own.clear || isEqual || figure === undefined) return [];
      const isFew = (figure === 'embedding_diversity' ? blocks : own.n) < MIN_PAIRS;
      const more_blocks = isFew || !own.difference ? null : moreBlocks(Math.abs(statistic), critical, blocks);
      const told = { a: own.a, b: own.b, figure, more_blocks };
      return [{ ...told, sentence: untoldSentence({ ...told, few: isFew ? own : null, blocks }) }];
    }),
  };
};

/** Whether all pairs have the same values, as far as the verdict's figures are compared. */
const isEqualInAll = (tested: Findings['tested'], labels: readonly string[]): boolean => {
  const rested = tested.filter(
    ({ difference: { a, b, figure } }) =>
      labels.includes(a) && labels.includes(b) && ASPECTS.some((own) => own.figure === figure),
  );
  return rested.length > 0 && rested.every(({ isEqual }) => isEqual);
};

type BetterIn = (better: string, worse: string) => VerdictFigure[];

const bestOf = (
  aspect: Aspect,
  settings: readonly ComparedSetting[],
  betterIn: BetterIn,
  isCompared: (a: string, b: string, figure: VerdictFigure) => boolean,
): Best => {
  const { figure, value, isLowBest } = aspect;
  const lacking = settings.flatMap((setting): Lack[] => {
    const own = lackIn(figure, setting);
    return own ? [own] : [];
  });
  const known = settings
    .flatMap((setting) => {
      const own = lackIn(figure, setting) === null ? value(setting) : null;
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
    const sentence =
      others.length === 0
        ? bestSentence(figure, { settings: settings.length, lacking })
        : bestSentence(figure, { tied, value: first?.value ?? 0, lacking });
    return { label: null, figure, clear: false, not_told_from: [], sentence };
  }
  const label = first.label;
  const better = others.filter((other) => isBetter(label, other));
  const doubtful = others.filter((other) => !better.includes(other));
  const not_told_from = labelsOf(settings).filter(
    (own) => doubtful.includes(own) || lacking.some(({ label: other }) => other === own),
  );
  const sentence = bestSentence(figure, {
    label,
    value: first.value,
    better,
    untold: doubtful.filter((other) => isCompared(label, other, figure)),
    notCompared: doubtful.filter((other) => !isCompared(label, other, figure)),
    lacking,
  });
  return { label, figure, clear: not_told_from.length === 0, not_told_from, sentence };
};

const labelsOf = (settings: readonly ComparedSetting[]): string[] => settings.map(({ label }) => label);

const frontOf = (
  labels: readonly string[],
  betterIn: BetterIn,
): { unbeaten: string[]; beaten: { label: string; by: string; better_in: VerdictFigure[] }[] } => {
  const beats = (a: string, b: string) =>
    betterIn(a, b).some((figure) => figure !== 'embedding_diversity') && betterIn(b, a).length === 0;
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
