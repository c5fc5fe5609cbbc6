import type { Clock } from '../../async/clock.ts';
import { within } from '../../async/within.ts';
import type { RunListener } from '../../lifecycle/outputs.ts';
import type { Started } from '../../lifecycle/start.ts';
import type { TraceChunk } from '../../runs/generation.ts';
import { isAnswered } from '../../runs/run.ts';
import type { RunView } from '../../runs/view.ts';
import { EVENT_STREAM_HEADERS } from '../event-stream.ts';
import type { ProblemAnswer } from '../problem.ts';
import { notStored, outputProblem, waitTimeout } from '../runs/problems.ts';
import { followRun, type RunRelay } from '../runs/relay.ts';
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

/** A relay that tells when it has something to relay. */
export type AnswerRelay = RunRelay & {
  /** Resolves at the first output to relay. */
  hasOutput: Promise<undefined>;
};

type StreamDeps = Parameters<typeof followRun>[2] & {
  /** How long a stream waits for its first output, in ms, so that an earlier failure gets its own status. */
  holdMs?: number;
};

/** Streams a run from its first output on, or after `holdMs` without one. `path` and `pathOf` as of `refusalOf`. */
export const streamedAnswer = async (
  started: Extract<Started, { kind: 'started' }>,
  relay: AnswerRelay,
  { path, pathOf, ...deps }: StreamDeps & { path: string; pathOf?: ((path: string) => string) | undefined },
): Promise<Response> => {
  const { holdMs = 15_000 } = deps;
  const ended = await within(holdMs, Promise.race([started.done, relay.hasOutput]));
  const refusal = ended && refusalOf(ended, path, { clock: deps.clock, pathOf });
  if (refusal) return refusal;
  const body = relay.begin(started.run);
  followRun(started, relay, { ...deps, problemOfEnd: outputProblem });
  return new Response(body, { headers: EVENT_STREAM_HEADERS });
};

/** The error response of a run that goes on, with the path where it is read later. */
export const refuse = ({ problem, headers }: ProblemAnswer, path: string): Response =>
  openaiErrorResponse({ problem, headers: { ...headers, location: path } });
