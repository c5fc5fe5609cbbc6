import type { Clock } from '../../async/clock.ts';
import type { RunListener } from '../../lifecycle/outputs.ts';
import type { Started } from '../../lifecycle/start.ts';
import { errorFields, type Log } from '../../observe/log.ts';
import { isAnswered } from '../../runs/run.ts';
import { fitRun, type RunView } from '../../runs/view.ts';
import {
  type EventStream,
  encodeEvent,
  type LateEvent,
  makeEventStream,
  withLateField,
} from '../event-stream.ts';
import { type Problem, problemOf } from '../problem.ts';
import { overflowOf, runProblem, waitTimeout } from './problems.ts';

/** Relays a run to a client as server-sent events, from `run.created` to `run.completed` or `error`. */
export type RunRelay = {
  listener: RunListener;
  /** Starts the stream with `run.created`, followed by any earlier events of the run. */
  begin(run: RunView): ReadableStream<Uint8Array>;
  complete(run: RunView): void;
  fail(problem: Problem): void;
};

export type RelayLimits = {
  /** Buffer size for a slow client. */
  maxUnsentBytes: number;
  /** Interval of keep-alive comments, in ms. */
  commentMs: number;
};

/**
 * The relay of one run. `sent_ms` of a chunk is the instant at which it is handed to the response, which a slow client
 * makes later than `t_ms`; both count from t0. Events before `begin` are buffered, since the model may answer before the run is accepted.
 * Reasoning is not relayed, and arguments of calls of tools have events of their own, so the joined texts of an index
 * are exactly its output.
 */
export const makeRunRelay = (limits: RelayLimits, clock: Clock): RunRelay => {
  let stream: EventStream | undefined;
  const early: (Uint8Array | LateEvent)[] = [];
  const queue = (event: Uint8Array | LateEvent) => {
    if (stream) stream.send(event);
    else early.push(event);
  };
  const emit = (name: string, data: unknown) => queue(encodeEvent(name, data));
  const emitChunk = (name: string, data: object, t0: number) =>
    queue(withLateField(name, data, 'sent_ms', () => clock.monotonic() - t0));

  return {
    listener: {
      onChunk: (index, { kind, call, text, t_ms, tokens }, t0) => {
        if (kind === undefined) emitChunk('generation.token', { index, text, t_ms, tokens }, t0);
        else if (kind === 'tool')
          emitChunk('generation.tool_arguments', { index, call, text, t_ms, tokens }, t0);
      },
      onCall: (index, { type, ...begun }) =>
        emit('generation.tool_call', { index, ...begun, tool_type: type }),
      onRestart: (index, attempt) => emit('generation.restarted', { index, attempt }),
      onGeneration: (generation) => emit('generation.completed', generation),
    },
    begin: (run) => {
      const begun = makeEventStream({
        ...limits,
        overflow: () => encodeEvent('error', overflowOf(run)),
      });
      begun.send(encodeEvent('run.created', fitRun(run)));
      for (const event of early.splice(0)) begun.send(event);
      stream = begun;
      return begun.body;
    },
    complete: (run) => stream?.end(encodeEvent('run.completed', fitRun(run))),
    fail: (problem) => stream?.end(encodeEvent('error', problem)),
  };
};

/** Streams a run that has ended: `run.created`, `generation.completed` for each generation, `run.completed`. */
export const replayRun = (run: RunView): ReadableStream<Uint8Array> => ReadableStream.from(replayEvents(run));

function* replayEvents(run: RunView): Generator<Uint8Array> {
  yield encodeEvent('run.created', fitRun(run));
  for (const generation of run.generations) yield encodeEvent('generation.completed', generation);
  yield encodeEvent('run.completed', fitRun(run));
}

/** Ends a relay's stream when its run ends. `problemOfEnd` says why an ended run cannot be shown. */
export const followRun = (
  { run, done }: Extract<Started, { kind: 'started' }>,
  relay: Pick<RunRelay, 'complete' | 'fail'>,
  { clock, log, problemOfEnd = runProblem }: { clock: Clock; log: Log; problemOfEnd?: typeof runProblem },
): void => {
  const relayEnd = (ended: RunView) => {
    // `done` without an answer: this process ran out of time and put the run back, so it goes on elsewhere.
    if (!isAnswered(ended)) return relay.fail(waitTimeout(run));
    const failure = problemOfEnd(ended, clock.now());
    return failure ? relay.fail(failure.problem) : relay.complete(ended);
  };
  done.then(relayEnd).catch((error: unknown) => {
    const { problem } = problemOf(error);
    if (problem.status >= 500) log.error('http.failed', { run_id: run.id, ...errorFields(error) });
    relay.fail(problem);
  });
};
