import * as Plot from '@observablehq/plot';
import { plainNumber, QUIET_AXIS, QUIET_GRID, ticksFromZero, yTitle } from './axes.ts';
import { type Chart, type ChartSize, colourOf, drawChart, NARROW } from './draw-chart.ts';
import { legend, widthOf } from './legend.ts';
import { bucketName, type Step, timeTicks } from './time-ticks.ts';

/** A group's figure in each bucket; null where nothing is known. */
export type TimeGroup = { label: string; values: readonly (number | null)[] };

export type TimeChart = {
  /** The beginnings of the buckets in UTC, without a hole, as `2026-11-30` or `2026-11-30T14:00:00Z`. */
  buckets: readonly string[];
  step: Step;
  groups: readonly TimeGroup[];
  /** Bars are stacked, for figures that add up; lines are for those that do not. */
  as: 'bars' | 'lines';
  /** With its unit, as `tokens a day`. */
  yLabel: string;
  description: string;
  format?: (value: number) => string;
  /** For figures that are counted: the axis has whole numbers alone. */
  isCount?: boolean;
};

const HEIGHT = 260;
const HEIGHT_NARROW = 220;
const MARGIN = { right: 12, top: 28, bottom: 26 };
const SECOND_LINE = 14;
const MOST = 8;
/** A line and its dots do not touch the frame. */
const HEADROOM = 1.05;
const OTHER = 'other';
const GREY = 7;
/** Buckets that are narrower than this have no room between their bars. */
const NARROWEST_WITH_ROOM_PX = 2.5;
const WIDEST_BAR_PX = 64;
const DOTS_UP_TO = 40;

/** Draws figures over days or hours, by group: at most eight of them, the smallest together as "other". */
export const timeChart = (
  { buckets, step, groups, as, yLabel, description, format = plainNumber, isCount = false }: TimeChart,
  size: ChartSize,
): Chart => {
  const isNarrow = size.width < NARROW;
  const shown = as === 'bars' ? largestGroups(groups) : firstGroups(groups);
  const most = buckets.reduce((highest, _, at) => {
    const values = shown.map(({ values }) => values[at] ?? 0);
    return Math.max(highest, as === 'bars' ? values.reduce((a, b) => a + b, 0) : Math.max(0, ...values));
  }, 0);
  const yTicks = most === 0 ? [0] : ticksFromZero(most, isNarrow ? 4 : 5, isCount);
  const left = Math.max(28, ...yTicks.map((tick) => widthOf(format(tick)) + 12));
  const names = legend(shown.length > 1 ? shown : [], {
    width: size.width - MARGIN.right,
    left,
    above: MARGIN.top,
  });
  const width = size.width - left - MARGIN.right;
  const ticks = timeTicks(buckets, step, width);
  const bottom = MARGIN.bottom + (ticks.some(({ below }) => below !== undefined) ? SECOND_LINE : 0);
  const perBucket = width / Math.max(1, buckets.length);
  const inset =
    perBucket < NARROWEST_WITH_ROOM_PX
      ? 0
      : Math.max(Math.min(3, perBucket / 8), (perBucket - WIDEST_BAR_PX) / 2);
  const tickText = {
    x: 'middle',
    frameAnchor: 'bottom' as const,
    fontSize: 11,
    fill: 'currentColor',
    fillOpacity: 0.72,
  };

  return drawChart({
    ...size,
    description,
    height: (isNarrow ? HEIGHT_NARROW : HEIGHT) + names.height,
    marginLeft: left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top + names.height,
    marginBottom: bottom,
    x: { type: 'linear', domain: [0, Math.max(1, buckets.length)], axis: null },
    y: { type: 'linear', domain: [0, (as === 'lines' ? most * HEADROOM : most) || 1] },
    marks: [
      Plot.gridY({ ...QUIET_GRID, ticks: yTicks }),
      Plot.axisY({ ...QUIET_AXIS, ticks: yTicks, tickFormat: format, label: null }),
      yTitle(yLabel, left),
      ...names.marks,
      ...(as === 'bars'
        ? [
            Plot.rect(stacked(shown, buckets.length), {
              x1: 'at',
              x2: ({ at }: Bar) => at + 1,
              y1: 'from',
              y2: 'to',
              insetLeft: inset,
              insetRight: inset,
              fill: ({ colour }: Bar) => colour,
              fillOpacity: 0.9,
              title: ({ at, label, value }: Bar) =>
                `${bucketName(buckets[at] ?? '', step)} · ${label}: ${format(value)}`,
            }),
          ]
        : shown.flatMap((group) => line(group, { buckets, step, format }))),
      ...(most === 0
        ? [
            Plot.text(['nothing in this time'], {
              frameAnchor: 'middle',
              fontSize: 12,
              fill: 'currentColor',
              fillOpacity: 0.72,
              text: (nothing: string) => nothing,
            }),
          ]
        : []),
      Plot.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.4 }),
      Plot.text(ticks, { ...tickText, dy: 14, lineAnchor: 'middle', text: 'text' }),
      Plot.text(
        ticks.filter(({ below }) => below !== undefined),
        { ...tickText, dy: 14 + SECOND_LINE, lineAnchor: 'middle', text: 'below' },
      ),
    ],
  });
};

