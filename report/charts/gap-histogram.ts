import * as Plot from '@observablehq/plot';
import { logarithmicTicks, niceStep, plainNumber, QUIET_AXIS, QUIET_GRID, xTitle } from './axes.ts';
import { type Chart, type ChartSize, colourOf, drawChart, NARROW, symbolOf } from './draw-chart.ts';
import { cutTo, widthOf } from './legend.ts';

/** An output's gaps between chunks, in ms, with the percentiles that the API tells. */
export type GapRow = {
  label: string;
  /** The output's or setting's place, which decides on its colour. */
  at: number;
  gaps: readonly number[];
  p50: number | null;
  p90: number | null;
  /** The API tells it from 100 gaps on. */
  p99: number | null;
};

const EDGE = { left: 40, right: 16 };
const HEAD = 38;
const STRIP = 64;
const BETWEEN = 20;
const AXIS = 42;
const PARTS = 40;
const PARTS_NARROW = 24;
const PARTS_OF_A_DECADE = 8;
/** Gaps that reach this much further than the largest median stand on a logarithmic scale. */
const LOGARITHMIC_FROM = 8;
/** A logarithmic scale begins at most so far below the longest gap; shorter ones are counted in its first bar. */
const DECADES = 5;
/** No clock tells shorter gaps than a microsecond apart. */
const SHORTEST_SCALE_MS = 0.001;
/** The bar of the shorter ones is wider, for its name. */
const SHORTER_PARTS = 2;

type Scale = {
  isLogarithmic: boolean;
  domain: [number, number];
  edges: number[] /** Where the first bar ends, when it holds all shorter gaps, zero too. */;
  shorterThan: number | null;
};

/** Draws a histogram of the gaps between chunks for each output, all on the same two scales. */
export const gapHistogram = (rows: readonly GapRow[], size: ChartSize): Chart => {
  const isNarrow = size.width < NARROW;
  const scale = scaleOf(rows, isNarrow ? PARTS_NARROW : PARTS);
  const { domain, edges, isLogarithmic } = scale;
  const counts = rows.map(({ gaps }) => countsOf(gaps, edges));
  const most = counts.flat().reduce((a, b) => Math.max(a, b), 1);
  const height = rows.length * (HEAD + STRIP + BETWEEN) - (rows.length > 0 ? BETWEEN : 0) + AXIS;
  const share = (value: number) =>
    isLogarithmic ? Math.log(value / domain[0]) / Math.log(domain[1] / domain[0]) : value / domain[1];
  const room = size.width - EDGE.left - EDGE.right;
  const ticks = isLogarithmic
    ? logarithmicTicks(
        [scale.shorterThan === null ? domain[0] : scale.shorterThan * 1.5, domain[1]],
        isNarrow,
      )
    : isNarrow
      ? 4
      : 8;

  const marks = rows.flatMap((row, index): Plot.Markish[] => {
    const top = index * (HEAD + STRIP + BETWEEN);
    const base = top + HEAD + STRIP;
    const bars = (counts[index] ?? []).flatMap((n, bin) => {
      const [x1, x2] = [edges[bin], edges[bin + 1]];
      return n === 0 || x1 === undefined || x2 === undefined ? [] : [{ x1, x2, n }];
    });
    const percentiles = percentilesOf(row)
      .map(({ name, value }) => ({ name, value: Math.min(domain[1], Math.max(domain[0], value)) }))
      .filter((each, at, all) => {
        const next = all[at + 1];
        return next === undefined || (share(next.value) - share(each.value)) * room > widthOf(next.name) + 6;
      });
    const words = { fontSize: 12, fill: 'currentColor', lineAnchor: 'middle' as const };
    const small = { ...words, fontSize: 11, fillOpacity: 0.72 };
    const summary = summaryOf(row);
    const fits = Math.floor((size.width - EDGE.right - 20 - widthOf(summary)) / 6.6);
    return [
      Plot.dot([row], {
        frameAnchor: 'left',
        dx: 4 - EDGE.left,
        y: () => top + 8,
        r: 4,
        symbol: symbolOf(row.at),
        fill: colourOf(row.at),
      }),
      Plot.text([cutTo(row.label, Math.max(6, fits))], {
        ...words,
        frameAnchor: 'left',
        dx: 14 - EDGE.left,
        y: () => top + 8,
        textAnchor: 'start',
        fontWeight: 600,
        text: (label: string) => label,
      }),
      Plot.text([summary], {
        ...small,
        frameAnchor: 'right',
        y: () => top + 8,
        textAnchor: 'end',
        text: (text: string) => text,
      }),
      Plot.ruleY([top + HEAD], QUIET_GRID),
      Plot.text([0, most], {
        ...small,
        frameAnchor: 'left',
        dx: -8,
        y: (n: number) => base - (n / most) * STRIP,
        textAnchor: 'end',
        text: plainNumber,
      }),
      Plot.rect(bars, {
        x1: 'x1',
        x2: 'x2',
        y1: () => base,
        y2: ({ n }: { n: number }) => base - Math.max(1, (n / most) * STRIP),
        insetLeft: 0.5,
        insetRight: 0.5,
        fill: colourOf(row.at),
        fillOpacity: 0.75,
        title: ({ x1, x2, n }: { x1: number; x2: number; n: number }) =>
          x2 === scale.shorterThan
            ? `below ${plainNumber(x2)} ms: ${plainNumber(n)}`
            : `${plainNumber(x1)} to ${plainNumber(x2)} ms: ${plainNumber(n)}`,
      }),
      Plot.ruleY([base], { stroke: 'currentColor', strokeOpacity: 0.4 }),
      Plot.link(percentiles, {
        x1: 'value',
        x2: 'value',
        y1: () => top + HEAD - 8,
        y2: () => base,
        stroke: 'currentColor',
        strokeOpacity: 0.6,
        strokeDasharray: '2 3',
      }),
      Plot.text(percentiles, { ...small, x: 'value', y: () => top + HEAD - 14, text: 'name' }),
    ];
  });

  return drawChart({
    ...size,
    description: describe(rows),
    height,
    marginLeft: EDGE.left,
    marginRight: EDGE.right,
    marginTop: 0,
    marginBottom: AXIS,
    x: { type: isLogarithmic ? 'log' : 'linear', domain },
    y: { type: 'linear', domain: [0, height - AXIS], range: [0, height - AXIS], axis: null },
    marks: [
      Plot.axisX({
        ...QUIET_AXIS,
        ticks,
        tickPadding: 7,
        label: null,
        tickFormat: plainNumber,
      }),
      xTitle(`gap between chunks, ms${isLogarithmic ? ' (logarithmic scale)' : ''}`),
      ...(scale.shorterThan === null
        ? []
        : [
            Plot.text([Math.sqrt(domain[0] * scale.shorterThan)], {
              x: (middle: number) => middle,
              frameAnchor: 'bottom',
              lineAnchor: 'middle',
              dy: 12,
              fontSize: 11,
              fill: 'currentColor',
              fillOpacity: 0.72,
              text: () => `<${plainNumber(scale.shorterThan ?? 0)}`,
            }),
          ]),
      ...marks,
    ],
  });
};

