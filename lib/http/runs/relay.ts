import type { Clock } from '../../async/clock.ts';
import type { RunListener } from '../../lifecycle/outputs.ts';
import type { Started } from '../../lifecycle/start.ts';
import { errorFields, type Log } from '../../observe/log.ts';
import { isAnswered } from '../../runs/run.ts';
import type { RunView } from '../../runs/view.ts';
import { type EventStream, encodeEvent, makeEventStream } from '../event-stream.ts';
import { type Problem, problemOf } from '../problem.ts';
import { goesOn, overflowOf, runProblem } from './problems.ts';

/** Relays a run to a client as server-sent events, from `run.created` to `run.completed` or `error`. */
export type RunRelay = {
  listener: RunListener;
  /** Starts the stream with `run.created`, before whatever the run has told already. */
  begin(run: RunView): ReadableStream<Uint8Array>;
  complete(run: RunView): void;
  fail(problem: Problem): void;
};

export type RelayLimits = {
  /** Size of the buffer for a client that reads slowly. */
  maxUnsentBytes: number;
  commentMs: number;
};

/**
 * The relay of one run. The model may be faster than the write that accepts the run, so events from before `begin`
 * are kept. Reasoning and tool chunks are not relayed: the texts of an index, joined, are the output.
 */
export const makeRunRelay = (limits: RelayLimits): RunRelay => {
  let stream: EventStream | undefined;
  const early: Uint8Array[] = [];
  const tell = (name: string, data: unknown) => {
    const event = encodeEvent(name, data);
    if (stream) stream.send(event);
    else early.push(event);
  };

  return {
    listener: {
      onChunk: (index, { kind, text, t_ms, tokens }) => {
        if (kind === undefined) tell('generation.token', { index, text, t_ms, tokens });
      },
      onRestart: (index, attempt) => tell('generation.restarted', { index, attempt }),
      onGeneration: (generation) => tell('generation.completed', generation),
    },
    begin: (run) => {
      const begun = makeEventStream({
        ...limits,
        overflow: () => encodeEvent('error', overflowOf(run)),
      });
      begun.send(encodeEvent('run.created', run));
      for (const event of early.splice(0)) begun.send(event);
      stream = begun;
      return begun.body;
    },
    complete: (run) => stream?.end(encodeEvent('run.completed', run)),
    fail: (problem) => stream?.end(encodeEvent('error', problem)),
  };
};

/** The stream of a run that has ended before: created, completed for each generation, completed. */
export const replayRun = (run: RunView): ReadableStream<Uint8Array> => ReadableStream.from(replayEvents(run));

function* replayEvents(run: RunView): Generator<Uint8Array> {
  yield encodeEvent('run.created', run);
  for (const generation of run.generations) yield encodeEvent('generation.completed', generation);
  yield encodeEvent('run.completed', run);
}

/** Tells a relay how the run of its stream ends. */
export const followRun = (
  { run, done }: Extract<Started, { kind: 'started' }>,
  relay: Pick<RunRelay, 'complete' | 'fail'>,
  { clock, log }: { clock: Clock; log: Log },
): void => {
  const tellEnd = (ended: RunView) => {
    // Not answered though done: the process ran out of time and gave the run back, so it goes on elsewhere.
    if (!isAnswered(ended)) return relay.fail(goesOn(run));
    const failure = runProblem(ended, clock.now());
    return failure ? relay.fail(failure.problem) : relay.complete(ended);
  };
  done.then(tellEnd).catch((error: unknown) => {
    const { problem } = problemOf(error);
    if (problem.status >= 500) log.error('http.failed', { run_id: run.id, ...errorFields(error) });
    relay.fail(problem);
  });
};