type Shown = TimeGroup & { at: number };
type Bar = { at: number; from: number; to: number; value: number; label: string; colour: string };

const sumOf = ({ values }: TimeGroup): number => values.reduce((sum: number, value) => sum + (value ?? 0), 0);

/** The groups of the largest sums with the colours of their places, and the sum of all others in grey. */
export const largestGroups = (groups: readonly TimeGroup[]): Shown[] => {
  if (groups.length <= MOST) return groups.map((group, at) => ({ ...group, at }));
  const sorted = groups.toSorted((a, b) => sumOf(b) - sumOf(a));
  const rest = sorted.slice(MOST - 1);
  const length = Math.max(...rest.map(({ values }) => values.length));
  const values = Array.from({ length }, (_, at) =>
    rest.reduce<number | null>((sum, { values }) => {
      const value = values[at] ?? null;
      return value === null ? sum : (sum ?? 0) + value;
    }, null),
  );
  return [
    ...sorted.slice(0, MOST - 1).map((group, at) => ({ ...group, at })),
    { label: `${OTHER} (${rest.length})`, values, at: GREY },
  ];
};

/** Means and percentiles have no sum: from the ninth group on they are left out. */
const firstGroups = (groups: readonly TimeGroup[]): Shown[] =>
  groups.slice(0, MOST).map((group, at) => ({ ...group, at }));

const stacked = (groups: readonly Shown[], buckets: number): Bar[] =>
  Array.from({ length: buckets }, (_, at) => at).flatMap((at) => {
    let from = 0;
    return groups.flatMap(({ label, values, at: place }): Bar[] => {
      const value = values[at] ?? 0;
      if (!(value > 0)) return [];
      const bar = { at, from, to: from + value, value, label, colour: colourOf(place) };
      from = bar.to;
      return [bar];
    });
  });

type Point = { x: number; value: number | null };

/** A line that ends where nothing is known; a bucket between two unknown ones is a dot. */
const line = (
  { label, values, at: place }: Shown,
  { buckets, step, format }: { buckets: readonly string[]; step: Step; format: (value: number) => string },
): Plot.Markish[] => {
  const points = buckets.map((_, at): Point => ({ x: at + 0.5, value: values[at] ?? null }));
  const isKnown = (at: number) => (points[at]?.value ?? null) !== null;
  const dots = points.filter(
    (_, at) => isKnown(at) && (buckets.length <= DOTS_UP_TO || !(isKnown(at - 1) || isKnown(at + 1))),
  );
  return [
    Plot.line(points, {
      x: 'x',
      y: ({ value }: Point) => value ?? Number.NaN,
      stroke: colourOf(place),
      strokeWidth: 1.75,
      strokeLinejoin: 'round',
    }),
    Plot.dot(dots, {
      x: 'x',
      y: 'value',
      r: 3,
      fill: colourOf(place),
      stroke: 'var(--paper)',
      strokeWidth: 1,
      title: ({ x, value }: Point) =>
        `${bucketName(buckets[x - 0.5] ?? '', step)} · ${label}: ${format(value ?? 0)}`,
    }),
  ];
};