const percentilesOf = ({ p50, p90, p99 }: GapRow): { name: string; value: number }[] =>
  [
    { name: 'p50', value: p50 },
    { name: 'p90', value: p90 },
    { name: 'p99', value: p99 },
  ].flatMap(({ name, value }) => (value === null ? [] : [{ name, value }]));

const summaryOf = (row: GapRow): string => {
  const known = percentilesOf(row).map(({ name, value }) => `${name} ${plainNumber(value)}`);
  return known.length === 0 ? 'no gaps' : `${known.join(' · ')} ms`;
};

/** The longest gap's scale and the edges of its bars: round numbers, or equal parts of decades. */
const scaleOf = (rows: readonly GapRow[], parts: number): Scale => {
  const all = rows.flatMap(({ gaps }) => gaps);
  const longest = all.reduce((a, b) => Math.max(a, b), SHORTEST_SCALE_MS);
  const median = rows.reduce((largest, { p50 }) => Math.max(largest, p50 ?? 0), 0);
  if (median === 0 || longest <= Math.max(SHORTEST_SCALE_MS, LOGARITHMIC_FROM * median)) {
    const step = niceStep(longest, parts);
    const bars = Math.ceil(longest / step);
    const edges = Array.from({ length: bars + 1 }, (_, at) => at * step);
    return { isLogarithmic: false, domain: [0, bars * step], edges, shorterThan: null };
  }
  const last = Math.ceil(Math.log10(longest) * PARTS_OF_A_DECADE);
  const shortest = all.filter((gap) => gap > 0).reduce((a, b) => Math.min(a, b), longest);
  const deepest = last - DECADES * PARTS_OF_A_DECADE;
  const lowest = Math.floor(Math.log10(shortest) * PARTS_OF_A_DECADE);
  const hasShorter = shortest > all.reduce((a, b) => Math.min(a, b), longest) || lowest < deepest;
  // The bar of the shorter ones ends at a decade, so that its name is a round number.
  const first = hasShorter
    ? Math.floor(Math.max(deepest, lowest) / PARTS_OF_A_DECADE) * PARTS_OF_A_DECADE
    : Math.min(lowest, last - 1);
  const edges = Array.from({ length: last - first + 1 }, (_, at) => 10 ** ((first + at) / PARTS_OF_A_DECADE));
  if (hasShorter) edges.unshift(10 ** ((first - SHORTER_PARTS) / PARTS_OF_A_DECADE));
  return {
    isLogarithmic: true,
    domain: [edges[0] ?? 1, edges.at(-1) ?? 10],
    edges,
    shorterThan: hasShorter ? 10 ** (first / PARTS_OF_A_DECADE) : null,
  };
};

/** How many values lie between each edge and the next; the first part holds the lower ones too, the last its end. */
export const countsOf = (values: readonly number[], edges: readonly number[]): number[] => {
  const counts = Array.from({ length: edges.length - 1 }, () => 0);
  for (const value of values) {
    let [low, high] = [0, counts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (value >= (edges[middle] ?? 0)) low = middle;
      else high = middle - 1;
    }
    counts[low] = (counts[low] ?? 0) + 1;
  }
  return counts;
};

const describe = (rows: readonly GapRow[]): string =>
  `Gaps between chunks: ${rows.map((row) => `${row.label} ${plainNumber(row.gaps.length)} gaps, ${summaryOf(row)}`).join('; ')}.`;
