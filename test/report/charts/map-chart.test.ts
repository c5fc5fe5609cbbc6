import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type MapPoint, mapChart } from '../../../report/charts/map-chart.ts';
import { document, HOSTILE, hasStyles, isMarkup, textsOf } from './drawing-document.ts';

const point = (own: Partial<MapPoint> = {}): MapPoint => ({ x: 0, y: 0, group: 'a', title: 'run 1', ...own });

const draw = (points: MapPoint[], selected: number | null = null, width = 800) =>
  mapChart({ points, selected, description: 'Outputs by meaning.' }, { document, width });

const placesOf = (points: MapPoint[]) =>
  [...draw(points).querySelectorAll('[data-at]')].map((each) => ({
    at: Number(each.getAttribute('data-at')),
    x: Number(each.getAttribute('cx')),
    y: Number(each.getAttribute('cy')),
  }));

test('each point has its index and title, in the order that they were given', () => {
  const points = Array.from({ length: 100 }, (_, at) =>
    point({ x: at % 10, y: Math.floor(at / 10), title: `run ${at}`, group: `g${at % 3}` }),
  );
  const options = [...draw(points, 7).querySelectorAll('[role="option"]')];
  expect(options.map((each) => each.getAttribute('aria-label'))).toEqual(points.map(({ title }) => title));
  expect(options.map((each) => each.getAttribute('data-at'))).toEqual(points.map((_, at) => String(at)));
});

test('the selected point has a ring and the one stop of the Tab key; without one the first point has it', () => {
  const points = [point(), point({ x: 1 })];
  const stops = (selected: number | null) =>
    [...draw(points, selected).querySelectorAll('[tabindex="0"]')].map((each) =>
      each.getAttribute('data-at'),
    );
  expect(stops(1)).toEqual(['1']);
  expect(stops(null)).toEqual(['0']);
  expect(draw(points, 1).outerHTML.match(/stroke="var\(--accent\)"/g)).toHaveLength(1);
  expect(draw(points).outerHTML).not.toContain('var(--accent)');
});

test('distances are in the same proportion on the page as between the points', () => {
  const coordinate = fc.double({ min: -50, max: 50, noNaN: true });
  const place = fc.record({ x: coordinate, y: coordinate });
  type Place = { x: number; y: number };
  const distance = (a: Place, b: Place) => Math.hypot(a.x - b.x, a.y - b.y);
  fc.assert(
    fc.property(place, place, place, (a, b, c) => {
      fc.pre(distance(a, b) > 1 && distance(b, c) > 1);
      const [first, second, third] = placesOf([a, b, c].map((each) => point(each)));
      if (!first || !second || !third) throw new Error('three points have three places');
      const drawn = distance(first, second) / distance(second, third);
      expect(drawn / (distance(a, b) / distance(b, c))).toBeCloseTo(1, 1);
    }),
    { numRuns: 50 },
  );
});

test('points in one place stand in the middle', () => {
  const [first] = placesOf([point({ x: 3, y: 3 })]);
  expect(first?.x).toBeCloseTo(400, 0);
});

test('more than eight groups share the last colour, and the legend counts them', () => {
  const points = Array.from({ length: 12 }, (_, at) => point({ x: at, group: `g${at}` }));
  const texts = textsOf(draw(points));
  expect(texts).toEqual(['g0', 'g1', 'g2', 'g3', 'g4', 'g5', 'g6', 'other (5)']);
  expect(textsOf(draw(points.slice(0, 8)))).toContain('g7');
});

test('no points are a frame with a description', () => {
  const chart = draw([]);
  expect(chart.getAttribute('role')).toBe('img');
  expect(chart.querySelectorAll('[data-at]').length).toBe(0);
});

test('it has a description, and neither styles nor markup of others', () => {
  const chart = draw([point({ group: HOSTILE, title: HOSTILE })], 0, 328);
  expect(chart.getAttribute('aria-label')).toBe('Outputs by meaning.');
  expect(hasStyles(draw([point()], 0))).toBe(false);
  expect(isMarkup(chart)).toBe(false);
});
