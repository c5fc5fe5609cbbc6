import type { Row } from '../../../../tools/bench/truth/reported.ts';
import { errorStatistics, type Line, type Sample } from '../../../../tools/bench/truth/results.ts';
import type { StreamErrors } from '../../../../tools/bench/truth/stream-errors.ts';
import type { Scenario } from '../../../../tools/bench/truth/stream-plan.ts';

/** Errors of one stream, all 0 except the given ones. */
export const errorsOf = (given: Partial<StreamErrors> = {}): StreamErrors => ({
  ttft: 0,
  tpot: 0,
  gaps: [0],
  late: [],
  textDiffers: false,
  ...given,
});

/** One turn with 8 streams of steady in round 1, except for the given fields. */
export const sampleOf = (row: Row, given: Partial<Sample> = {}): Sample => ({
  row,
  scenario: 'steady',
  streams: 8,
  round: 1,
  errors: [errorsOf()],
  cpuMicrosPerToken: 10,
  waitedMs: null,
  writesMs: [],
  ...given,
});

/** A line whose rounds have these TTFT errors each, and nothing else. */
export const lineOf = (row: Row, rounds: number[][], scenario: Scenario = 'steady'): Line => {
  const figures = (ttft: number[]) => ({
    ttft: errorStatistics(ttft),
    tpot: errorStatistics([]),
    gaps: errorStatistics([]),
  });
  return {
    row,
    scenario,
    streams: 8,
    pooled: figures(rounds.flat()),
    rounds: rounds.map(figures),
    late: errorStatistics([]),
    cpuMicrosPerToken: 10,
    waitedMs: null,
    writeMs: 0,
    differingTexts: 0,
  };
};
