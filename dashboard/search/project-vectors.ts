import { UMAP } from 'umap-js';
import { onPrincipalAxes, type Place } from './principal-axes.ts';
import { seededRandom } from './seeded-random.ts';

/**
 * Places of vectors on a plane. `neighbours`: UMAP, which keeps those near each other that are alike. `axes`: the two
 * directions in which the vectors differ most. `same`: all are alike, and lie on one point.
 */
export type Projection = { places: Place[]; method: 'neighbours' | 'axes' | 'same' };

/** Fewer points have no neighbourhoods that UMAP could keep. */
const FEWEST_FOR_NEIGHBOURS = 10;
const NEIGHBOURS = 15;
const MIN_DISTANCE = 0.15;
const SEED = 20_261_130;
const ALIKE = 1e-9;

/** Projects vectors of one length to two dimensions, by the angles between them; always the same from the same vectors. */
export const projectVectors = (vectors: readonly (readonly number[])[]): Projection => {
  const units = vectors.map(unit);
  if (countOfDifferent(units) < 2) return { places: units.map(() => ({ x: 0, y: 0 })), method: 'same' };
  // With few different ones among many copies there are no neighbourhoods, either.
  if (countOfDifferent(units) < FEWEST_FOR_NEIGHBOURS)
    return { places: scaled(onPrincipalAxes(units)), method: 'axes' };
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: Math.min(NEIGHBOURS, units.length - 1),
    minDist: MIN_DISTANCE,
    random: seededRandom(SEED),
  });
  const fitted = umap.fit(units);
  return { places: scaled(fitted.map(([x = 0, y = 0]) => ({ x, y }))), method: 'neighbours' };
};

const unit = (vector: readonly number[]): number[] => {
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
};

const countOfDifferent = (vectors: readonly (readonly number[])[]): number => {
  const different: (readonly number[])[] = [];
  for (const vector of vectors) {
    const isKnown = different.some((other) =>
      vector.every((value, at) => Math.abs(value - (other[at] ?? 0)) < ALIKE),
    );
    if (!isKnown) different.push(vector);
    if (different.length >= FEWEST_FOR_NEIGHBOURS) break;
  }
  return different.length;
};

/** Around the origin, the farthest one at a distance of 1 along an axis. */
const scaled = (places: readonly Place[]): Place[] => {
  const middle = (values: number[]) => (Math.min(...values) + Math.max(...values)) / 2;
  const [x, y] = [middle(places.map(({ x }) => x)), middle(places.map(({ y }) => y))];
  const most = Math.max(...places.flatMap((place) => [Math.abs(place.x - x), Math.abs(place.y - y)])) || 1;
  return places.map((place) => ({ x: (place.x - x) / most, y: (place.y - y) / most }));
};
