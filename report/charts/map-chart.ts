import * as Plot from '@observablehq/plot';
import { type Chart, type ChartSize, colourOf, drawChart, NARROW, symbolOf } from './draw-chart.ts';
import { legend } from './legend.ts';

/** A vector's place in a projection. */
export type MapPoint = {
  x: number;
  y: number;
  group: string;
  /** Read when the pointer rests on it, and by screen readers. */
  title: string;
};

export type MapChart = {
  points: readonly MapPoint[];
  /** The place of the point with the ring. */
  selected?: number | null;
  description: string;
};

const EDGE = 14;
const HEIGHT = 420;
const HEIGHT_NARROW = 320;
const RADIUS = 5;
const RING = 9;
/** A point cannot be hit by a finger: what is pressed is this much larger, and has no colour. */
const TARGET = 12;
const MOST_GROUPS = 8;
const GREY = 7;

/**
 * Draws points of a projection on a plane, with equal units on both axes and without ticks: only distances mean
 * something. Each point has `data-at`, its index, so that a page can react to it. The chart is a list of options with one
 * stop of the Tab key, at the selected or the first point.
 */
export const mapChart = ({ points, selected = null, description }: MapChart, size: ChartSize): Chart => {
  const places = placesOf(points);
  const names = legend(
    [...places]
      .slice(0, MOST_GROUPS)
      .map(([label, at]) =>
        at === GREY && places.size > MOST_GROUPS
          ? { label: `other (${places.size - MOST_GROUPS + 1})`, at }
          : { label, at },
      ),
    { width: size.width, left: 1 },
  );
  const frameHeight = size.width < NARROW ? HEIGHT_NARROW : HEIGHT;
  const domain = equalUnits(points, size.width - 2 * EDGE, frameHeight - 2 * EDGE);
  const chart = drawChart({
    ...size,
    description,
    height: frameHeight + names.height,
    marginLeft: 1,
    marginRight: 1,
    marginTop: 1 + names.height,
    marginBottom: 1,
    x: { ...domain.x, axis: null, inset: EDGE },
    y: { ...domain.y, axis: null, inset: EDGE },
    marks: [
      Plot.frame({ stroke: 'currentColor', strokeOpacity: 0.14, rx: 6, inset: 0 }),
      ...names.marks,
      // A mark for each group: one for each of 100 points takes several frames.
      ...[...new Set(places.values())].map((place) =>
        Plot.dot(
          points.filter((point) => placeOf(places, point) === place),
          {
            x: 'x',
            y: 'y',
            r: RADIUS,
            symbol: symbolOf(place),
            fill: colourOf(place),
            fillOpacity: 0.85,
            stroke: 'var(--paper)',
            strokeWidth: 1,
          },
        ),
      ),
      Plot.dot(
        points.filter((_, at) => at === selected),
        { x: 'x', y: 'y', r: RING, stroke: 'var(--accent)', strokeWidth: 2 },
      ),
      Plot.dot(points, { x: 'x', y: 'y', r: TARGET, fill: 'transparent', title: 'title' }),
    ],
  });
  makeOptions(chart, points, selected);
  return chart;
};

/** The groups in the order of their first point, each with its colour; from the eighth of more on all share the grey. */
const placesOf = (points: readonly MapPoint[]): Map<string, number> => {
  const groups = [...new Set(points.map(({ group }) => group))];
  return new Map(groups.map((group, at) => [group, Math.min(at, GREY)]));
};

const placeOf = (places: ReadonlyMap<string, number>, { group }: MapPoint): number =>
  places.get(group) ?? GREY;

const rangeOf = (values: readonly number[]): [number, number] =>
  values.length === 0
    ? [0, 1]
    : [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];

/** Domains of both axes around their middles, in which a unit is as long on the page in one as in the other. */
const equalUnits = (points: readonly MapPoint[], width: number, height: number) => {
  const [x, y] = [rangeOf(points.map(({ x }) => x)), rangeOf(points.map(({ y }) => y))];
  const perPixel = Math.max((x[1] - x[0]) / width, (y[1] - y[0]) / height) || 1 / width;
  const around = ([least, most]: [number, number], pixels: number): [number, number] => {
    const middle = (least + most) / 2;
    return [middle - (perPixel * pixels) / 2, middle + (perPixel * pixels) / 2];
  };
  return {
    x: { type: 'linear' as const, domain: around(x, width) },
    y: { type: 'linear' as const, domain: around(y, height) },
  };
};

/** Makes each point an option of a list, instead of a part of an image. */
const makeOptions = (chart: Chart, points: readonly MapPoint[], selected: number | null): void => {
  const targets = [...chart.querySelectorAll('circle')].slice(-points.length || undefined);
  if (points.length === 0) return;
  chart.setAttribute('role', 'listbox');
  targets.forEach((target, at) => {
    target.setAttribute('data-at', String(at));
    target.setAttribute('role', 'option');
    target.setAttribute('aria-label', points[at]?.title ?? '');
    target.setAttribute('aria-selected', String(at === selected));
    target.setAttribute('tabindex', at === (selected ?? 0) ? '0' : '-1');
  });
};
