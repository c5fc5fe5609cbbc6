import type { TimeGroup } from '../../../report/charts/time-chart.ts';
import { dayOf, type Grouping, idOf, labelOf, type UsageGroup } from './grouping.ts';
import { isMean, type UsageFigure } from './usage-figures.ts';

const MOST = 8;
const GREY = 7;

/** The groups of a period with the most tokens first, which is the order of their colours in chart and table. */
export const ranked = (groups: readonly UsageGroup[]): UsageGroup[] =>
  groups.toSorted(
    (a, b) =>
      Number(a.other === true) - Number(b.other === true) ||
      b.prompt_tokens + b.completion_tokens - (a.prompt_tokens + a.completion_tokens) ||
      b.requests - a.requests,
  );

/** The place of a ranked group, which decides on its colour: all from the eighth of more on share the grey. */
export const placeOf = (rank: number, count: number): number => (count <= MOST ? rank : Math.min(rank, GREY));

/**
 * A figure of each group over days. The groups are ranked; the smallest are summed as "other", and a mean has none, since
 * means have no sum. A mean is null on days without one; of all others a day without runs is 0.
 */
export const seriesOf = (
  groups: readonly UsageGroup[],
  daily: readonly UsageGroup[],
  { grouping, figure, days }: { grouping: Grouping; figure: UsageFigure; days: readonly string[] },
): TimeGroup[] => {
  const places = new Map(groups.map((group, rank) => [idOf(group, grouping), placeOf(rank, groups.length)]));
  const at = new Map(days.map((day, index) => [day, index]));
  const shown = groups.slice(0, MOST).map((group, place): { label: string; values: (number | null)[] } => ({
    label:
      place === GREY && groups.length > MOST
        ? `other (${groups.length - GREY})`
        : labelOf(group, grouping).text,
    values: days.map(() => null),
  }));
  for (const group of daily) {
    const place = places.get(idOf(group, grouping));
    const day = at.get(dayOf(group) ?? '');
    const value = figure.of(group);
    const values = place === undefined ? undefined : shown[place]?.values;
    if (values === undefined || day === undefined || value === null) continue;
    values[day] = (values[day] ?? 0) + value;
  }
  return isMean(figure) && groups.length > MOST ? shown.slice(0, GREY) : shown;
};

/** One series of all, for a grouping by days alone. */
export const seriesOfAll = (
  daily: readonly UsageGroup[],
  figure: UsageFigure,
  days: readonly string[],
): TimeGroup[] => {
  const byDay = new Map(daily.map((group) => [dayOf(group), figure.of(group)]));
  return [{ label: 'all', values: days.map((day) => byDay.get(day) ?? null) }];
};
