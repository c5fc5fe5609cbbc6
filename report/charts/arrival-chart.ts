import * as Plot from '@observablehq/plot';
import { plainNumber, QUIET_AXIS, QUIET_GRID, ticksFromZero, xTitle, yTitle } from './axes.ts';
import { type Chart, type ChartSize, colourOf, drawChart, NARROW } from './draw-chart.ts';
import { legend, widthOf } from './legend.ts';

/** An output's chunks in the order of their arrival, as a trace has them. */
export type ArrivalLine = {
  label: string;
  /** The output's or setting's place, which decides on its colour. */
  at: number;
  chunks: readonly { t_ms: number; tokens: number | null }[];
  /** The trace's `longest_gaps`: each with the index of the chunk after it. */
  gaps?: readonly { chunk: number; gap_ms: number }[];
};

export type ArrivalChart = {
  lines: readonly ArrivalLine[];
  /** Where a replay is, in ms since the request; `moveCursor` moves it on without another drawing. */
  now?: number;
  /** The end of the time axis, where more is to come; by default the last arrival. */
  until?: number;
};

/** A staircase: so many tokens have arrived from this moment on. */
export type Step = { ms: number; tokens: number };

const MARGIN = { left: 44, right: 16, top: 28, bottom: 42 };
const HEIGHT = 320;
const HEIGHT_NARROW = 260;
const SECONDS_FROM = 10_000;
const HALF_A_PIXEL = 0.5;
/** The time axis of outputs without any token yet. */
const EMPTY_MS = 1000;
const GAP_LABELS = 5;
const GAP_LABELS_NARROW = 3;
/** A gap that is shorter than this on the page has no place for its name. */
const SHORTEST_NAMED_PX = 6;
/** A gap that is a smaller part of the longest one is nothing unusual. */
const LEAST_SHARE = 0.3;

/**
 * Draws the cumulative tokens of outputs over the time since their requests. It counts chunks instead, and says so, when
 * the tokens of any chunk are unknown. The first token is a dot on the base; the longest gaps have names.
 */
