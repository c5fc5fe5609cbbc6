import * as Plot from '@observablehq/plot';
import { type Chart, type ChartSize, colourOf, drawChart, NARROW, symbolOf } from './draw-chart.ts';

/** A setting as a point: two figures with their intervals, and a third as its area. */
export type ChartPoint = {
  label: string;
  /** The setting's place in the request. */
  at: number;
  x: number;
  xInterval: readonly [number, number] | null;
  y: number;
  yInterval: readonly [number, number] | null;
  /** Its area; null draws the smallest dot. */
  size: number | null;
  /** The third figure in words, below the label. */
  note: string;
};

export type TradeOff = {
  points: readonly ChartPoint[];
  xLabel: string;
  yLabel: string;
  description: string;
  formatX: (value: number) => string;
  formatY: (value: number) => string;
};

const MARGIN = { left: 46, right: 18, top: 26, bottom: 40 };
const FONT = 12;
const CHARACTER = 7;
const LONGEST_LABEL = 22;
const SMALLEST = 5;
const LARGEST = 15;
const LARGEST_NARROW = 11;
/** More settings than this crowd: their marks are smaller and their intervals paler. */
const CROWDED = 6;
const LARGEST_CROWDED = 9;

type Box = { x1: number; x2: number; y1: number; y2: number };

/** Draws settings between two figures, each with its intervals; a dot's area is a third figure. */
export const tradeOffChart = (
  { points, xLabel, yLabel, description, formatX, formatY }: TradeOff,
  size: ChartSize,
): Chart => {
  const isNarrow = size.width < NARROW;
  const height = isNarrow ? 330 : 400;
  const xDomain = domainOf(points.flatMap(({ x, xInterval }) => [x, ...(xInterval ?? [])]));
  const yDomain = domainOf(points.flatMap(({ y, yInterval }) => [y, ...(yInterval ?? [])]));
  const most = Math.max(0, ...points.map(({ size }) => size ?? 0));
  const isCrowded = points.length > CROWDED;
  const largest = isCrowded ? LARGEST_CROWDED : isNarrow ? LARGEST_NARROW : LARGEST;
  const radius = ({ size }: ChartPoint) =>
    size === null || most === 0 ? SMALLEST : Math.max(SMALLEST, largest * Math.sqrt(size / most));
  const toX = pixelsOf(xDomain, MARGIN.left, size.width - MARGIN.right);
  const toY = pixelsOf(yDomain, height - MARGIN.bottom, MARGIN.top);
  const labels = placeLabels(
    points.map((point) => ({ ...point, px: toX(point.x), py: toY(point.y), r: radius(point) })),
    points.flatMap(({ x, y, xInterval, yInterval }) => [
      ...(xInterval ? [lineBox(toX(xInterval[0]), toX(xInterval[1]), toY(y), toY(y))] : []),
      ...(yInterval ? [lineBox(toX(x), toX(x), toY(yInterval[1]), toY(yInterval[0]))] : []),
    ]),
    { x1: MARGIN.left, x2: size.width - MARGIN.right, y1: MARGIN.top, y2: height - MARGIN.bottom },
  );
  const axis = { fontSize: FONT - 1, tickSize: 0, color: 'currentColor', fillOpacity: 0.72 };

  return drawChart({
    ...size,
    description,
    height,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: { domain: xDomain, label: xLabel },
    y: { domain: yDomain, label: yLabel },
    r: { type: 'identity' },
    marks: [
      Plot.gridX({ stroke: 'currentColor', strokeOpacity: 0.1, ticks: isNarrow ? 4 : 7 }),
      Plot.gridY({ stroke: 'currentColor', strokeOpacity: 0.1, ticks: 5 }),
      Plot.axisX({
        ...axis,
        ticks: isNarrow ? 4 : 7,
        tickFormat: (value: number) => formatX(value),
        labelAnchor: 'right',
      }),
      Plot.axisY({ ...axis, ticks: 5, tickFormat: (value: number) => formatY(value) }),
      ...points.flatMap((point): Plot.Markish[] => [
        ...(point.xInterval
          ? [
              Plot.link([point.xInterval], {
                x1: '0',
                x2: '1',
                y1: () => point.y,
                y2: () => point.y,
                ...whisker(point, isCrowded),
              }),
            ]
          : []),
        ...(point.yInterval
          ? [
              Plot.link([point.yInterval], {
                x1: () => point.x,
                x2: () => point.x,
                y1: '0',
                y2: '1',
                ...whisker(point, isCrowded),
              }),
            ]
          : []),
      ]),
      ...points.map((point) =>
        Plot.dot([point], {
          x: 'x',
          y: 'y',
          r: radius,
          symbol: symbolOf(point.at),
          fill: colourOf(point.at),
          stroke: 'var(--paper)',
          strokeWidth: 1.5,
          title: ({ label, note }: ChartPoint) => `${label}: ${note}`,
        }),
      ),
      ...labels.flatMap(({ point, dx, dy, anchor }) =>
        [point.label, point.note].map((text, line) =>
          Plot.text([point], {
            x: 'x',
            y: 'y',
            dx,
            dy: dy + line * 14,
            textAnchor: anchor,
            text: () => cut(text),
            fontSize: line === 0 ? FONT : FONT - 1,
            fontWeight: line === 0 ? 600 : 400,
            fill: 'currentColor',
            fillOpacity: line === 0 ? 1 : 0.72,
            stroke: 'var(--paper)',
            strokeWidth: 4,
          }),
        ),
      ),
    ],
  });
};

