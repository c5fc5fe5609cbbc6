import type { RunView } from '../runs/run-view.ts';
import type { RunListener } from '../runs/start-run.ts';
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

export type RelayLimits = { maxUnsentBytes: number; commentMs: number };

/**
 * The relay of one run. The model may be faster than the write that accepts the run, so what is told before `begin`
 * is kept. Reasoning and tool chunks are not relayed: the texts of an index, joined, are the output.
 */
export const makeRunRelay = (limits: RelayLimits): RunRelay => {
  let stream: EventStream | undefined;
  const early: [name: string, data: unknown][] = [];
  const tell = (name: string, data: unknown) => (stream ? stream.send(name, data) : early.push([name, data]));

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
        overflow: () =>
          makeProblem(
            'relay_overflow',
            `the stream was read too slowly; run ${run.id} goes on, read it when it has ended`,
          ),
      });
      begun.send('run.created', run);
      for (const [name, data] of early.splice(0)) begun.send(name, data);
      stream = begun;
      return begun.body;
    },
    complete: (run) => stream?.end('run.completed', run),
    fail: (problem) => stream?.end('error', problem),
  };
};

/** The stream of a run that has ended before: created, completed for each generation, completed. */
export const replayRun = (run: RunView): ReadableStream<Uint8Array> => ReadableStream.from(replayEvents(run));

function* replayEvents(run: RunView): Generator<Uint8Array> {
  yield encodeEvent('run.created', run);
  for (const generation of run.generations) yield encodeEvent('generation.completed', generation);
  yield encodeEvent('run.completed', run);
}