export const arrivalChart = ({ lines, now, until }: ArrivalChart, size: ChartSize): Chart => {
  const isNarrow = size.width < NARROW;
  const unit = lines.every(({ chunks }) => chunks.every(({ tokens }) => tokens !== null))
    ? 'tokens'
    : 'chunks';
  const all = lines.map((line) => ({ line, steps: stepsOf(line.chunks, unit) }));
  const last = Math.max(until ?? 0, now ?? 0, ...all.map(({ steps }) => steps.at(-1)?.ms ?? 0)) || EMPTY_MS;
  const most = Math.max(1, ...all.map(({ steps }) => steps.at(-1)?.tokens ?? 0));
  const yTicks = ticksFromZero(most, isNarrow ? 4 : 5, true);
  const names = legend(
    lines.map(({ label, at, chunks }) => ({ label, at, note: firstNote(chunks) })),
    { width: size.width - MARGIN.right, left: MARGIN.left, above: MARGIN.top },
  );
  const top = MARGIN.top + names.height;
  const height = (isNarrow ? HEIGHT_NARROW : HEIGHT) + names.height;
  const frame = { left: MARGIN.left, right: size.width - MARGIN.right, top, bottom: height - MARGIN.bottom };
  const toX = (ms: number) => frame.left + (ms / last) * (frame.right - frame.left);
  const toY = (tokens: number) => frame.bottom - (tokens / most) * (frame.bottom - frame.top);
  const perToken = frame.bottom - toY(1);
  const isSeconds = last >= SECONDS_FROM;
  const drawn = all.map(({ steps }) => thinned([{ ms: steps[0]?.ms ?? 0, tokens: 0 }, ...steps], perToken));
  const placed = placeGapNames(
    all.flatMap(({ line, steps }) => gapsOf(line, steps)),
    { toX, toY, frame, most: isNarrow ? GAP_LABELS_NARROW : GAP_LABELS, lines: drawn },
  );

  const chart = drawChart({
    ...size,
    description: describe(all, unit),
    height,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: top,
    marginBottom: MARGIN.bottom,
    x: { type: 'linear', domain: [0, last] },
    y: { type: 'linear', domain: [0, most] },
    marks: [
      Plot.gridY({ ...QUIET_GRID, ticks: yTicks }),
      Plot.axisY({ ...QUIET_AXIS, ticks: yTicks, tickFormat: plainNumber, label: null }),
      Plot.axisX({
        ...QUIET_AXIS,
        ticks: isNarrow ? 4 : 8,
        tickFormat: (ms: number) => plainNumber(isSeconds ? ms / 1000 : ms),
        label: null,
      }),
      Plot.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.4 }),
      yTitle(unit, MARGIN.left),
      xTitle(`${isSeconds ? 's' : 'ms'} since the request`),
      ...names.marks,
      ...placed.map(({ gap }) =>
        Plot.link([gap], {
          x1: 'from',
          x2: 'to',
          y1: 'tokens',
          y2: 'tokens',
          stroke: colourOf(gap.at),
          strokeWidth: 6,
          strokeOpacity: 0.28,
        }),
      ),
      ...all.flatMap(({ line, steps }, index): Plot.Markish[] => [
        Plot.line(drawn[index] ?? [], {
          x: 'ms',
          y: 'tokens',
          curve: 'step-after',
          stroke: colourOf(line.at),
          strokeWidth: 1.75,
          strokeLinejoin: 'round',
        }),
        Plot.dot(steps.slice(0, 1), {
          x: 'ms',
          y: () => 0,
          r: 4,
          fill: colourOf(line.at),
          stroke: 'var(--paper)',
          strokeWidth: 1.5,
          title: ({ ms }: Step) => `${line.label}: first token after ${milliseconds(ms)}`,
        }),
      ]),
      ...placed.map(({ gap, dx, dy, anchor }) =>
        Plot.text([gap], {
          x: 'to',
          y: 'tokens',
          dx,
          dy,
          textAnchor: anchor,
          lineAnchor: 'middle',
          text: nameOf,
          fontSize: 11,
          fill: 'currentColor',
          stroke: 'var(--paper)',
          strokeWidth: 4,
        }),
      ),
      ...(now === undefined ? [] : [Plot.ruleX([now], { stroke: 'var(--accent)', strokeWidth: 1.5 })]),
    ],
  });
  if (now !== undefined) markCursor(chart, frame, toX(now), last);
  return chart;
};

const stepsOf = (chunks: ArrivalLine['chunks'], unit: 'tokens' | 'chunks'): Step[] => {
  let sum = 0;
  return chunks.map(({ t_ms, tokens }) => {
    sum += unit === 'tokens' ? (tokens ?? 0) : 1;
    return { ms: t_ms, tokens: sum };
  });
};

/**
 * The steps that move a line by half a pixel or more, and the last one. At every moment the line that is left is less than
 * half a pixel from the whole one; its length depends on the picture's height, not on the number of chunks.
 */
export const thinned = (steps: readonly Step[], pixelsPerToken: number): Step[] => {
  const kept: Step[] = [];
  let drawn = Number.NEGATIVE_INFINITY;
  steps.forEach((step, at) => {
    if (at < steps.length - 1 && (step.tokens - drawn) * pixelsPerToken < HALF_A_PIXEL) return;
    kept.push(step);
    drawn = step.tokens;
  });
  return kept;
};

type Gap = { at: number; from: number; to: number; tokens: number; gapMs: number };

const gapsOf = ({ at, gaps = [] }: ArrivalLine, steps: readonly Step[]): Gap[] =>
  gaps.flatMap(({ chunk, gap_ms }) => {
    const [before, after] = [steps[chunk - 1], steps[chunk]];
    return before && after
      ? [{ at, from: before.ms, to: after.ms, tokens: before.tokens, gapMs: gap_ms }]
      : [];
  });

const nameOf = ({ gapMs }: Gap): string => `gap ${milliseconds(gapMs)}`;

type Frame = { left: number; right: number; top: number; bottom: number };
type Placing = {
  toX: (ms: number) => number;
  toY: (tokens: number) => number;
  frame: Frame;
  most: number;
  lines: readonly (readonly Step[])[];
};
type Box = { x1: number; x2: number; y: number };
type Named = { gap: Gap; dx: number; dy: number; anchor: 'start' | 'end' };

