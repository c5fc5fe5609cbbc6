import type { Arrival } from './reported.ts';
import type { Emission } from './truth-server.ts';

/**
 * When the reader had each emission's text, in ms after its start: the time of the first piece that reaches the
 * emission's cumulative text. So a reader that merges two emissions had both at once, and one that splits an emission
 * had it with the last part. Null where the reader never got so far. Both lists are in order.
 */
export const arrivalOfEach = (
  emissions: readonly Pick<Emission, 'chars'>[],
  arrivals: readonly Arrival[],
): (number | null)[] => {
  let at = 0;
  return emissions.map(({ chars }) => {
    while (at < arrivals.length && (arrivals[at]?.chars ?? 0) < chars) at++;
    return arrivals[at]?.tMs ?? null;
  });
};

/** |reported gap - true gap| in ms between each emission and the one before it, where the reader had both. */
export const gapErrors = (emissions: readonly Emission[], arrivals: readonly Arrival[]): number[] => {
  const had = arrivalOfEach(emissions, arrivals);
  return emissions.slice(1).flatMap(({ at }, index) => {
    const [before, after, emission] = [had[index], had[index + 1], emissions[index]];
    if (before == null || after == null || emission === undefined) return [];
    return [Math.abs(after - before - (at - emission.at))];
  });
};
