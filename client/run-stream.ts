import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Generation, Problem, ProblemCode, Run, ToolCall } from './api-types.ts';
import { textOf } from './body-text.ts';
import { ApiError, ConnectionError } from './errors.ts';

/** An event of a streamed run. `run.created` is the first, `run.completed` the last. */
export type RunEvent =
  | { type: 'run.created'; run: Run }
  /**
   * A chunk of an output; `tokens` is null when not known. `t_ms` and `sent_ms` are milliseconds after the request to the
   * model: when the chunk came to the service, and when that handed it to its response.
   */
  | {
      type: 'generation.token';
      index: number;
      text: string;
      t_ms: number;
      tokens: number | null;
      sent_ms: number;
    }
  /** A call of a tool begins, the one at `call` in the output's `tool_calls`; again if its name comes later. */
  | {
      type: 'generation.tool_call';
      index: number;
      call: number;
      id: string;
      name: string;
      tool_type: ToolCall['type'];
    }
  /** A chunk of the arguments of a call, or of the input of a custom tool. */
  | {
      type: 'generation.tool_arguments';
      index: number;
      call: number;
      text: string;
      t_ms: number;
      tokens: number | null;
      sent_ms: number;
    }
  /** The model is asked again: the text of this output so far is void. */
  | { type: 'generation.restarted'; index: number; attempt: number }
  | { type: 'generation.completed'; generation: Generation }
  | { type: 'run.completed'; run: Run };

/** The events of a run, read once by `for await`; leaving the loop ends the connection, not the run. */
export type RunStream = AsyncIterable<RunEvent> & {
  /** Ends the connection. A loop over the events throws an AbortError. The run goes on; `runs.cancel` stops it. */
  abort(): void;
  /**
   * The finished run. Reads the stream if no loop does, else resolves when the loop has ended; after a broken connection
   * or a loop that was left, it waits for the run.
   *
   * @throws {ApiError} the run failed.
   */
  finalRun(): Promise<Run>;
  /** The run's id, once `run.created` has arrived. */
  readonly runId: string | undefined;
};

/** A comment comes every 15 s, so that longer silence is a dead connection. */
const SILENCE_MS = 60_000;

/** Problems of the stream, not of the run. */
const RUN_GOES_ON: string[] = ['relay_overflow', 'wait_timeout'] satisfies ProblemCode[];

type End = { run: Run } | { error: unknown } | { isLeft: true };

/** `open` sends the request, whose answer may also be a run that is generated elsewhere; `wait` waits for a run. */
export const streamRun = (
  open: (signal: AbortSignal) => Promise<Response>,
  wait: (id: string, signal: AbortSignal) => Promise<Run>,
  outer?: AbortSignal,
): RunStream => {
  const aborter = new AbortController();
  const { signal } = aborter;
  const follow = (): void => aborter.abort(outer?.reason);
  if (outer?.aborted) follow();
  outer?.addEventListener('abort', follow, { once: true });

  let isRead = false;
  let runId: string | undefined;
  let settle: (end: End) => void = () => {};
  const ended = new Promise<End>((resolve) => {
    settle = resolve;
  });

  async function* events(): AsyncGenerator<RunEvent, void, undefined> {
    let end: End = { isLeft: true };
    try {
      for await (const event of eventsOf(await opened(), signal)) {
        if (event.type === 'run.created') runId = event.run.id;
        if (event.type === 'run.completed') end = { run: event.run };
        yield event;
      }
      if (!('run' in end)) throw new ConnectionError('the stream ended before the run did');
    } catch (cause) {
      const error = signal.aborted ? signal.reason : cause;
      const named =
        error instanceof ConnectionError
          ? new ConnectionError(error.message, { cause: error, runId })
          : error;
      end = { error: named };
      throw named;
    } finally {
      outer?.removeEventListener('abort', follow);
      settle(end);
    }
  }

  const opened = async (): Promise<Response> => {
    for (;;) {
      signal.throwIfAborted();
      const response = await open(signal);
      if (response.headers.get('content-type')?.startsWith('text/event-stream')) return response;
      // Another request of the same key has queued the run; its end can be had as a stream.
      const run = (await response.json()) as Run;
      runId = run.id;
      await wait(run.id, signal);
    }
  };

  return {
    abort: () => aborter.abort(),
    get runId() {
      return runId;
    },
    [Symbol.asyncIterator]: () => {
      if (isRead) throw new Error('the events of a run can be read only once');
      isRead = true;
      return events();
    },
    finalRun: async () => {
      if (!isRead) {
        isRead = true;
        try {
          for await (const _ of events());
        } catch {
          // It is the end that is read next.
        }
      }
      const end = await ended;
      if ('run' in end) return end.run;
      if (goesOn(end) && runId !== undefined) return await wait(runId, signal);
      throw 'error' in end ? end.error : new Error('the stream was left before its run was created');
    },
  };
};

/** Whether the run goes on after this end of its stream. */
const goesOn = (end: { error: unknown } | { isLeft: true }): boolean =>
  'isLeft' in end ||
  end.error instanceof ConnectionError ||
  (end.error instanceof ApiError && RUN_GOES_ON.includes(end.error.code));

async function* eventsOf(response: Response, signal: AbortSignal): AsyncGenerator<RunEvent, void, undefined> {
  const arrived: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => void arrived.push(message) });
  for await (const text of textOf(response, SILENCE_MS, signal)) {
    parser.feed(text);
    for (const { event, data } of arrived.splice(0)) {
      const parsed = eventOf(event, data);
      if (parsed) yield parsed;
    }
  }
}

/** An event of a name that this version does not know is left out. @throws {ApiError} at the event `error`. */
const eventOf = (name: string | undefined, data: string): RunEvent | undefined => {
  switch (name) {
    case 'run.created':
    case 'run.completed':
      return { type: name, run: JSON.parse(data) as Run };
    case 'generation.token':
    case 'generation.tool_call':
    case 'generation.tool_arguments':
    case 'generation.restarted':
      return { ...JSON.parse(data), type: name } as RunEvent;
    case 'generation.completed':
      return { type: name, generation: JSON.parse(data) as Generation };
    case 'error':
      throw new ApiError(JSON.parse(data) as Problem);
    default:
      return undefined;
  }
};
