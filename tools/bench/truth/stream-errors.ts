import type { Arrival, Reported } from './reported.ts';
import type { Emission, Truth } from './truth-server.ts';

/**
 * |reported - true| of one stream, in ms; null or empty is what the client cannot tell. `late` is how long after its
 * write the reader had each emission (negative only where the client's t0 is wrong).
 */
export type StreamErrors = {
  ttft: number | null;
  tpot: number | null;
  gaps: number[];
  late: number[];
  textDiffers: boolean;
};

/**
 * The truth: TTFT from the client's t0 to the first write with text; TPOT (last - first
 * write with text) / (visible tokens - 1); gaps between consecutive writes with text.
 */
export const streamErrors = (reported: Reported, { emissions, visibleTokens, text }: Truth): StreamErrors => {
  const [first, last] = [emissions[0], emissions.at(-1)];
  if (!first || !last) throw new Error('a stream of the bench always has text');
  const { t0, ttftMs, tpotMs, arrivals, everyGapMs } = reported;
  return {
    ttft: apart(ttftMs, first.at - t0),
    tpot: apart(tpotMs, (last.at - first.at) / (visibleTokens - 1)),
    gaps: arrivals
      ? gapErrors(emissions, arrivals)
      : trueGaps(emissions).flatMap((gap) => apart(everyGapMs, gap) ?? []),
    late: arrivals ? lateness(reported, emissions, arrivals) : [],
    textDiffers: reported.text !== text,
  };
};

const apart = (reported: number | null, real: number): number | null =>
  reported === null ? null : Math.abs(reported - real);

const trueGaps = (emissions: readonly Emission[]): number[] =>
  emissions.slice(1).map(({ at }, index) => at - (emissions[index]?.at ?? at));

const lateness = (
  { t0 }: Reported,
  emissions: readonly Emission[],
  arrivals: NonNullable<Reported['arrivals']>,
): number[] =>
  arrivalOfEach(emissions, arrivals).flatMap((tMs, index) => {
    const at = emissions[index]?.at;
    return tMs === null || at === undefined ? [] : [t0 + tMs - at];
  });

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
