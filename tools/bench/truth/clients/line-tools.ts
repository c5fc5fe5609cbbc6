import { monotonicMs } from '../../../../local/openai/pace.ts';
import type { MakeClient, Reported, Row } from '../reported.ts';
import {
  aiperfFigures,
  guidellmFigures,
  llmperfFigures,
  type ToolFigures,
  vllmFigures,
} from './line-formulas.ts';
import { makeLineReader, type TimedLine, withoutUsageEvent } from './timed-lines.ts';

/**
 * The formulas of benchmark tools, all on one plain reading of the stream by lines, so that their rows differ by
 * definition alone. The tools themselves are programs in Python with readers of their own.
 */
export const makeClient: MakeClient =
  (baseURL) =>
  async ({ scenario, key }) => {
    const lines: TimedLine[] = [];
    const readLines = makeLineReader();
    const t0 = monotonicMs();
    const start = performance.now();
    const response = await fetch(`${baseURL}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
      body: JSON.stringify({
        model: scenario,
        messages: [{ role: 'user', content: String(key) }],
        max_completion_tokens: 1024,
        stream: true,
        stream_options: { include_usage: true },
      }),
    });
    if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
    for await (const part of response.body) lines.push(...readLines(part, performance.now() - start));
    const reading = { lines, endMs: performance.now() - start };
    const reportedBy = (row: Row, { ttftMs, tpotMs, gaps, text }: ToolFigures): Reported => ({
      row,
      key,
      t0,
      ttftMs,
      tpotMs,
      arrivals: null,
      everyGapMs: null,
      ownGaps: gaps,
      text,
    });
    return [
      reportedBy('vllm', vllmFigures(reading)),
      reportedBy('guidellm', guidellmFigures(reading)),
      reportedBy('aiperf', aiperfFigures(reading)),
      reportedBy('llmperf', llmperfFigures(withoutUsageEvent(reading))),
    ];
  };
