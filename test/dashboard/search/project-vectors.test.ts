import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Place } from '../../../dashboard/search/principal-axes.ts';
import { projectVectors } from '../../../dashboard/search/project-vectors.ts';
import { seededRandom } from '../../../dashboard/search/seeded-random.ts';

const LENGTH = 24;

const distance = (a: Place | undefined, b: Place | undefined): number =>
  a && b ? Math.hypot(a.x - b.x, a.y - b.y) : Number.NaN;

/** `count` vectors around each of three directions. */
const groups = (count: number, spread: number): number[][] => {
  const random = seededRandom(7);
  return Array.from({ length: count * 3 }, (_, at) =>
    Array.from({ length: LENGTH }, (_, part) => (part % 3 === at % 3 ? 1 : 0) + spread * (random() - 0.5)),
  );
};

describe('the projection of vectors to a plane', () => {
  test('keeps groups apart, with each vector nearest to one of its own', () => {
    const { places, method } = projectVectors(groups(12, 0.4));
    expect(method).toBe('neighbours');
    for (const [at, place] of places.entries()) {
      const nearest = places
        .map((other, index) => ({
          index,
          away: index === at ? Number.POSITIVE_INFINITY : distance(place, other),
        }))
        .toSorted((a, b) => a.away - b.away)[0];
      expect((nearest?.index ?? 0) % 3).toBe(at % 3);
    }
  });

  test('is the same each time', () => {
    expect(projectVectors(groups(10, 0.5))).toEqual(projectVectors(groups(10, 0.5)));
  });

  test('of few vectors keeps their distances where a plane can hold them', () => {
    // Directions close to one another lie on a plane, nearly.
    const angles = [
      [0, 0],
      [0.01, 0],
      [0, 0.02],
      [0.02, 0.02],
    ];
    const vectors = angles.map(([a = 0, b = 0]) => [1, a, b, 0, 0]);
    const { places, method } = projectVectors(vectors);
    expect(method).toBe('axes');
    const unit = distance(places[0], places[1]) / 0.01;
    expect(distance(places[0], places[2]) / 0.02 / unit).toBeCloseTo(1, 2);
    expect(distance(places[1], places[3]) / Math.hypot(0.01, 0.02) / unit).toBeCloseTo(1, 2);
  });

  test('says so where all vectors are alike', () => {
    expect(
      projectVectors([
        [1, 2],
        [2, 4],
        [1, 2],
      ]),
    ).toEqual({
      places: [0, 0, 0].map(() => ({ x: 0, y: 0 })),
      method: 'same',
    });
    expect(projectVectors([])).toEqual({ places: [], method: 'same' });
  });

  test('gives each vector a finite place within the square around the origin', () => {
    const vector = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(vector, { maxLength: 24 }), (vectors) => {
        const { places } = projectVectors(vectors);
        expect(places).toHaveLength(vectors.length);
        for (const { x, y } of places) {
          expect(Math.abs(x)).toBeLessThanOrEqual(1 + 1e-9);
          expect(Math.abs(y)).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
      { numRuns: 25 },
    );
  });
});
