import type { Condition } from '../../../../../tools/bench/truth/path/conditions.ts';
import { NO_THROTTLING } from '../../../../../tools/bench/truth/path/cpu-quota.ts';
import type { PathSample } from '../../../../../tools/bench/truth/path/measure-path.ts';
import type { PathErrors } from '../../../../../tools/bench/truth/path/path-errors.ts';

/** A warm POST /runs, streamed, alone, without a limit of CPU, except for the given sides. */
export const conditionOf = (given: Partial<Condition> = {}): Condition => ({
  ...{ start: 'warm', door: 'runs', answer: 'streamed', streams: 'alone', load: 'idle', memoryMb: null },
  ...given,
});

/** A sample with errors of 0, except for the given ones. */
export const sampleOf = (
  condition: PathSample['condition'],
  errors: Partial<PathErrors> = {},
  given: Partial<PathSample> = {},
): PathSample => ({
  ...{ condition, round: 1, key: 1, t0: 0, throttling: NO_THROTTLING, writeMs: 0 },
  ...{ ttftMs: 50, ttltMs: 280, e2eMs: 281, tpotMs: 10, coldStart: false, attempts: 1 },
  ...{ uncertaintyMs: null, uncertain: [] },
  errors: { ttft: 0, first: 0, ttlt: 0, e2e: 0, tpot: 0, gaps: [], textDiffers: false, ...errors },
  ...given,
});
