import * as Plot from '@observablehq/plot';
import { logarithmicTicks } from './axes.ts';
import { type DensityPoint, densityOf } from './density.ts';
import { type Chart, type ChartSize, colourOf, drawChart, NARROW, symbolOf } from './draw-chart.ts';

/** A row: one setting's figure. */
export type ChartRow = {
  label: string;
  /** The setting's place in the request, which decides on its colour. */
  at: number;
  /** Single values, each a small dot; from 400 on their density, with dots at its ends. None for a figure of all answers. */
  values: readonly number[];
  /** The median, mean or rate: the large dot. */
  middle: number | null;
  interval: readonly [number, number] | null;
  /** The 90th percentile: a tick. */
  p90?: number | null;
  /** `middle` and its interval in words. */
  text: string;
  /** A remark in small type, such as the number of values. */
  note: string;
};

export type RowChart = {
  rows: readonly ChartRow[];
  description: string;
  /** A value, with so many digits more than usual. */
  format: (value: number, more?: number) => string;
  /** Where the scale begins and ends, for figures that have ends; by default at the values. */
  domain?: readonly [number, number];
};

const LABELS = 180;
const TEXTS = 172;
const EDGE = 14;
const AXIS = 26;
const AXIS_LABEL = 16;
const DOTS = 22;
const INTERVAL = 14;
const LABEL_LINE = 36;
const GAP = 10;
const FONT = 12;
/** Values that reach this much further than the median of any row stand on a logarithmic scale. */
const LOGARITHMIC_FROM = 8;
/** So many dots cover each other: their density says more, and is drawn in an instant. */
const DENSE_FROM = 400;
/** Of a dense row the least and the greatest values stay dots: no density shows one answer in thousands. */
const EXTREMES = 8;

/** Draws rows on one scale: each with a dot for every value, and below these the middle with its interval. */
export const rowChart = ({ rows, description, format, domain }: RowChart, size: ChartSize): Chart => {
  const isNarrow = size.width < NARROW;
  const dots = rows.some(({ values }) => values.length > 0) ? DOTS : 0;
  const strip = Math.max(dots + INTERVAL, isNarrow ? 0 : 30);
  const above = isNarrow ? LABEL_LINE : 0;
  const left = isNarrow ? EDGE : LABELS;
  const right = isNarrow ? EDGE : TEXTS;
  const x = scaleOf(rows, domain);
  const isLogarithmic = x.type === 'log';
  const below = AXIS + (isLogarithmic ? AXIS_LABEL : 0);
  const height = rows.length * (above + strip + GAP) + below;
  const ticks = isLogarithmic ? logarithmicTicks(x.domain, isNarrow) : isNarrow ? 4 : 6;

  const marks = rows.flatMap((row, index): Plot.Markish[] => {
    const top = index * (above + strip + GAP) + GAP / 2;
    const middle = top + above + dots + (strip - dots) / 2;
    const colour = colourOf(row.at);
    const first = top + (isNarrow ? 10 : strip / 2 - 8);
    const values = row.values.filter((value) => !isLogarithmic || value > 0);
    const isDense = values.length >= DENSE_FROM;
    const base = top + above + dots;
    const place = isNarrow
      ? { frameAnchor: 'left' as const, dx: 0 }
      : { frameAnchor: 'left' as const, dx: -LABELS };
    const words = isNarrow
      ? { frameAnchor: 'right' as const, dx: 0, textAnchor: 'end' as const }
      : { frameAnchor: 'right' as const, dx: EDGE, textAnchor: 'start' as const };
    const line = { fontSize: FONT, fill: 'currentColor' };
    return [
      ...(index === 0
        ? []
        : [
            Plot.ruleY([top - GAP / 2], {
              stroke: 'currentColor',
              strokeOpacity: 0.08,
              insetLeft: isNarrow ? 0 : -LABELS,
              insetRight: isNarrow ? 0 : -TEXTS,
            }),
          ]),
      Plot.text([row.label], {
        ...line,
        ...place,
        y: () => first,
        text: (label: string) => label,
        textAnchor: 'start',
        fontWeight: 600,
        lineWidth: isNarrow ? 11 : 12,
        textOverflow: 'ellipsis',
        title: (label: string) => label,
      }),
      Plot.text([row.note], {
        ...line,
        ...place,
        y: () => first + 16,
        text: (note: string) => note,
        textAnchor: 'start',
        fontSize: FONT - 1,
        fillOpacity: 0.72,
        lineWidth: isNarrow ? 16 : 14,
        textOverflow: 'ellipsis',
      }),
      Plot.text([row.text], {
        ...line,
        ...words,
        y: () => (isNarrow ? first : middle),
        text: (text: string) => text,
      }),
      ...(isDense
        ? [
            Plot.area(densityOf(values, isLogarithmic), {
              x1: 'value',
              x2: 'value',
              y1: () => base,
              y2: ({ share }: DensityPoint) => base - share * (dots - 2),
              fill: colour,
              fillOpacity: 0.35,
            }),
          ]
        : []),
      Plot.dot(isDense ? extremesOf(values) : values, {
        x: (value: number) => value,
        y: (_: number, at: number) => (isDense ? base - 3 : top + above + 3 + scattered(at) * (dots - 6)),
        r: 2,
        fill: colour,
        fillOpacity: 0.42,
      }),
      ...(row.interval
        ? [
            Plot.link([row.interval], {
              x1: '0',
              x2: '1',
              y1: () => middle,
              y2: () => middle,
              stroke: colour,
              strokeWidth: 2.5,
              strokeLinecap: 'round',
            }),
          ]
        : []),
      ...(row.p90 === undefined || row.p90 === null
        ? []
        : [
            Plot.link([row.p90], {
              x1: (p90: number) => p90,
              x2: (p90: number) => p90,
              y1: () => middle - 5,
              y2: () => middle + 5,
              stroke: colour,
              strokeWidth: 1.5,
            }),
          ]),
      ...(row.middle === null
        ? []
        : [
            Plot.dot([row.middle], {
              x: (value: number) => value,
              y: () => middle,
              r: 4.5,
              symbol: symbolOf(row.at),
              fill: colour,
              stroke: 'var(--paper)',
              strokeWidth: 1.5,
            }),
          ]),
    ];
  });

  return drawChart({
    ...size,
    description,
    height,
    marginLeft: left,
    marginRight: right,
    marginTop: 0,
    marginBottom: below,
    x: { ...x, label: null },
    y: { type: 'linear', domain: [0, height - below], range: [0, height - below], axis: null },
    marks: [
      Plot.gridX({ stroke: 'currentColor', strokeOpacity: 0.12, ticks }),
      Plot.axisX({
        ticks,
        label: isLogarithmic ? 'logarithmic scale' : null,
        labelArrow: 'none',
        tickSize: 0,
        tickPadding: 7,
        tickFormat: (value: number, _at: number, all: readonly number[] = []) =>
          format(value, digitsFor(all, format)),
        fontSize: FONT - 1,
        color: 'currentColor',
        fillOpacity: 0.72,
      }),
      ...marks,
    ],
  });
};

