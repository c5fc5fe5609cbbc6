import { arrivalOfEach, gapErrors } from './match-gaps.ts';
import type { Reported } from './reported.ts';
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
