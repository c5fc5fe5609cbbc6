import type { Trace } from '../../lib/runs/generation.ts';
import type { RunView } from '../../lib/runs/view.ts';
import { percentile } from '../../lib/timing/spread.ts';
import type { Emissions, Write } from '../../local/openai/emissions.ts';
import type { StackFile } from '../../local/stack-file.ts';
import { CommandError } from '../command.ts';
import { milliseconds } from '../terminal/units.ts';
import type { ApiClient } from './client.ts';

/** The reported trace of a generation and the times of its server's writes, both on the machine's monotonic clock. */
type TracedWrites = { label: string; trace: Trace; writes: Write[] };

/** Reads each generation's trace from the API, and its writes from the local model server. */
export const readClocks = (
  client: ApiClient,
  { openai, credentials }: Pick<StackFile, 'openai' | 'credentials'>,
  run: RunView,
): Promise<TracedWrites[]> =>
  Promise.all(
    run.generations.map(async ({ index, label }) => {
      const trace = await client.get<Trace>(`/runs/${run.id}/generations/${index}/trace`);
      const answer = await fetch(new URL(`/emissions/${trace.marks.completion_id}`, openai), {
        headers: { authorization: `Bearer ${credentials.openai}` },
      });
      if (!answer.ok)
        throw new CommandError(`the model server has no record of the completion (${answer.status})`);
      const { writes } = (await answer.json()) as Emissions;
      return { label, trace, writes };
    }),
  );

/** Delays from the emission of a chunk to its reported arrival, in ms; `worstMs` is the one farthest from zero. */
type ClockCheck = { tokens: number; medianMs: number; worstMs: number };

/** Compares traces and writes chunk by chunk. Returns a reason instead if they cannot be matched. */
export const compareClocks = (generations: TracedWrites[]): ClockCheck | string => {
  for (const { label, trace, writes } of generations) {
    const arrived = trace.chunks.length;
    if (arrived !== writes.length)
      return `${label}: ${arrived} chunks arrived, ${writes.length} were emitted`;
  }
  const delays = generations.flatMap(({ trace: { marks, chunks }, writes }) =>
    chunks.map(({ t_ms }, at) => marks.t0_monotonic_ms + t_ms - (writes[at]?.t_ms ?? Number.NaN)),
  );
  const sorted = delays.toSorted((a, b) => a - b);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return 'nothing was generated';
  return {
    tokens: generations.reduce(
      (sum, { writes }) => sum + writes.reduce((all, { tokens }) => all + tokens, 0),
      0,
    ),
    medianMs: percentile(sorted, 50) ?? Number.NaN,
    worstMs: Math.abs(first) > Math.abs(last) ? first : last,
  };
};

export const clockCheckText = (check: ClockCheck | string): string =>
  typeof check === 'string'
    ? `not possible: ${check}`
    : `${check.tokens} tokens, reported against emitted: ` +
      `median ${milliseconds(check.medianMs, 1)}, worst ${milliseconds(check.worstMs, 1)}`;