const whisker = ({ at }: ChartPoint, isCrowded: boolean) => ({
  stroke: colourOf(at),
  strokeWidth: 1.5,
  strokeOpacity: isCrowded ? 0.35 : 0.75,
  strokeLinecap: 'round' as const,
});

/** All values with some room; a single value stands in the middle. */
const domainOf = (values: readonly number[]): [number, number] => {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = (most - least || Math.abs(most) || 1) * 0.12;
  return [least >= 0 ? Math.max(0, least - room) : least - room, most + room];
};

const pixelsOf =
  ([least, most]: [number, number], first: number, last: number) =>
  (value: number): number =>
    first + ((value - least) / (most - least)) * (last - first);

const cut = (text: string): string =>
  text.length <= LONGEST_LABEL ? text : `${text.slice(0, LONGEST_LABEL - 1).trimEnd()}…`;

type Placed = { point: ChartPoint; dx: number; dy: number; anchor: 'start' | 'end' };
type Pixels = ChartPoint & { px: number; py: number; r: number };

/**
 * Puts each label beside its mark, where it crosses the fewest lines. One that would cover a mark or a label has no room,
 * and is left out: the mark's colour and shape tell whose it is.
 */
const placeLabels = (points: readonly Pixels[], lines: readonly Box[], frame: Box): Placed[] => {
  const taken: Box[] = points.map(({ px, py, r }) => ({ x1: px - r, x2: px + r, y1: py - r, y2: py + r }));
  return points.flatMap((point) => {
    const width = CHARACTER * Math.max(cut(point.label).length, cut(point.note).length);
    const away = point.r + 5;
    const places = (['start', 'end'] as const).flatMap((anchor) =>
      [-point.r - 18, point.r + 10, -6].map((dy) => ({ anchor, dy, dx: anchor === 'start' ? away : -away })),
    );
    const boxes = places.map(({ dx, dy, anchor }): Box => {
      const x1 = anchor === 'start' ? point.px + dx : point.px + dx - width;
      return { x1, x2: x1 + width, y1: point.py + dy - 8, y2: point.py + dy + 22 };
    });
    const crossed = boxes.map((box) =>
      isWithin(box, frame) && !taken.some((other) => overlap(box, other))
        ? lines.filter((line) => overlap(box, line)).length
        : Number.POSITIVE_INFINITY,
    );
    const fewest = Math.min(...crossed);
    const chosen = crossed.indexOf(fewest);
    const [place, box] = [places[chosen], boxes[chosen]];
    if (!Number.isFinite(fewest) || !place || !box) return [];
    taken.push(box);
    return [{ point, ...place }];
  });
};

const lineBox = (x1: number, x2: number, y1: number, y2: number): Box => ({
  x1: x1 - 2,
  x2: x2 + 2,
  y1: y1 - 2,
  y2: y2 + 2,
});

const isWithin = (box: Box, frame: Box): boolean =>
  box.x1 >= frame.x1 && box.x2 <= frame.x2 && box.y1 >= frame.y1 && box.y2 <= frame.y2 + 4;

const overlap = (a: Box, b: Box): boolean => a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2;
