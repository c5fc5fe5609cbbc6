import { medianOf, percentileOf } from '../medians.ts';
import type { Sample } from './measure.ts';
import { STAGES } from './observe.ts';
import { WAY_NAMES, type WayName } from './ways.ts';

/** Times in ms, each the median over the rounds of a round's own figure. */
const FIGURES = ['ttftP50', 'ttftP90', 'beforeP50', 'afterP50', 'tokenP50', 'tokenP90'] as const;
export type Figure = (typeof FIGURES)[number];

/** A way's figures; `beyond` are the differences to the bare proxy's in the same round. */
export type Line = {
  way: WayName;
  figures: Record<Figure, number>;
  beyond: Record<Figure, number>;
  stages: Partial<Record<keyof typeof STAGES, number>>;
};

const FIGURE_OF: Record<Figure, (samples: readonly Sample[]) => number> = {
  ttftP50: (samples) => medianOf(samples.map(({ ttftMs }) => ttftMs)),
  ttftP90: (samples) =>
    percentileOf(
      samples.map(({ ttftMs }) => ttftMs),
      90,
    ),
  beforeP50: (samples) => medianOf(samples.map(({ beforeMs }) => beforeMs)),
  afterP50: (samples) => medianOf(samples.map(({ afterMs }) => afterMs)),
  tokenP50: (samples) => medianOf(samples.flatMap(({ delaysMs }) => delaysMs)),
  tokenP90: (samples) =>
    percentileOf(
      samples.flatMap(({ delaysMs }) => delaysMs),
      90,
    ),
};

const BASE: WayName = 'proxy';

/** A line for each way that was measured. */
export const linesOf = (samples: readonly Sample[]): Line[] =>
  WAY_NAMES.flatMap((way) => {
    const own = samples.filter((sample) => sample.way === way);
    if (own.length === 0) return [];
    const rounds = [...Map.groupBy(own, ({ round }) => round)];
    const over = (value: (samples: readonly Sample[], round: number) => number) =>
      medianOf(rounds.map(([round, ofRound]) => value(ofRound, round)));
    const ofBase = (round: number) =>
      samples.filter((sample) => sample.way === BASE && sample.round === round);
    const each = (value: (figure: Figure) => number) =>
      Object.fromEntries(FIGURES.map((figure) => [figure, value(figure)])) as Record<Figure, number>;
    return [
      {
        way,
        figures: each((figure) => over(FIGURE_OF[figure])),
        beyond: each((figure) =>
          over((ofRound, round) => FIGURE_OF[figure](ofRound) - FIGURE_OF[figure](ofBase(round))),
        ),
        stages: stagesOf(own),
      },
    ];
  });

const stagesOf = (samples: readonly Sample[]): Line['stages'] => {
  const all = samples.flatMap(({ stages }) => stages ?? []);
  if (all.length === 0) return {};
  const names = Object.keys(STAGES) as (keyof typeof STAGES)[];
  return Object.fromEntries(names.map((name) => [name, medianOf(all.map((stages) => stages[name]))]));
};
