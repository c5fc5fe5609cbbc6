import type { Arrival, OwnGap, Reported } from './reported.ts';
import type { Emission, Truth } from './truth-server.ts';

/**
 * Absolute errors |reported - true| of one stream, in ms; null or empty where the client reports no figure. `late` is
 * how long after its write each emission reached the reader (negative only if the client's t0 is wrong).
 */
export type StreamErrors = {
  ttft: number | null;
  tpot: number | null;
  gaps: number[];
  late: number[];
  textDiffers: boolean;
};

/**
 * The errors of a client's figures. True TTFT is the time from the client's t0 to the first write with text, true TPOT
 * is (last - first write with text) / (visible tokens - 1), true gaps are between consecutive writes with text.
 * @throws {Error} when the stream has no text
 */
export const streamErrors = (reported: Reported, { emissions, visibleTokens, text }: Truth): StreamErrors => {
  const [first, last] = [emissions[0], emissions.at(-1)];
  if (!first || !last)
    throw new Error('the stream has no text, which every stream of this benchmark must have');
  const { t0, ttftMs, tpotMs, arrivals } = reported;
  return {
    ttft: absoluteError(ttftMs, first.at - t0),
    tpot: absoluteError(tpotMs, (last.at - first.at) / (visibleTokens - 1)),
    gaps: errorsOfGaps(reported, emissions),
    late: arrivals ? lateness(reported, emissions, arrivals) : [],
    textDiffers: reported.text !== text,
  };
};

const errorsOfGaps = (
  { arrivals, ownGaps, everyGapMs }: Reported,
  emissions: readonly Emission[],
): number[] => {
  if (arrivals) return gapErrors(emissions, arrivals);
  if (ownGaps) return ownGapErrors(emissions, ownGaps);
  return trueGaps(emissions).flatMap((gap) => absoluteError(everyGapMs, gap) ?? []);
};

const absoluteError = (reported: number | null, real: number): number | null =>
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
 * When each emission's text was complete at the reader, in ms after its start: the time of the first piece that reaches
 * the emission's cumulative text. If the reader merges two emissions, both arrive at once; if it splits one, the
 * emission arrives with its last part. Null if the reader never got that far. Both lists must be in order.
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

/** |reported gap - true gap| in ms between consecutive emissions that both reached the reader. */
export const gapErrors = (emissions: readonly Emission[], arrivals: readonly Arrival[]): number[] => {
  const arrivedAt = arrivalOfEach(emissions, arrivals);
  return emissions.slice(1).flatMap(({ at }, index) => {
    const [before, after, emission] = [arrivedAt[index], arrivedAt[index + 1], emissions[index]];
    if (before == null || after == null || emission === undefined) return [];
    return [Math.abs(after - before - (at - emission.at))];
  });
};

/**
 * |reported gap - true gap| in ms of gaps that a tool reports itself. Each belongs to the emission at which it ends; a
 * gap that ends at no emission, or at the first, is wrong by its whole length.
 */
export const ownGapErrors = (emissions: readonly Emission[], gaps: readonly OwnGap[]): number[] => {
  const gapsLeft = new Map(trueGaps(emissions).map((gap, index) => [emissions[index + 1]?.chars, gap]));
  return gaps.map(({ ms, chars }) => {
    const gap = gapsLeft.get(chars) ?? 0;
    gapsLeft.delete(chars);
    return Math.abs(ms - gap);
  });
};