const MOST_MORE = 3;

/** The digits more with which no two ticks read alike. */
const digitsFor = (ticks: readonly number[], format: RowChart['format']): number => {
  const reads = (more: number) => new Set(ticks.map((tick) => format(tick, more))).size;
  let more = 0;
  while (more < MOST_MORE && reads(more) < ticks.length) more += 1;
  return more;
};

const extremesOf = (values: readonly number[]): number[] => {
  const sorted = values.toSorted((a, b) => a - b);
  return [...sorted.slice(0, EXTREMES), ...sorted.slice(-EXTREMES)];
};

/** Spreads the dots of equal values over their strip: the multiples of the golden ratio never crowd. */
const scattered = (at: number): number => ((at + 1) * 0.618_033_988_75) % 1;

const scaleOf = (
  rows: readonly ChartRow[],
  domain: readonly [number, number] | undefined,
): { type: 'linear' | 'log'; domain: [number, number]; nice?: boolean } => {
  if (domain) return { type: 'linear', domain: [...domain] };
  const all = rows
    .flatMap(({ values, middle, interval, p90 }) => [...values, middle, ...(interval ?? []), p90])
    .filter((value) => value !== null && value !== undefined);
  if (all.length === 0) return { type: 'linear', domain: [0, 1] };
  // Not by Math.min(...all), which takes an argument for each value.
  const least = all.reduce((a, b) => Math.min(a, b));
  const most = all.reduce((a, b) => Math.max(a, b));
  const positive = all.filter((value) => value > 0);
  const middle = rows.reduce((largest, row) => Math.max(largest, row.middle ?? 0), 0);
  if (least >= 0 && middle > 0 && most > LOGARITHMIC_FROM * middle)
    return { type: 'log', domain: [positive.reduce((a, b) => Math.min(a, b)) * 0.9, most * 1.1] };
  const room = (most - least || Math.abs(most) || 1) * 0.04;
  return {
    type: 'linear',
    domain: [least >= 0 ? Math.max(0, least - room) : least - room, most + room],
    nice: true,
  };
};
