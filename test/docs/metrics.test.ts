import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { figuresOf } from '../../lib/timing/figures.ts';
import {
  aiperfFigures,
  guidellmFigures,
  llmperfFigures,
  type ToolFigures,
  vllmFigures,
} from '../../tools/bench/truth/clients/line-formulas.ts';
import { withoutUsageEvent } from '../../tools/bench/truth/clients/timed-lines.ts';
import { streamErrors } from '../../tools/bench/truth/stream-errors.ts';
import { planStream, type Scenario } from '../../tools/bench/truth/stream-plan.ts';
import { idealReading, plannedTruth } from '../tools/bench/truth/ideal-reading.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8');
const [section = ''] = (page.split('## Why other tools print other figures')[1] ?? '').split('\n## ');
const rows = section
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
const [header = []] = rows;
const scenarios = header.slice(1).map((cell) => /`(.*)`/.exec(cell)?.[1] ?? '') as Scenario[];

/** everytoken's figures of a plan whose writes take no time. */
const everytokenFigures = (scenario: Scenario) => {
  const plan = planOf(scenario);
  const { emissions, visibleTokens, reasoningTokens } = plannedTruth(plan, scenario);
  const [first, last] = [emissions[0], emissions.at(-1)];
  if (!first || !last) throw new Error('a plan has text');
  const figures = figuresOf(
    { t0: 0, t1: first.at, tO: first.at, tL: last.at, tE: idealReading(plan).endMs },
    {
      prompt_tokens: 9,
      cached_tokens: null,
      completion_tokens: visibleTokens + reasoningTokens,
      reasoning_tokens: reasoningTokens,
    },
    emissions.map(({ at }) => ({ t_ms: at, text: 'x', tokens: null })),
    { startedAt: '2026-11-29T00:00:00.000Z', connectMs: 0, coldStart: false, readDelays: null },
  );
  return { ...figures, perToken: (figures.seconds_per_token ?? 0) * 1000 };
};

const planOf = (scenario: Scenario) =>
  planStream(scenario, { tokens: 24, rate: 100, seed: 1, id: 'chatcmpl-1' });

const toolsOf = (scenario: Scenario) => {
  const reading = idealReading(planOf(scenario));
  return {
    own: everytokenFigures(scenario),
    vllm: vllmFigures(reading),
    guidellm: guidellmFigures(reading),
    aiperf: aiperfFigures(reading),
    llmperf: llmperfFigures(withoutUsageEvent(reading)),
  };
};

const meanGap = ({ gaps }: ToolFigures): number =>
  (gaps ?? []).reduce((sum, { ms }) => sum + ms, 0) / (gaps?.length ?? 0);

const FIGURES: Record<string, (tools: ReturnType<typeof toolsOf>) => number | null> = {
  '**Time to first token**, `ttft_ms`': ({ own }) => own.ttft_ms,
  'vLLM, TTFT': ({ vllm }) => vllm.ttftMs,
  'guidellm, TTFT': ({ guidellm }) => guidellm.ttftMs,
  'AIPerf, TTFT': ({ aiperf }) => aiperf.ttftMs,
  'llmperf, TTFT': ({ llmperf }) => llmperf.ttftMs,
  '**Time per token**, `tpot_ms`': ({ own }) => own.tpot_ms,
  'vLLM, TPOT': ({ vllm }) => vllm.tpotMs,
  'guidellm, TPOT': ({ guidellm }) => guidellm.tpotMs,
  'guidellm, ITL': ({ guidellm }) => guidellm.itlMs,
  'llmperf, inter-token latency': ({ llmperf }) => llmperf.tpotMs,
  'tutorials, 1000 x `seconds_per_token`': ({ own }) => own.perToken,
  '**Gaps between chunks**, mean of `chunk_gaps_ms`': ({ own }) => own.chunk_gaps_ms.mean,
  'vLLM, mean ITL': ({ vllm }) => meanGap(vllm),
  'AIPerf, mean ICL': ({ aiperf }) => meanGap(aiperf),
  '**Total time**, `e2e_ms`': ({ own }) => own.e2e_ms,
  'vLLM, E2EL': ({ vllm }) => vllm.e2eMs,
  'AIPerf, request latency': ({ aiperf }) => aiperf.e2eMs,
  'llmperf, end-to-end latency': ({ llmperf }) => llmperf.e2eMs,
};

const cellOf = (ms: number | null): string => (ms === null ? 'fails' : String(Number(ms.toFixed(1))));

test("docs/metrics.md shows each tool's figure of each stream, by its formula", () => {
  const tools = scenarios.map(toolsOf);
  const expected = Object.entries(FIGURES).map(([name, figure]) => [
    name,
    ...tools.map((of) => cellOf(figure(of))),
  ]);
  expect(rows.slice(1)).toEqual(expected);
});

test("everytoken's own rows there are the truth of the streams", () => {
  for (const scenario of scenarios) {
    const { ttft_ms: ttftMs, tpot_ms: tpotMs } = everytokenFigures(scenario);
    const reported = { row: 'everytoken' as const, key: 0, t0: 0, ttftMs, tpotMs, arrivals: null };
    const truth = plannedTruth(planOf(scenario), scenario);
    const errors = streamErrors({ ...reported, everyGapMs: null, text: truth.text }, truth);
    const [ttft, tpot] = [Number(errors.ttft), Number(errors.tpot)];
    expect(
      [ttft, tpot].map((error) => error.toFixed(9)),
      scenario,
    ).toEqual(['0.000000000', '0.000000000']);
    expect(errors.textDiffers, scenario).toBe(false);
  }
});
