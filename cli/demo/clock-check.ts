import type { Everytoken, Run, Trace } from '../../client/index.ts';
import { percentile } from '../../lib/timing/spread.ts';
import type { Emissions, Write } from '../../local/openai/emissions.ts';
import type { StackFile } from '../../local/stack-file.ts';
import { CommandError } from '../command.ts';
import { milliseconds } from '../terminal/units.ts';

/** The reported trace of a generation and the times of its server's writes, both on the machine's monotonic clock. */
type TracedWrites = { label: string; trace: Trace; writes: Write[] };

/** Reads each generation's trace from the API, and its writes from the local model server. */
export const readClocks = (
  client: Pick<Everytoken, 'runs'>,
  { openai, credentials }: Pick<StackFile, 'openai' | 'credentials'>,
  run: Run,
): Promise<TracedWrites[]> =>
  Promise.all(
    run.generations.map(async ({ index, label }) => {
      const trace = await client.runs.trace(run.id, index);
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

/** The verdict, and the figures that it rests on. */
export const clockCheckTexts = (check: ClockCheck | string): string[] => {
  if (typeof check === 'string') return [`not possible: ${check}`];
  const figures = `median ${milliseconds(check.medianMs, 1)}, worst ${milliseconds(check.worstMs, 1)}`;
  return [verdictOn(check), `${check.tokens} tokens, reported against emitted: ${figures}`];
};

/**
 * Bounds of the verdict, in ms (docs/metrics.md): 5 ms are less than half of the time between two tokens at the demo's
 * pace. Clocks are read to the millisecond or better, so that a token may seem to be early by less than one.
 */
const BOUNDS_MS = { agrees: 5, early: -1 };

const verdictOn = ({ medianMs, worstMs }: ClockCheck): string => {
  if (worstMs < BOUNDS_MS.early) return 'wrong: a token was reported before it was emitted';
  if (worstMs <= BOUNDS_MS.agrees) return `agrees: every token within ${BOUNDS_MS.agrees} ms`;
  if (medianMs > BOUNDS_MS.agrees) return 'late: this machine is too busy to time tokens';
  return `agrees but for single tokens, which waited up to ${milliseconds(worstMs)} for this busy machine`;
};