/**
 * Names the longest gaps where the fewest lines are in the way: right of their step, below it, or above it. One whose name
 * would stand on another or on several lines is left out.
 */
const placeGapNames = (gaps: readonly Gap[], { toX, toY, frame, most, lines }: Placing): Named[] => {
  const taken: Box[] = [];
  const named: Named[] = [];
  const isFree = ({ x1, x2, y }: Box) =>
    x1 >= frame.left &&
    x2 <= frame.right + MARGIN.right &&
    y > frame.top &&
    y < frame.bottom - 8 &&
    !taken.some((other) => x1 < other.x2 && other.x1 < x2 && Math.abs(y - other.y) < 15);
  const crossed = ({ x1, x2, y }: Box) =>
    lines.filter((steps) =>
      steps.some(({ ms, tokens }, at) => {
        const end = steps[at + 1]?.ms ?? ms;
        return toX(end) > x1 && toX(ms) < x2 && Math.abs(toY(tokens) - y) < 6;
      }),
    ).length;
  const longest = gaps.reduce((most, { gapMs }) => Math.max(most, gapMs), 0);
  for (const gap of gaps.toSorted((a, b) => b.gapMs - a.gapMs)) {
    const isLong = gap.gapMs >= longest * LEAST_SHARE && toX(gap.to) - toX(gap.from) >= SHORTEST_NAMED_PX;
    if (named.length >= most || !isLong) break;
    const width = widthOf(nameOf(gap));
    const [x, y] = [toX(gap.to), toY(gap.tokens)];
    const free = PLACES.flatMap((place) => {
      const x1 = place.anchor === 'start' ? x + place.dx : x + place.dx - width;
      const box = { x1, x2: x1 + width, y: y + place.dy };
      return isFree(box) ? [{ place, box, crossed: crossed(box) }] : [];
    });
    const best = free.toSorted((a, b) => a.crossed - b.crossed)[0];
    if (!best || best.crossed > 1) continue;
    taken.push(best.box);
    named.push({ gap, ...best.place });
  }
  return named;
};

const PLACES = [
  { anchor: 'start', dx: 7, dy: 5 },
  { anchor: 'end', dx: 0, dy: 13 },
  { anchor: 'end', dx: -4, dy: -12 },
] as const;

const CURSOR = 'data-cursor';

/** Notes at the cursor what moves it: the frame's edges, where it was drawn, and the end of the time axis. */
const markCursor = (chart: Chart, { left, right }: Frame, drawn: number, until: number): void => {
  const line = [...chart.querySelectorAll('line')].at(-1);
  line?.setAttribute(CURSOR, [left, right, drawn, until].join(' '));
};

/** Moves the cursor of a chart that was drawn with `now`, without another drawing. */
export const moveCursor = (chart: Pick<Chart, 'querySelector'>, now: number): void => {
  const line = chart.querySelector(`[${CURSOR}]`);
  const [left = 0, right = 0, drawn = 0, until = 1] = (line?.getAttribute(CURSOR) ?? '')
    .split(' ')
    .map(Number);
  const x = left + Math.min(1, Math.max(0, now / until)) * (right - left);
  line?.setAttribute('transform', `translate(${(x - drawn).toFixed(2)},0)`);
};

const milliseconds = (ms: number): string =>
  ms >= SECONDS_FROM ? `${plainNumber(ms / 1000)}\u00a0s` : `${plainNumber(ms)}\u00a0ms`;

const firstNote = (chunks: ArrivalLine['chunks']): string =>
  chunks[0] === undefined ? '· nothing yet' : `· first ${milliseconds(chunks[0].t_ms)}`;

const describe = (all: readonly { line: ArrivalLine; steps: readonly Step[] }[], unit: string): string => {
  const each = all.map(({ line, steps }) => {
    const [first, last] = [steps[0], steps.at(-1)];
    if (!first || !last) return `${line.label} nothing yet`;
    const gap = line.gaps?.[0];
    const longest = gap === undefined ? '' : `, longest gap ${milliseconds(gap.gap_ms)}`;
    return `${line.label} first after ${milliseconds(first.ms)}, ${plainNumber(last.tokens)} ${unit} after ${milliseconds(last.ms)}${longest}`;
  });
  return `Arrival of ${unit} over time: ${each.join('; ')}.`;
};
