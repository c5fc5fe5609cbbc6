import type { Arrival } from '../reported.ts';
import { streamErrors } from '../stream-errors.ts';
import type { Truth } from '../truth-server.ts';

/**
 * A stream as its reader reports it. `t0` is on CLOCK_MONOTONIC, all other times are in ms after it; null where there
 * is no such figure. `uncertaintyMs` is the reader's own bound of its errors, `uncertain` the figures that it calls so.
 */
export type Observed = {
  key: number;
  t0: number;
  ttftMs: number | null;
  ttltMs: number | null;
  e2eMs: number | null;
  tpotMs: number | null;
  arrivals: Arrival[];
  text: string;
  uncertaintyMs: number | null;
  uncertain: string[];
  coldStart: boolean;
  attempts: number;
};

/**
 * Errors reported - true in ms of the time to the first token, to the last token and to the end, all from the reader's
 * t0, and absolute ones of the time per token and of each gap.
 */
export type PathErrors = {
  ttft: number | null;
  ttlt: number | null;
  e2e: number | null;
  tpot: number | null;
  gaps: number[];
  textDiffers: boolean;
};

/**
 * The errors of a stream.
 * @throws {Error} when the truth has no text
 */
export const pathErrors = (observed: Observed, truth: Truth): PathErrors => {
  const { key, t0, ttftMs, ttltMs, e2eMs, tpotMs, arrivals, text } = observed;
  const { tpot, gaps, textDiffers } = streamErrors(
    { row: 'everytoken', key, t0, ttftMs, tpotMs, arrivals, everyGapMs: null, text },
    truth,
  );
  const error = (ms: number | null, at: number | undefined) =>
    ms === null || at === undefined ? null : ms - (at - t0);
  return {
    ttft: error(ttftMs, truth.emissions[0]?.at),
    ttlt: error(ttltMs, truth.emissions.at(-1)?.at),
    e2e: error(e2eMs, truth.endedAt),
    tpot,
    gaps,
    textDiffers,
  };
};
