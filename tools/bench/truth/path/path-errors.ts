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
 * Errors reported - true in ms. `ttft` is that of the time to the first token, which truly is the server's: from the
 * arrival of the request to the write. `first`, `ttlt` and `e2e` are those of the instants of the first token, the last
 * token and the end. Those of the time per token and of each gap are absolute.
 */
export type PathErrors = {
  ttft: number | null;
  first: number | null;
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
  const firstAt = truth.emissions[0]?.at;
  return {
    ttft: ttftMs === null || firstAt === undefined ? null : ttftMs - (firstAt - truth.arrivedAt),
    first: error(ttftMs, firstAt),
    ttlt: error(ttltMs, truth.emissions.at(-1)?.at),
    e2e: error(e2eMs, truth.endedAt),
    tpot,
    gaps,
    textDiffers,
  };
};
