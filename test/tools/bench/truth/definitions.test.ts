import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  aiperfFigures,
  guidellmFigures,
  llmperfFigures,
  type ToolFigures,
  vllmFigures,
} from '../../../../tools/bench/truth/clients/line-formulas.ts';
import { type Reading, withoutUsageEvent } from '../../../../tools/bench/truth/clients/timed-lines.ts';
import { FIGURES, wrongByDefinition } from '../../../../tools/bench/truth/definitions.ts';
import type { Row } from '../../../../tools/bench/truth/reported.ts';
import { streamErrors } from '../../../../tools/bench/truth/stream-errors.ts';
import { planStream, SCENARIO_NAMES, type Scenario } from '../../../../tools/bench/truth/stream-plan.ts';
import { idealReading, plannedTruth } from './ideal-reading.ts';

const FORMULAS: [Row, (reading: Reading) => ToolFigures][] = [
  ['vllm', vllmFigures],
  ['guidellm', guidellmFigures],
  ['aiperf', aiperfFigures],
  ['llmperf', (reading) => llmperfFigures(withoutUsageEvent(reading))],
];

/** A line reader has an event before the write that completes it if that write holds only the empty line after it. */
const NEW_LINE = 10;

const cases = FORMULAS.flatMap(([row, formula]) =>
  SCENARIO_NAMES.map((scenario): [Row, Scenario, typeof formula] => [row, scenario, formula]),
);

test.each(cases)(
  'a figure of %s in %s is wrong by definition exactly if its formula misses the truth of a reading without delay',
  (row, scenario, formula) => {
    const marked = wrongByDefinition(row, scenario);
    // A wrong formula can meet the truth by chance, with some number of tokens.
    const missed = new Set<string>();
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 8, max: 60 }), (seed, tokens) => {
        const plan = planStream(scenario, { tokens, rate: 100, seed, id: 'chatcmpl-1' });
        fc.pre(!plan.writes.some(({ bytes }) => bytes.length === 1 && bytes[0] === NEW_LINE));
        const { gaps, ...figures } = formula(idealReading(plan));
        const { ttft, tpot, ...errors } = streamErrors(
          { row, key: 0, t0: 0, arrivals: null, everyGapMs: null, ownGaps: gaps, ...figures },
          plannedTruth(plan, scenario),
        );
        const failed = figures.e2eMs === null;
        const largest = { ttft: ttft ?? 0, tpot: tpot ?? 0, gaps: Math.max(0, ...errors.gaps) };
        for (const figure of FIGURES) {
          const missing = failed && figure !== 'gaps';
          if (largest[figure] <= 1e-6 && !missing) continue;
          missed.add(figure);
          expect(marked, figure).toHaveProperty(figure);
        }
      }),
      { numRuns: 15 },
    );
    expect([...missed].toSorted()).toEqual(Object.keys(marked).toSorted());
  },
);
