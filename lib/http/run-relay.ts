import type { RunListener } from '../lifecycle/outputs.ts';
import type { RunView } from '../runs/view.ts';
import { type EventStream, encodeEvent, makeEventStream } from './event-stream.ts';
import { makeProblem, type Problem } from './problem.ts';

/** Relays a run to a client as server-sent events, from `run.created` to `run.completed` or `error`. */
export type RunRelay = {
  listener: RunListener;
  /** Starts the stream with `run.created`, before whatever the run has told already. */
  begin(run: RunView): ReadableStream<Uint8Array>;
  complete(run: RunView): void;
  fail(problem: Problem): void;
};

export type RelayLimits = {
  /** What a stream keeps for a client that reads slowly. */
  maxUnsentBytes: number;
  commentMs: number;
};

/**
 * The relay of one run. The model may be faster than the write that accepts the run, so what is told before `begin`
 * is kept. Reasoning and tool chunks are not relayed: the texts of an index, joined, are the output.
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

/** What ends a stream whose reader is too slow for what is kept for it. */
export const overflowOf = ({ id }: RunView): Problem =>
  makeProblem(
    'relay_overflow',
    `the stream was read too slowly; run ${id} goes on, read it when it has ended`,
  );

/** The stream of a run that has ended before: created, completed for each generation, completed. */
export const replayRun = (run: RunView): ReadableStream<Uint8Array> => ReadableStream.from(replayEvents(run));

function* replayEvents(run: RunView): Generator<Uint8Array> {
  yield encodeEvent('run.created', run);
  for (const generation of run.generations) yield encodeEvent('generation.completed', generation);
  yield encodeEvent('run.completed', run);
}
