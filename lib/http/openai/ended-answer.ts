import type { Clock } from '../../async/clock.ts';
import type { RunListener } from '../../lifecycle/outputs.ts';
import type { TraceChunk } from '../../runs/generation.ts';
import { isAnswered } from '../../runs/run.ts';
import type { RunView } from '../../runs/view.ts';
import type { ProblemAnswer } from '../problem.ts';
import { notStored, outputProblem, waitTimeout } from '../runs/problems.ts';
import { openaiErrorResponse } from './openai-error.ts';

/** The chunks of each generation by its index. */
export type Traces = TraceChunk[][];

/** Collects the chunks of each final attempt: a restart discards the earlier ones. */
export const collectInto = (
  traces: Traces,
  { kinds }: { kinds: readonly TraceChunk['kind'][] } = { kinds: [undefined, 'refusal'] },
): RunListener => ({
  onChunk: (index, chunk) => {
    if (!kinds.includes(chunk.kind)) return;
    traces[index] ??= [];
    traces[index].push(chunk);
  },
  onRestart: (index) => {
    traces[index] = [];
  },
  onGeneration: () => {},
});

/**
 * The error response of a run that has not ended, or lacks an output; undefined for one that has them all. `path` is
 * where the run is read later; `pathOf` as of `openaiErrorResponse`.
 */
export const refusalOf = (
  run: RunView,
  path: string,
  { clock, pathOf }: { clock: Clock; pathOf?: ((path: string) => string) | undefined },
): Response | undefined => {
  if (!isAnswered(run)) return refuse({ problem: waitTimeout(run), headers: {} }, path);
  const failure = outputProblem(run, clock.now()) ?? notStored(run);
  return failure && openaiErrorResponse(failure, pathOf);
};

/** The error response of a run that goes on, with the path where it is read later. */
export const refuse = ({ problem, headers }: ProblemAnswer, path: string): Response =>
  openaiErrorResponse({ problem, headers: { ...headers, location: path } });
